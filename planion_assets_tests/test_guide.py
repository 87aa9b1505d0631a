"""Every failure that is known leads to a heading of docs/how-to/monday-morning.md, and its message says to which."""

import re
from datetime import UTC, datetime

import pytest

from planion_assets.config.config_errors import ConfigError, MissingTokenError, NotConfiguredError
from planion_assets.defs.automation.alert_message import REASON_CHARACTERS, message
from planion_assets.defs.automation.webhook import WebhookError
from planion_assets.defs.in_process import NotNotedError
from planion_assets.defs.instance import InstanceError
from planion_assets.feed.errors import TREATMENTS, Fault, failure, treatment_of
from planion_assets.freshness.alarms import Alarm, Change, Problem
from planion_assets.freshness.verdicts import HEADINGS, Level, State, Verdict
from planion_assets.guide import GuidedError, Heading, see, without_see
from planion_assets.storage import errors, object_errors
from planion_assets.storage.atomic_write import REMEDIES, refusal
from planion_assets.verify.findings import Finding, FindingKind
from planion_assets_tests.pages import anchors, text_of

PAGE = "docs/how-to/monday-morning.md"
_NAMES = {"token_source": "the variable T", "limit": 120.0, "key": "'A|B'", "allowing_run": "a run"}
_GOOD = {State.FRESH, State.NOT_STORED, State.READ, State.USABLE, State.OVER, State.NOT_CONFIGURED}


def _heading(message: str) -> str:
    """The heading that a message, which is one line, ends in."""
    assert "\n" not in message
    (found,) = re.findall(r"; see `planion explain ([\w-]+)`", message)
    assert message.endswith(f"{found}`")
    return str(found)


def test_every_topic_is_a_heading_of_the_page_with_words_and_what_to_do() -> None:
    sections = dict(re.findall(r"^### ([^\n]+)\n\n(.+?)\n(?=\n##|\Z)", text_of(PAGE), re.MULTILINE | re.DOTALL))
    found = {anchor for anchor in anchors(f"{PAGE}") if anchor in set(Heading)}
    assert found == set(Heading)
    assert len(sections) >= len(Heading)
    assert [heading for heading, words in sections.items() if len(words.split()) < 8] == []


@pytest.mark.parametrize("cause", [*TREATMENTS, 302, 418, 451, 599], ids=str)
def test_every_fault_of_the_feed_leads_to_its_heading(cause: int | Fault) -> None:
    error = failure(cause, "answered so", **_NAMES)
    assert _heading(str(error)) == treatment_of(cause).heading
    assert error.message == without_see(str(error))


def test_a_status_leads_to_the_heading_of_that_status() -> None:
    expected = {400: "answered-400", 401: "answered-401", 403: "answered-403", 404: "answered-404", 429: "answered-429"}
    expected |= {
        500: "answered-5xx",
        503: "answered-5xx",
        599: "answered-5xx",
        302: "answered-3xx",
        410: "answered-410",
    }
    assert {status: treatment_of(status).heading for status in expected} == expected


@pytest.mark.parametrize("number", [*REMEDIES, None], ids=str)
def test_every_refusal_of_the_disk_leads_to_its_heading(number: int | None) -> None:
    remedy = REMEDIES.get(number or 0)
    message = refusal(OSError(number, "no", "/data/x") if number else OSError("no"))
    assert _heading(message) == (remedy.heading if remedy else Heading.OTHER_REFUSAL)


def test_every_refusal_of_an_object_store_leads_to_its_heading() -> None:
    headings = {reason.heading for reason in object_errors._REASONS}
    assert len(headings) > 8
    for heading in headings:
        assert _heading(refusal(errors.ObjectStoreError("refused", "do so", heading))) == heading


@pytest.mark.parametrize(
    "kind",
    [
        *(kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.StoreError)),
        ConfigError,
        NotConfiguredError,
        MissingTokenError,
        InstanceError,
        NotNotedError,
        WebhookError,
    ],
)
def test_every_error_with_words_for_a_person_leads_to_a_heading(kind: type[GuidedError]) -> None:
    assert kind.heading is not Heading.UNEXPECTED
    assert _heading(str(kind("it is so"))) == kind.heading


def test_several_lines_of_settings_end_in_one_pointer() -> None:
    error = ConfigError("a: b: c; d", "e: f: g; h")
    assert str(error).splitlines() == ["a: b: c; d", f"e: f: g; h; see `planion explain {Heading.BROKEN_SETTINGS}`"]


@pytest.mark.parametrize("state", [state for state in State if state not in _GOOD])
def test_every_bad_verdict_leads_to_its_heading(state: State) -> None:
    assert _heading(Verdict(state, Level.WARN, "it is so").message) == HEADINGS[state]


def test_a_good_verdict_leads_nowhere_and_the_reason_of_a_failure_to_its_own_heading() -> None:
    assert Verdict(State.FRESH, Level.OK, "updated 1 min ago").message == "updated 1 min ago"
    failed = f"{failure(401, 'answered 401', **_NAMES)} (once, at 03:04 UTC)"
    assert Verdict(State.FAILING, Level.WARN, failed).message == failed


def test_a_damaged_file_leads_to_its_heading_and_what_harms_nobody_does_not() -> None:
    problem = refusal(OSError(5, "Input/output error", "/data/x"))
    assert _heading(Finding("x", FindingKind.DAMAGED, problem, "mend it").line("data/x")) == Heading.DAMAGED
    noted = Finding("x", FindingKind.NOTED, "it is so", "no").line("data/x")
    assert without_see(noted) == noted


def test_a_message_within_another_leads_to_one_heading() -> None:
    inner = see("the disk is full", Heading.DISK_FULL)
    assert see(f"the data folder: {inner}", Heading.OTHER_FEED) == f"the data folder: {inner}"


def test_a_long_reason_of_an_alarm_is_cut_before_the_heading_that_it_leads_to() -> None:
    reason = see("sessions of A|B: " + "so many rows would be lost, " * 40, Heading.SHRUNK)
    since = datetime(2026, 11, 24, tzinfo=UTC)
    alarm = Alarm(Change.NEW, Problem("refresh", "A|B", reason, "shrunk", since=since))
    posted = message("planion", [alarm], since, conferences=(), secrets=(), dagster_url=None)
    (posted_alarm,) = posted["alarms"]
    assert len(posted_alarm["reason"]) == REASON_CHARACTERS
    assert _heading(posted_alarm["reason"]) == Heading.SHRUNK
