"""What `planion check` asks the feed, one request for each collection of each conference, and what the answers say.

How that is printed is in check_report.py. A request proves nothing: what a conference holds takes verified walks.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from planion_assets.config import AccountConfig, Config, MissingTokenError
from planion_assets.config.zone_guess import summer_time_zone, zone_of_places
from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import ENDPOINTS, SESSIONS, endpoint_of
from planion_assets.feed.errors import FeedError, NotIncludedError, TokenRefusedError
from planion_assets.feed.limits import Limits
from planion_assets.feed.page_checks import check_owner
from planion_assets.freshness.verdicts import Level, no_sessions
from planion_assets.guide import see
from planion_assets.keys import ConferenceKey

# Where a session says where it is held. A speaker's city and country are where a person lives.
_PLACES = ("hotelname", "location", "city", "state", "country")


@dataclass(frozen=True, slots=True)
class RowCount:
    """The rows of a collection: how many the feed counts, or at least has, and the time zone that they point to."""

    count: int
    is_whole: bool
    zone: str | None = None


class Token(StrEnum):
    """Whether the feed accepts a token."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    MISSING = "missing"
    UNKNOWN = "not known"


class Access(StrEnum):
    """Whether a token may read a collection."""

    INCLUDED = "included"
    NOT_INCLUDED = "not included"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class FeedFinding:
    """What a person should know: an error, a warning, or (with the level OK) a hint."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class ConferenceChecked:
    """A conference: rows by collection, None where they are not known; the zone that its rows point to."""

    key: ConferenceKey
    rows: Mapping[str, RowCount | None]
    timezone: str | None
    guess: str | None = None
    findings: Sequence[FeedFinding] = ()


@dataclass(frozen=True, slots=True)
class AccountChecked:
    """An account: its token, what the contract includes by collection, its conferences."""

    account: str
    token: Token
    access: Mapping[str, Access]
    findings: Sequence[FeedFinding]
    conferences: Sequence[ConferenceChecked]


Answers = Mapping[tuple[ConferenceKey, str], RowCount | FeedError]
"""What came of each request, by conference and name of the collection."""


def check_accounts(settings: Config, wanted: Sequence[ConferenceKey], url: str) -> Iterator[AccountChecked]:
    """Check those conferences, account by account in the order of the settings, with the feed at `url`."""
    for entry in settings.accounts:
        if keys := [key for key in wanted if key.account == entry.account]:
            yield _account(settings, entry, keys, url)


def _account(settings: Config, entry: AccountConfig, keys: Sequence[ConferenceKey], url: str) -> AccountChecked:
    try:
        token = settings.token(entry.account)
    except MissingTokenError as error:
        return _without_requests(settings, entry, keys, Token.MISSING, str(error))
    feed = settings.feed
    limits = Limits(
        connect_timeout=feed.connect_timeout,
        read_timeout=feed.read_timeout,
        walk_timeout=feed.connect_timeout + feed.read_timeout,
        max_attempts=1,
        max_page_bytes=feed.max_page_mib << 20,
    )
    first = keys[0], SESSIONS.name
    source = f"the variable {entry.token_env}"
    with FeedClient(url, token, auth=feed.auth, token_source=source, limits=limits) as client:
        answers = {first: _ask(client, first)}
        if isinstance(answers[first], TokenRefusedError):
            return _without_requests(settings, entry, keys, Token.REFUSED, str(answers[first]))
        asked = [(key, name) for key in keys for name in entry.endpoints]
        # A collection that is not read is requested once, which shows whether the contract includes it.
        asked += [(keys[0], name) for name in _endpoints(settings) if name not in entry.endpoints]
        asked.remove(first)
        with ThreadPoolExecutor(feed.max_requests_per_account) as pool:
            answers.update(zip(asked, pool.map(partial(_ask, client), asked), strict=True))
    access = {name: _access([answers[one] for one in answers if one[1] == name]) for name in _endpoints(settings)}
    token_state = Token.UNKNOWN if set(access.values()) == {Access.UNKNOWN} else Token.ACCEPTED
    conferences = [_conference(settings, key, entry.endpoints, answers, access) for key in keys]
    return AccountChecked(
        entry.account, token_state, access, tuple(_contract_findings(entry, access, answers)), conferences
    )


def _endpoints(settings: Config) -> list[str]:
    """The collections that are requested: those of the feed's contract, and those that any account reads."""
    return list(dict.fromkeys((*ENDPOINTS, *settings.endpoints())))


