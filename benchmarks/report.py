"""The figures as tables for a terminal and as Markdown, and their place in docs/reference/performance.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.cases import CASES, FLOOR
from benchmarks.results import SERIES, UNCHANGED, Results
from benchmarks.starts import medians
from benchmarks.targets import targets
from benchmarks.ten_thousand import CPU, PEAK, SECONDS, SIZES

BEGIN, END = "<!-- made by `make bench`: begin -->", "<!-- made by `make bench`: end -->"
_HEAD = (
    "",
    "seconds",
    "x floor",
    "CPU s",
    "x floor",
    "peak MiB",
    "x floor",
    "requests",
    "at once",
    "process s",
    "process CPU s",
)


def report(results: Results) -> str:
    """Every table of what was measured."""
    parts = [f"Measured on {results.machine}."]
    for case in CASES.values():
        if case.name in results.cases:
            parts.append(f"### {case.name}: {case.title}\n\n{_case(results, case.name)}")
    if results.starts:
        rows = [[name, f"{seconds:.2f}"] for name, seconds in medians(results.starts).items()]
        parts.append(f"### Starting, seconds of the process\n\n{_table(('', 'seconds'), rows)}")
    if results.surveys:
        rows = [[name, f"{seconds:.2f}"] for name, seconds in medians(results.surveys).items()]
        parts.append(f"### Surveys\n\n{_table(('', 'seconds'), rows)}")
    if results.sizes:
        parts.append(f"### ten-thousand: 10,000 conferences of 20 beside 1,000\n\n{_sizes(results.sizes)}")
    rows = [
        [it.words, "-" if it.value is None else f"{it.value:.2f}", f"{it.limit:g}", it.unit, it.met]
        for it in targets(results)
    ]
    parts.append(f"### Targets\n\n{_table(('', 'measured', 'at most', 'unit', 'met'), rows)}")
    return "\n\n".join(parts)


def write(results: Results, page: Path) -> None:
    """Put the tables between the page's markers. Raises ValueError for a page without them."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no lines {BEGIN!r} and {END!r} to write between")
    page.write_text(f"{before}{BEGIN}\n{report(results)}\n{END}{after}", encoding="utf-8")


def _case(results: Results, case: str) -> str:
    floor = results.typical(case, FLOOR)
    rows = []
    for series in SERIES:
        found = results.typical(case, series)
        if not found:
            continue
        cells = []
        for name, text in (("seconds", ".2f"), ("cpu", ".2f"), ("peak_mib", ".0f")):
            value = getattr(found, name)
            cells += [format(value, text), f"{value / getattr(floor, name):.2f}" if floor else "-"]
        at_once = f"{found.at_once:.0f}, {found.at_once_per_account:.0f} of one account"
        rows.append(
            [
                series,
                *cells,
                f"{found.requests:.0f}",
                at_once,
                f"{found.process_seconds:.2f}",
                f"{found.process_cpu:.2f}",
            ]
        )
    runs = max(len(samples) for samples in results.cases[case].values())
    unchanged = results.typical(case, UNCHANGED)
    words = f"{_table(_HEAD, rows)}\n\n" + ("One run." if runs == 1 else f"Medians of {runs} runs.")
    if unchanged:
        words += f" The instance's storage grew by {unchanged.storage_bytes / 1e3:,.0f} kB in the unchanged run."
    return words


def _sizes(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """What each step takes with the one and the other number of conferences, and how the two compare."""
    few, many = map(str, SIZES)
    rows = []
    for step, sizes in found.items():
        for name in (SECONDS, CPU, PEAK):
            if name in sizes[few]:
                one, other = sizes[few][name], sizes[many][name]
                rows.append([f"{step}: {name}", f"{one:.1f}", f"{other:.1f}", f"{other / one:.2f}"])
    return _table(("", "1,000", "10,000", "times"), rows) + "\n\nOne run of each."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns are aligned in plain text too: the first to the left, figures to the right."""
    widths = [max(len(line[place]) for line in (head, *rows)) for place in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [text.rjust(width) for text, width in zip(cells, widths, strict=True)]
        return "| " + " | ".join([cells[0].ljust(widths[0]), *padded[1:]]) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
    return "\n".join([line(head), rule, *(line(row) for row in rows)])
