"""The command behind `make bench`: run cases, print the tables, keep results, rewrite docs/reference/performance.md.

Imports nothing large: `measure.py` says why.
"""

import argparse
import compileall
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import chart, contest, report, results, starts, survey, ten_thousand
from benchmarks.cases import CASES, CHARTED
from benchmarks.measure import FailedError
from benchmarks.server import ROOT

STARTS, SURVEYS, TEN_THOUSAND = "starts", "survey", "ten-thousand"
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "reference" / "performance.md"
CHART = ROOT / "docs" / "images" / "performance.svg"
# On the disk that the project is on: a temporary folder may be memory.
WORK = ROOT / ".bench"


def main() -> None:
    """Measure what is asked for."""
    asked = _arguments()
    if not Path("/proc/self/stat").exists():
        sys.exit("the bench reads /proc, which only Linux has")
    before = (
        results.read(RESULTS)
        if asked.docs
        else replace(results.read(RESULTS), cases={}, starts={}, surveys={}, sizes={})
    )
    _warm()
    shutil.rmtree(WORK, ignore_errors=True)
    try:
        for name in asked.what or (*CHARTED, STARTS):
            _measure(name, asked, before)
            # After each: what is measured is kept if the next one fails.
            if asked.docs:
                _publish(before)
    except FailedError as error:
        sys.exit(str(error))
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    print(report.report(before))
    if asked.half_core:
        print("\nWith every process held to half a core.")
    if asked.small:
        print("\nOf a tenth of the sessions, run once: it works, and these are no figures to quote.")


def _measure(name: str, asked: argparse.Namespace, known: results.Results) -> None:
    """Measure a case, or the starts, and replace what is known of it."""
    folder = WORK / name
    folder.mkdir(parents=True)
    if name == STARTS:
        found = starts.measured(asked.runs or (1 if asked.small else 5), folder, _say, half_core=asked.half_core)
        known.starts.clear()
        known.starts.update(found)
        return
    if name == SURVEYS:
        found = survey.measured(asked.runs or (1 if asked.small else 5), folder, _say)
        known.surveys.clear()
        known.surveys.update(found)
        return
    if name == TEN_THOUSAND:
        sizes = tuple(count // 100 for count in ten_thousand.SIZES) if asked.small else ten_thousand.SIZES
        compared = ten_thousand.measured(folder, _say, sizes)
        if not asked.small:
            known.sizes.clear()
            known.sizes.update(compared)
        return
    case = CASES[name].smaller(10) if asked.small else CASES[name]
    known.cases[name] = contest.hold(case, asked.runs or case.runs, folder, _say, half_core=asked.half_core)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the project beside others.")
    known = ", ".join((*CASES, STARTS, SURVEYS, TEN_THOUSAND))
    usual = f"memory, thousand and ten-thousand take minutes. Default: {' '.join((*CHARTED, STARTS))}"
    parser.add_argument("what", nargs="*", metavar="CASE", help=f"of {known}; {usual}")
    parser.add_argument("--runs", type=int, help="of each contender, in place of what the case says")
    parser.add_argument("--small", action="store_true", help="a tenth of the sessions, once: to see that it works")
    parser.add_argument("--half-core", action="store_true", help="hold every process that is measured to half a core")
    parser.add_argument("--docs", action="store_true", help=f"keep the results and rewrite {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    unknown = set(asked.what) - {*CASES, STARTS, SURVEYS, TEN_THOUSAND}
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {known}")
    if asked.docs and (asked.small or asked.half_core):
        parser.error("--small and --half-core give no figures for the docs: leave --docs out")
    if asked.half_core and SURVEYS in asked.what:
        parser.error(f"{SURVEYS} is not measured with half a core")
    return asked


def _publish(known: results.Results) -> None:
    known.write(RESULTS)
    report.write(known, PAGE)
    CHART.write_text(chart.chart(known), encoding="utf-8")


def _warm() -> None:
    """Compile our own modules, as those of the packages are, and bring what is imported into the disk's cache."""
    for package in ("planion_assets", "benchmarks"):
        compileall.compile_dir(ROOT / package, quiet=1)
    ours = "planion_assets.refresh.run"
    imports = f"import dagster, dlt.sources.rest_api, orjson, pandas, pyarrow.parquet, requests, {ours}"
    subprocess.run([sys.executable, "-c", imports], cwd=ROOT, check=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
