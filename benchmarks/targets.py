"""What the project is held to, each as a ratio or an amount with its limit.

The limits belong here; where the figures come from is in `results.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.cases import DLT, FLOOR, PANDAS
from benchmarks.results import BUCKET_COLD, BUCKET_UNCHANGED, COLD, UNCHANGED, Results, Sample
from benchmarks.starts import DAGSTER, FEED, LOCATION, REFRESH, medians
from benchmarks.survey import SURVEY
from benchmarks.ten_thousand import PEAK, SECONDS, SIZES, STEPS
from benchmarks.ten_thousand import REFRESH as REFRESH_ALL


@dataclass(frozen=True, slots=True)
class Target:
    """Something that must not exceed `limit`; `value` is None where it was not measured."""

    words: str
    limit: float
    unit: str
    value: float | None

    @property
    def met(self) -> str:
        """Whether it is met, in a word."""
        if self.value is None:
            return "not measured"
        return "yes" if self.value <= self.limit else "no"


def targets(results: Results) -> list[Target]:
    """Every target with what was measured."""

    def ratio(figure: str, case: str, series: str, other_case: str, other: str) -> float | None:
        one, two = results.typical(case, series), results.typical(other_case, other)
        return getattr(one, figure) / getattr(two, figure) if one and two else None

    def amount(read: Callable[[Sample], Any], case: str, *series: str) -> float | None:
        found = [sample for name in series if (sample := results.typical(case, name))]
        return max(float(read(sample)) for sample in found) if found else None

    starts = medians(results.starts)
    location = starts[LOCATION] / starts[DAGSTER] if starts else None
    refresh = starts[REFRESH] / (starts[DAGSTER] + starts[FEED]) if starts else None
    survey = medians(results.surveys).get(SURVEY)
    both = (COLD, UNCHANGED)
    return [
        Target("one: cold, seconds", 2.0, "x floor", ratio("seconds", "one", COLD, "one", FLOOR)),
        Target("one: cold, seconds", 1.0, "x pandas", ratio("seconds", "one", COLD, "one", PANDAS)),
        Target("one: unchanged, seconds", 1.2, "x floor", ratio("seconds", "one", UNCHANGED, "one", FLOOR)),
        Target("twenty: cold, seconds", 1.1, "x floor", ratio("seconds", "twenty", COLD, "twenty", FLOOR)),
        Target("twenty: cold, seconds", 0.6, "x pandas", ratio("seconds", "twenty", COLD, "twenty", PANDAS)),
        Target("twenty: cold, CPU", 0.8, "x dlt", ratio("cpu", "twenty", COLD, "twenty", DLT)),
        Target("twenty: unchanged, seconds", 0.5, "x floor", ratio("seconds", "twenty", UNCHANGED, "twenty", FLOOR)),
        Target("twenty: requests at once", 16, "in all", amount(lambda it: it.at_once, "twenty", *both)),
        Target(
            "twenty: requests at once", 4, "of one account", amount(lambda it: it.at_once_per_account, "twenty", *both)
        ),
        Target("bucket: cold, seconds", 1.5, "x folder", ratio("seconds", "bucket", BUCKET_COLD, "bucket", COLD)),
        Target(
            "bucket: unchanged, seconds",
            1.3,
            "x folder",
            ratio("seconds", "bucket", BUCKET_UNCHANGED, "bucket", UNCHANGED),
        ),
        Target("bucket: survey of 1,000 conferences", 3.0, "s", survey),
        Target("large: cold, seconds", 1.7, "x floor", ratio("seconds", "large", COLD, "large", FLOOR)),
        Target("large: cold, CPU", 1.7, "x floor", ratio("cpu", "large", COLD, "large", FLOOR)),
        Target("large: cold, peak memory", 0.8, "x pandas", ratio("peak_mib", "large", COLD, "large", PANDAS)),
        Target("memory: cold, peak memory", 1.5, "x large", ratio("peak_mib", "memory", COLD, "large", COLD)),
        Target("thousand: cold", 300, "s", amount(lambda it: it.seconds, "thousand", COLD)),
        Target("thousand: unchanged", 75, "s", amount(lambda it: it.seconds, "thousand", UNCHANGED)),
        Target(
            "thousand: growth of storage, unchanged",
            1.0,
            "MB",
            amount(lambda it: it.storage_bytes / 1e6, "thousand", UNCHANGED),
        ),
        *_sizes(results),
        Target("code location", 1.15, "x import dagster", location),
        Target("planion refresh, unchanged", 1.3, "x (import dagster + walk)", refresh),
    ]


def _sizes(results: Results) -> list[Target]:
    """That ten times as many conferences take ten times as long at most, and a refresh hardly more memory."""
    few, many = map(str, SIZES)

    def times(step: str, figure: str) -> float | None:
        found = results.sizes.get(step)
        return found[many][figure] / found[few][figure] if found else None

    return [
        *(Target(f"ten-thousand: {step}, seconds", 10, "x 1,000", times(step, SECONDS)) for step in STEPS),
        Target("ten-thousand: peak memory of a refresh", 1.5, "x 1,000", times(REFRESH_ALL, PEAK)),
    ]
