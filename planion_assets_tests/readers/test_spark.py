"""Spark, which reads the tables on Java in a process of its own (`make test-spark`).

Its calendar is Python's for all years from 1 to 9999, its TIMESTAMP an instant and its TIMESTAMP_NTZ a time without a
zone: nothing has to be set to read what is stored.
"""

import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from planion_assets.sandbox import CONFERENCES
from planion_assets_tests.readers.answer import Answer, answer, differences
from planion_assets_tests.readers.awkward import VALUES
from planion_assets_tests.readers.readers import ELSEWHERE, SPARK, kinds
from planion_assets_tests.readers.stored import AWKWARD, Stored
from planion_assets_tests.test_examples import SPARK_READERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),  # of which nothing is used here
]


def _frame(spark: "SparkSession", folder: Path) -> "DataFrame":
    spark.conf.set("spark.sql.session.timeZone", ELSEWHERE)
    return spark.read.option("recursiveFileLookup", True).parquet(str(folder))


def _read(spark: "SparkSession", folder: Path) -> Answer:
    frame = _frame(spark, folder)
    return answer(kinds(frame.columns, [kind for _, kind in frame.dtypes], SPARK), frame.toArrow())


def test_spark_gives_the_rows_types_instants_and_nulls_that_are_stored(
    spark: "SparkSession", stored: dict[str, Stored]
) -> None:
    found = {name: differences(table.expected, _read(spark, table.folder)) for name, table in stored.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_spark_itself_reckons_with_the_same_instants_times_and_days(
    spark: "SparkSession", stored: dict[str, Stored]
) -> None:
    frame = _frame(spark, stored[AWKWARD].folder).where("conference = '2018'")
    rows = frame.selectExpr("unix_micros(instant)", "string(local_time)", "string(date)").toArrow()
    instants, local_times, days = (sorted(filter(None, column.to_pylist())) for column in rows.columns)
    expected = stored[AWKWARD].expected.rows
    of_2018 = expected.filter([name == "2018" for name in expected["conference"].to_pylist()])
    assert instants == sorted(filter(None, of_2018["instant"].to_pylist()))
    by_kind = {str(kind): values[1:] for kind, values in VALUES.items()}
    assert local_times == sorted(f"{time}".rjust(19, "0") for time in by_kind["timestamp[us]"])
    assert days == sorted(str(day) for day in by_kind["date32[day]"])


def test_what_the_documents_show_sees_every_conference(
    spark: "SparkSession", stored: dict[str, Stored], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spark.sparkContext.master == "local[1]"
    outputs = []
    for number, code in enumerate(SPARK_READERS):
        program = tmp_path / f"reader{number}.py"
        program.write_text(code, encoding="utf-8")
        runpy.run_path(str(program))
        outputs.append(capsys.readouterr().out)
    with_sessions = set(stored["sessions"].expected.rows["conference"].to_pylist())
    assert {conference for _, conference in CONFERENCES if conference in outputs[0]} == with_sessions
    assert "Accepted" in outputs[1]
    assert len(with_sessions) >= 5
