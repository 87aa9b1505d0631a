"""What was measured, as it is kept in `results.json`: every run, so that medians can be made and doubted.

Values and their file belong here; how they are shown is in `report.py` and `chart.py`.
"""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import BUCKET, DLT, FLOOR, PANDAS

COLD, UNCHANGED = "project, cold", "project, unchanged"
BUCKET_COLD, BUCKET_UNCHANGED = f"{BUCKET}, cold", f"{BUCKET}, unchanged"
SERIES = (FLOOR, COLD, UNCHANGED, BUCKET_COLD, BUCKET_UNCHANGED, DLT, PANDAS)
"""Everything that is measured in a case, in the order in which it is shown."""

_PACKAGES = ("dagster", "pyarrow", "pandas", "requests", "orjson", "dlt")


@dataclass(frozen=True, slots=True)
class Sample:
    """One run, or the median of several.

    `seconds` and `cpu` are the work without the start of the process: the run's step, for the project.
    `process_seconds`, `process_cpu` and `peak_mib` are the whole process's. The server counted `requests`, the most
    under way `at_once`, in all and of one account, and for how long any was, `feed_seconds`.
    `storage_bytes` is the growth of the Dagster instance.
    """

    seconds: float
    cpu: float
    process_seconds: float
    process_cpu: float
    peak_mib: float
    requests: float
    at_once: float
    at_once_per_account: float
    feed_seconds: float
    storage_bytes: float = 0.0


def typical(samples: Sequence[Sample]) -> Sample:
    """The median of each figure."""
    names = [one.name for one in fields(Sample)]
    return Sample(**{name: median(getattr(sample, name) for sample in samples) for name in names})


@dataclass(frozen=True, slots=True)
class Results:
    """All that is known: the machine, runs by case and series, seconds of each start by command and of each survey.

    `sizes` has by step and number of conferences what `benchmarks.ten_thousand` measured.

    A case that is measured again replaces what was known of it.
    """

    machine: str
    cases: dict[str, dict[str, list[Sample]]]
    starts: dict[str, list[float]]
    surveys: dict[str, list[float]]
    sizes: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

    def typical(self, case: str, series: str) -> Sample | None:
        """The medians of a series; None where it was not measured."""
        samples = self.cases.get(case, {}).get(series)
        return typical(samples) if samples else None

    def write(self, path: Path) -> None:
        """Write the JSON file."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Results:
    """What the JSON file holds; nothing where there is none."""
    if not path.exists():
        return Results(machine(), {}, {}, {})
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    cases = {
        case: {series: [Sample(**sample) for sample in samples] for series, samples in found.items()}
        for case, found in content["cases"].items()
    }
    return Results(machine(), cases, content["starts"], content.get("surveys", {}), content.get("sizes", {}))


def machine() -> str:
    """The processor, its cores, Python and the packages that matter, in one line."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    cores = len(os.sched_getaffinity(0))
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return f"{cores} cores of {model or platform.machine()}, Python {platform.python_version()}, {packages}"
