"""What a project of 0.1 imports is found until 0.3, and says where it is."""

import importlib
import sys

import pytest

from planion_assets.version import __version__

MOVED = {
    "planion_assets.partitions": ("planion_assets.defs.partitions", "conferences"),
    "planion_assets.automation.conditions": ("planion_assets.defs.automation.conditions", "on_changed_conference"),
}


@pytest.mark.parametrize("name", MOVED)
def test_a_moved_name_is_the_same_object_and_warns(name: str) -> None:
    place, attribute = MOVED[name]
    sys.modules.pop(name, None)
    with pytest.warns(FutureWarning, match=f"{name} is removed in 0.3: import {place}$") as warned:
        moved = importlib.import_module(name)
    assert getattr(moved, attribute) is getattr(importlib.import_module(place), attribute)
    assert [warning.filename for warning in warned] == [importlib.__file__]


def test_no_moved_name_outlives_its_release() -> None:
    major, minor = (int(part) for part in __version__.split(".")[:2])
    assert (major, minor) < (0, 3), "remove the modules of MOVED, and this file"
