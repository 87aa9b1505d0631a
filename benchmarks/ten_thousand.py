"""Whether ten thousand conferences cost ten times what a thousand do: a refresh that finds nothing changed, `planion
status`, both freshness checks, and the page of an asset's partitions in a browser.

The conferences are copies of one (`copies.py`), of twenty sessions each.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from benchmarks import contest, measure
from benchmarks.cases import CASES
from benchmarks.contest import Say
from benchmarks.server import ROOT, serving

SIZES = (1_000, 10_000)
STATUS, CHECKS, PAGE = "planion status", "both freshness checks", "partitions page in a browser"
REFRESH = "planion refresh, unchanged"
STEPS = (STATUS, CHECKS, PAGE, REFRESH)
SECONDS, CPU, PEAK = "seconds", "CPU s", "peak MiB"
_MODULE = "benchmarks.ten_thousand"
_HANGS = 300.0
# The row of the first partition, and the number of all of them.
_LISTS_COUNT = """count => { const text = document.body.innerText;
    return text.includes('B00|C0000') && text.replaceAll(',', '').includes(count); }"""
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

Figures = dict[str, dict[str, dict[str, float]]]
"""By step and number of conferences: seconds, and but for the page CPU seconds and peak memory of the process (MiB)."""


def measured(folder: Path, say: Say, sizes: tuple[int, ...] = SIZES) -> Figures:
    """Measure each step with each number of conferences, once."""
    found: Figures = {step: {} for step in STEPS}
    for count in sizes:
        place = folder / str(count)
        place.mkdir()
        for step, figures in _measure(count, place):
            found[step][str(count)] = figures
            say(
                f"ten-thousand: {count}: {step}: " + ", ".join(f"{name} {value:.1f}" for name, value in figures.items())
            )
        shutil.rmtree(place)
    return found


def _measure(count: int, place: Path) -> Iterator[tuple[str, dict[str, float]]]:
    case = replace(CASES["thousand"], conferences=count, sessions=20)
    one = replace(case, conferences=1, accounts=1)
    with serving(one, alike=True) as server:
        refresh, environment = contest.prepare(one, server, place)
        measure.run(refresh, place, environment)
        refresh, environment = contest.prepare(case, server, place)
        environment |= {"PYTHONPATH": str(ROOT)}
        measure.run([sys.executable, "-m", "benchmarks.copies"], place, environment)
        commands = {STATUS: [refresh[0], "status"], CHECKS: [sys.executable, "-m", _MODULE, "checks"]}
        for step, command in commands.items():
            yield step, _figures(measure.run(command, place, environment))
        with _webserver(place, environment) as origin:
            yield PAGE, {SECONDS: _page_seconds(origin, count)}
        done = measure.run(refresh, place, environment)
        if f"{count} read, {count} unchanged" not in done.output:
            raise measure.FailedError(f"the copies are not what a refresh leaves:\n{done.output[-2000:]}")
        yield REFRESH, _figures(done)


def _figures(done: measure.Process) -> dict[str, float]:
    return {SECONDS: done.wall, CPU: done.cpu, PEAK: done.peak_mib}


@contextmanager
def _webserver(place: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of Dagster's webserver over that instance, once its code location is loaded."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dagster_webserver", "-w", str(ROOT / "workspace.yaml"), "-p", str(port)]
    with (place / "webserver.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=place, env=dict(environment), stdout=log, stderr=log)
    try:
        origin, end = f"http://127.0.0.1:{port}", time.monotonic() + _HANGS
        while time.monotonic() < end and process.poll() is None:
            with suppress(OSError):
                urllib.request.urlopen(f"{origin}/server_info", timeout=_HANGS).close()
                break
            time.sleep(0.5)
        yield origin
    finally:
        process.terminate()
        process.wait()


def _page_seconds(origin: str, count: int) -> float:
    """From opening the page of the partitions of `sessions` until the list is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(_ARGUMENTS))
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{origin}/overview")  # what the UI itself loads is no matter of the number of conferences
        page.wait_for_load_state("networkidle")
        began = time.monotonic()
        page.goto(f"{origin}/assets/sessions?view=partitions")
        page.wait_for_function(_LISTS_COUNT, arg=str(count), timeout=_HANGS * 1000)
        seconds = time.monotonic() - began
        browser.close()
    return seconds


def _check() -> None:
    import dagster as dg

    from planion_assets.definitions import defs

    with dg.DagsterInstance.get() as instance:
        if not defs.resolve_job_def("check_freshness").execute_in_process(instance=instance).success:
            sys.exit("the run failed")


if __name__ == "__main__":
    os.environ.setdefault("DAGSTER_HOME", str(Path(".dagster").absolute()))
    {"checks": _check}[sys.argv[1]]()
