"""What a process keeps anyway is not looked through for garbage, and everything else is."""

import gc

import pytest

from planion_assets.cli.garbage import kept


class Cycle:
    """Garbage that only a search finds."""

    def __init__(self) -> None:
        self.own = self


def test_the_search_goes_on_after_a_failure() -> None:
    searched = True

    def fail() -> None:
        nonlocal searched
        with kept():
            searched = gc.isenabled()
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert (searched, gc.isenabled()) == (False, True)


def test_what_was_made_meanwhile_is_looked_through_no_more() -> None:
    before = gc.get_freeze_count()
    with kept():
        keep = [Cycle() for _ in range(100)]
    assert gc.get_freeze_count() >= before + len(keep)
    made = [Cycle() for _ in range(100)]
    del made
    assert gc.collect() >= 100
