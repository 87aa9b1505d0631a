"""What the pages of Dagster's UI show over the feed of monday.py, compared with what is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from planion_assets_tests.browser.pages import Browser, until

GOOD, BUSY = "AAA|AM2026", "AAA|SPRING27"
BROKEN, REFUSED, UNAUTHORIZED, MISTYPED, STALE = "AAA|AM2027", "CCC|WINTER27", "BBB|ANNUAL27", "AAA|AM2O28", "CCC|OLD27"
MEANT = "AAA|AM2028"
REASONS = {BROKEN: "answered 500", REFUSED: "feed.min_rows_kept", UNAUTHORIZED: "answered 401"}
FRESH, READ = "session_updated_at_is_fresh", "feed_is_read"
STATUS, RAW = "conference_status", "raw_sessions"
NAMES = (READ, FRESH, "failed", "logs", "neighbour", "overview", STATUS)
"""The pages by their names, as they are printed."""
MINUTE = 60.0
LOADED = 90.0  # seconds for a page that is opened to show what is stored
Page = tuple[str, Callable[[], None], Callable[[], Iterator[str]]]  # its name, what opens it, what is wrong with it


@dataclass(slots=True)
class Truth:
    """What is wrong with the feed at the moment, which the pages are to show."""

    failing: set[str] = field(default_factory=lambda: {UNAUTHORIZED})
    not_fresh: set[str] = field(default_factory=lambda: {MISTYPED, STALE})
    conferences: set[str] = field(default_factory=lambda: {GOOD, BUSY, BROKEN, REFUSED, UNAUTHORIZED, MISTYPED, STALE})


@dataclass(slots=True)
class Look:
    """What the pages showed after one refresh, by page, and what of it was wrong."""

    at: datetime
    seen: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Monday:
    """Reads the pages after a refresh, and compares them with the truth."""

    def __init__(self, window: Browser, truth: Truth, pictures: Path) -> None:
        self._window, self._truth, self._pictures = window, truth, pictures

    def look(self, minute: int) -> Look:
        """Read every page once."""
        look = Look(datetime.now(UTC))
        failed = sorted(self._truth.failing)
        open_, truth = self._window, self._truth
        pages: list[Page] = [
            (READ, lambda: open_.open_check(STATUS, READ), lambda: self._check(look, READ, truth.failing)),
            (FRESH, lambda: open_.open_check(STATUS, FRESH), lambda: self._check(look, FRESH, truth.not_fresh)),
            ("neighbour", lambda: open_.open_partition(RAW, GOOD), lambda: self._neighbour(look)),
            ("overview", lambda: open_.open(f"/assets/{STATUS}"), lambda: self._overview(look)),
            (STATUS, lambda: open_.open(f"/assets/{STATUS}", view="events"), lambda: self._status(look)),
        ]
        if failed:
            key = failed[minute % len(failed)]
            pages.append(("failed", lambda: open_.open_partition(RAW, key), lambda: self._failed(look, key)))
            pages.append(("logs", open_.click_logs, lambda: self._logs(look, key)))
        for name, show, read in pages:
            show()
            problems = until(lambda read=read: list(read()), LOADED)  # type: ignore[misc]
            look.wrong += [f"{name}: {problem}" for problem in problems]
            if problems or minute < len(REASONS) or not failed:
                self._window.picture(self._pictures / f"{minute:03}-{name}{'-WRONG' if problems else ''}.png")
        return look

    def _check(self, look: Look, name: str, bad: set[str]) -> Iterator[str]:
        page = self._window.check_page()
        named = {key for key in self._truth.conferences | {MEANT} if key in page.text}
        look.seen[name] = f"{page.verdict} {len(named)}"
        expected = "Failed" if bad else "Passed"
        if page.verdict != expected:
            yield f"{page.verdict or 'no verdict'}, not {expected}"
        if named != bad:
            yield f"names {sorted(named)}, not {sorted(bad)}"
        yield from _old(page.at)

    def _failed(self, look: Look, key: str) -> Iterator[str]:
        page = self._window.partition_page(key)
        look.seen["failed"] = f"{key} {page.colours.get(key)}"
        yield from self._wrong_colours(page.colours)
        if "failed" not in page.banner:
            yield f"no word of a failed run on the page of {key}"
        # Dagster shows there what was noted since the last materialization, and so nothing where there was none.
        if key != UNAUTHORIZED and REASONS[key] not in page.text:
            yield f"no reason on the page of {key}"

    def _logs(self, look: Look, key: str) -> Iterator[str]:
        found = REASONS[key] in self._window.text()
        look.seen["logs"] = "reason" if found else "no reason"
        if not found:
            yield f"no reason in the run of {key}"

    def _neighbour(self, look: Look) -> Iterator[str]:
        page = self._window.partition_page(GOOD)
        look.seen["neighbour"] = f"{page.colours.get(GOOD)} {page.run}"
        yield from self._wrong_colours(page.colours)
        if page.run != "run_success":
            yield f"the run of {GOOD} has the icon {page.run or 'none'}"
        if page.banner:
            yield f"the page of {GOOD} says: {page.banner}"

    def _wrong_colours(self, colours: dict[str, str]) -> Iterator[str]:
        for key in sorted(self._truth.conferences):
            expected = "red" if key in self._truth.failing else "green"
            if colours.get(key) != expected:
                yield f"{key} is {colours.get(key)}, not {expected}"

    def _overview(self, look: Look) -> Iterator[str]:
        text = self._window.overview_page()
        look.seen["overview"] = "unsynced" if "Unsynced" in text else "synced"
        if "ago" not in text:
            yield "says not when it was materialized"
        for word in ("Unsynced", "Never materialized", "Failed"):
            if word in text:
                yield f"says {word}"

    def _status(self, look: Look) -> Iterator[str]:
        text = self._window.latest_event()
        bad = self._truth.failing | self._truth.not_fresh
        missing = {key for key in bad if f"{key} " not in text}
        look.seen[STATUS] = f"{len(bad) - len(missing)} of {len(bad)} named"
        if missing:
            yield f"does not name {sorted(missing)}"
        if "[Show Markdown]" in text.partition("timeline")[0]:
            yield "what there is to look at is behind a click"
        yield from _old(text.splitlines()[0] if text else "")


def _old(text: str) -> Iterator[str]:
    """A problem where a time as the UI shows it, to the minute and without a year, is no longer that of a refresh."""
    now = datetime.now(UTC)
    try:
        at = datetime.strptime(f"{now.year} {text}", "%Y %b %d, %I:%M %p").replace(tzinfo=UTC)
    except ValueError:
        yield f"{text or 'nothing'} is no time"
        return
    if (now - at).total_seconds() > 4 * MINUTE:
        yield f"is of {text}, and now it is {now:%H:%M}"
