"""The stored tables, made once per test process, and one Spark session."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from planion_assets_tests.readers.java import java_problem
from planion_assets_tests.readers.stored import Stored, store_everything

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# One small JVM: what is compiled and started for a server would cost more than it saves here.
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@pytest.fixture(scope="session")
def stored_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the tables are stored below, in `data`."""
    return tmp_path_factory.mktemp("readers")


@pytest.fixture(scope="session")
def stored(stored_in: Path) -> dict[str, Stored]:
    """Every table of the catalog and the awkward values, by name."""
    return store_everything(stored_in)


@pytest.fixture(scope="session")
def spark(stored_in: Path) -> "Iterator[SparkSession]":
    """A Spark session whose working directory is `stored_in`; skips where there is no Java."""
    if problem := java_problem():
        pytest.skip(problem)
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        # Another Spark of this machine is not the one under test. What else Spark writes goes with the folder.
        for name in ("SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS"):
            patch.delenv(name, raising=False)
        patch.chdir(stored_in)
        builder = SparkSession.builder.master("local[1]")
        for name, value in _SETTINGS.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        logging.getLogger("py4j").setLevel(logging.ERROR)
        yield session
        session.stop()
