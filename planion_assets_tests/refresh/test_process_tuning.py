"""What a refresh sets for the whole process is as before when it ends, however it ends."""

import gc
import os
import subprocess
import sys

import pyarrow as pa
import pytest

from planion_assets.refresh.process_tuning import frugal


def test_the_collector_and_arrows_memory_are_as_before_also_after_an_error() -> None:
    before = gc.get_threshold(), pa.default_memory_pool().backend_name
    with frugal():
        assert gc.get_threshold()[0] >= 100_000
        assert pa.default_memory_pool().backend_name == "system"
    assert (gc.get_threshold(), pa.default_memory_pool().backend_name) == before
    with pytest.raises(KeyError), frugal():
        raise KeyError
    assert (gc.get_threshold(), pa.default_memory_pool().backend_name) == before


def test_a_collector_that_looks_more_rarely_still_is_left_alone() -> None:
    before = gc.get_threshold()
    gc.set_threshold(500_000, 5, 5)
    try:
        with frugal():
            assert gc.get_threshold() == (500_000, 5, 5)
        assert gc.get_threshold() == (500_000, 5, 5)
    finally:
        gc.set_threshold(*before)


def test_of_two_at_once_the_last_to_leave_puts_everything_back() -> None:
    before = gc.get_threshold(), pa.default_memory_pool().backend_name
    one, other = frugal(), frugal()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert gc.get_threshold()[0] >= 100_000
    assert pa.default_memory_pool().backend_name == "system"
    other.__exit__(None, None, None)
    assert (gc.get_threshold(), pa.default_memory_pool().backend_name) == before


@pytest.mark.parametrize("chosen", ["", next(name for name in pa.supported_memory_backends() if name != "system")])
def test_a_refresh_has_arrow_allocate_from_the_system_unless_told_otherwise(chosen: str) -> None:
    code = "import planion_assets.cli.refresh, pyarrow as pa; print(pa.default_memory_pool().backend_name)"
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    environment |= {"ARROW_DEFAULT_MEMORY_POOL": chosen} if chosen else {}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == (chosen or "system")