def _ask(client: FeedClient, asked: tuple[ConferenceKey, str]) -> RowCount | FeedError:
    key, endpoint = asked[0], endpoint_of(asked[1])
    deadline = client.clock.monotonic() + client.limits.walk_timeout
    try:
        page = client.get(key, 1, partial(client.parse, number=1), deadline=deadline, endpoint=endpoint)
        check_owner(page, key, endpoint, client.redact)
    except FeedError as error:
        return error
    zone = None
    if endpoint is SESSIONS:
        values = [item.member(name) for item in page.items for name in _PLACES]
        zone = zone_of_places(value for value in values if isinstance(value, str))
    if page.total is None:
        return RowCount(len(page.items), is_whole=not page.has_next, zone=zone)
    return RowCount(page.total, is_whole=True, zone=zone)


def _access(answers: Sequence[RowCount | FeedError]) -> Access:
    if any(isinstance(answer, RowCount) for answer in answers):
        return Access.INCLUDED
    refused = any(isinstance(answer, NotIncludedError) for answer in answers)
    return Access.NOT_INCLUDED if refused else Access.UNKNOWN


def _contract_findings(entry: AccountConfig, access: Mapping[str, Access], answers: Answers) -> Iterator[FeedFinding]:
    """What is read and not included, or included and not read."""
    for name, found in access.items():
        if name in entry.endpoints and found is Access.NOT_INCLUDED:
            error = next(a for (_, asked), a in answers.items() if asked == name and isinstance(a, FeedError))
            if name == SESSIONS.name:
                yield FeedFinding(Level.ERROR, str(error))
            else:
                problem = f"{error.message}; without it, take {name} out of `endpoints`"
                yield FeedFinding(Level.WARN, see(problem, error.heading))
        elif name not in entry.endpoints and found is Access.INCLUDED:
            wanted = ", ".join((*entry.endpoints, name))
            yield FeedFinding(Level.OK, f"{name} are included and not read; `endpoints: [{wanted}]` reads them")


def _conference(
    settings: Config, key: ConferenceKey, endpoints: Sequence[str], answers: Answers, access: Mapping[str, Access]
) -> ConferenceChecked:
    timezone = settings.conference(key).timezone
    rows: dict[str, RowCount | None] = {}
    findings = []
    for name in endpoints:
        answer = answers[key, name]
        rows[name] = answer if isinstance(answer, RowCount) else None
        # A collection that no conference of the account may read is a finding of the account.
        if isinstance(answer, FeedError) and access[name] is not Access.NOT_INCLUDED:
            is_optional = isinstance(answer, NotIncludedError) and name != SESSIONS.name
            findings.append(FeedFinding(Level.WARN if is_optional else Level.ERROR, str(answer)))
    sessions = rows[SESSIONS.name]
    guess = sessions.zone if sessions and timezone is None else None
    if sessions and not sessions.count:
        findings.append(FeedFinding(Level.WARN, no_sessions(key)))
    elif sessions and timezone is None:
        hint = "its rows name no place to guess it from; write the venue's as `timezone`"
        if guess:
            hint = f"its rows name a place in {guess}: `timezone: {guess}` if that is the venue's"
        findings.append(FeedFinding(Level.OK, f"no time zone is given, and {hint}"))
    if timezone and (likely := summer_time_zone(timezone)):
        problem = f"{timezone} is a zone without summer time; if the venue has it, write {likely}"
        findings.append(FeedFinding(Level.WARN, problem))
    return ConferenceChecked(key, rows, timezone, guess, findings)


def _without_requests(
    settings: Config, entry: AccountConfig, keys: Sequence[ConferenceKey], token: Token, reason: str
) -> AccountChecked:
    """An account for which no more requests are sent, because its token cannot be used."""
    conferences = [
        ConferenceChecked(key, dict.fromkeys(entry.endpoints), settings.conference(key).timezone) for key in keys
    ]
    access = dict.fromkeys(_endpoints(settings), Access.UNKNOWN)
    return AccountChecked(entry.account, token, access, (FeedFinding(Level.ERROR, reason),), conferences)
