"""What a command sets for its process: put back when it ends, and never against what a person has chosen."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from planion_assets.process_tuning import rare_collections, tuned

POOL = "ARROW_DEFAULT_MEMORY_POOL"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(POOL, "system")
    yield
    gc.freeze()  # as conftest.py does: else each search for garbage in later tests takes a third of a second


def test_the_collector_is_as_before_also_after_an_error() -> None:
    before = gc.get_threshold()
    with tuned():
        assert gc.get_threshold()[0] >= 100_000
    assert gc.get_threshold() == before
    with pytest.raises(KeyError), tuned():
        raise KeyError
    assert gc.get_threshold() == before


def test_a_collector_that_looks_more_rarely_still_is_left_alone() -> None:
    before = gc.get_threshold()
    gc.set_threshold(500_000, 5, 5)
    try:
        with tuned():
            assert gc.get_threshold() == (500_000, 5, 5)
        assert gc.get_threshold() == (500_000, 5, 5)
    finally:
        gc.set_threshold(*before)


def test_what_a_command_has_made_is_not_looked_through_as_python_ends() -> None:
    before = gc.get_freeze_count()
    with tuned():
        keep: list[list[int]] = [[] for _ in range(100)]
    assert gc.get_freeze_count() >= before + len(keep)


def test_what_is_imported_is_never_looked_through_and_the_collector_is_as_before() -> None:
    gc.unfreeze()
    before = gc.get_threshold()
    with rare_collections():
        assert gc.get_threshold()[0] >= 100_000
        keep: list[list[int]] = [[] for _ in range(100)]
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() > len(keep)
    with pytest.raises(ImportError), rare_collections():
        raise ImportError
    assert gc.get_threshold() == before


def test_a_collector_that_was_off_stays_off_after_imports() -> None:
    gc.disable()
    try:
        with rare_collections(), rare_collections():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_arrow_allocates_as_it_is_told() -> None:
    os.environ[POOL] = "jemalloc"
    with tuned():
        assert os.environ[POOL] == "jemalloc"


def test_a_command_has_arrow_allocate_from_the_system_unless_told_otherwise() -> None:
    code = (
        "import sys\n"
        "from planion_assets.cli.main import tuned\n"
        "with tuned():\n"
        "    assert 'pyarrow' not in sys.modules\n"
        "    import pyarrow\n"
        "    print(pyarrow.default_memory_pool().backend_name)"
    )
    environment = {name: value for name, value in os.environ.items() if name != POOL}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "system"
