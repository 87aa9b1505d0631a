"""The servers, each started once for all tests; without its program tests are skipped, with CI=true they fail."""

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from planion_assets_tests.servers.azurite import Azurite, azurite, azurite_problem
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.seaweed import Seaweed, seaweed, seaweed_problem

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def s3() -> Iterator[Seaweed]:
    """SeaweedFS."""
    _needed(seaweed_problem())
    with seaweed() as server:
        yield server


@pytest.fixture(scope="session")
def azure() -> Iterator[Azurite]:
    """Azurite."""
    _needed(azurite_problem())
    with azurite() as server:
        yield server


@pytest.fixture
def s3_bucket(s3: Seaweed) -> Bucket:
    """An empty bucket of SeaweedFS."""
    return s3.bucket(f"bucket-{next(_NUMBERS)}")


@pytest.fixture(params=["s3", "azure"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    """An empty bucket of each server."""
    make: Callable[[str], Bucket] = request.getfixturevalue(request.param).bucket
    return make(f"bucket-{next(_NUMBERS)}")


def _needed(problem: str | None) -> None:
    if problem and os.environ.get("CI"):
        pytest.fail(problem)
    if problem:
        pytest.skip(problem)
