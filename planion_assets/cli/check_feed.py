"""Asking the feed, once for each collection of each conference, whether the configuration fits it.

Belongs here: which requests are made, and what their answers say of an account and of a conference. How that is printed
is in check_report.py. Nothing is proved by a request: what a conference truly holds takes verified walks.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from planion_assets.cli.check_model import Access, AccountChecked, ConferenceChecked, FeedFinding, RowCount, Token
from planion_assets.config import AccountConfig, Config, MissingTokenError
from planion_assets.config.zone_guess import summer_time_zone, zone_of_places
from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import ENDPOINTS, SESSIONS, Endpoint, endpoint_of
from planion_assets.feed.errors import FeedError, NotIncludedError, TokenRefusedError
from planion_assets.feed.item import Item
from planion_assets.feed.limits import Limits
from planion_assets.feed.page import Page
from planion_assets.feed.page_checks import check_owner
from planion_assets.freshness.verdicts import Level, no_sessions
from planion_assets.guide import see
from planion_assets.keys import ConferenceKey

# Where a session says where it is held. A speaker's city and country are where a person lives.
_PLACES = ("hotelname", "location", "city", "state", "country")
Answer = RowCount | FeedError


def check_accounts(settings: Config, wanted: Sequence[ConferenceKey], url: str) -> Iterator[AccountChecked]:
    """Check those conferences, account by account in the order of the settings, with the feed at `url`."""
    for entry in settings.accounts:
        if keys := [key for key in wanted if key.account == entry.account]:
            yield _account(settings, entry, keys, url)


def _account(settings: Config, entry: AccountConfig, keys: Sequence[ConferenceKey], url: str) -> AccountChecked:
    try:
        token = settings.token(entry.account)
    except MissingTokenError as error:
        return _unasked(settings, entry, keys, Token.MISSING, str(error))
    feed = settings.feed
    limits = Limits(
        connect_timeout=feed.connect_timeout,
        read_timeout=feed.read_timeout,
        walk_timeout=feed.connect_timeout + feed.read_timeout,
        max_attempts=1,
        max_page_bytes=feed.max_page_mib << 20,
    )
    with FeedClient(url, token, feed.auth, f"the variable {entry.token_env}", limits) as client:
        first = _ask(client, keys[0], SESSIONS)
        if isinstance(first, TokenRefusedError):
            return _unasked(settings, entry, keys, Token.REFUSED, str(first))
        # A collection that is not read is asked for once: it shows what the contract includes.
        asked = [(key, endpoint_of(name)) for key in keys for name in entry.endpoints]
        asked += [(keys[0], endpoint_of(name)) for name in _endpoints(settings) if name not in entry.endpoints]
        asked.remove((keys[0], SESSIONS))
        with ThreadPoolExecutor(feed.max_requests_per_account) as pool:
            others = pool.map(lambda one: _ask(client, *one), asked)
            answers = {(keys[0], SESSIONS): first, **dict(zip(asked, others, strict=True))}
    return _checked(settings, entry, keys, answers)


def _endpoints(settings: Config) -> list[str]:
    """The collections that are asked for: those of which something is known, and those that any account reads."""
    return list(dict.fromkeys((*ENDPOINTS, *settings.endpoints())))


def _ask(client: FeedClient, key: ConferenceKey, endpoint: Endpoint) -> Answer:
    deadline = client.clock.monotonic() + client.limits.walk_timeout
    try:
        page = client.get(key, 1, partial(client.parse, number=1), deadline=deadline, endpoint=endpoint)
        check_owner(page, key, endpoint, client.redact)
    except FeedError as error:
        return error
    zone = zone_of_places(_places(page)) if endpoint is SESSIONS else None
    if page.total is None:
        return RowCount(len(page.items), is_whole=not page.has_next, zone=zone)
    return RowCount(page.total, is_whole=True, zone=zone)


def _places(page: Page[Item]) -> Iterator[str]:
    for item in page.items:
        yield from (value for name in _PLACES if isinstance(value := item.member(name), str))


def _checked(
    settings: Config,
    entry: AccountConfig,
    keys: Sequence[ConferenceKey],
    answers: Mapping[tuple[ConferenceKey, Endpoint], Answer],
) -> AccountChecked:
    access = {
        name: _access([answer for (_, asked), answer in answers.items() if asked.name == name])
        for name in _endpoints(settings)
    }
    conferences = []
    for key in keys:
        own = {endpoint.name: answer for (of, endpoint), answer in answers.items() if of == key}
        conferences.append(_conference(settings, key, {name: own[name] for name in entry.endpoints}, access))
    token = Token.UNKNOWN if set(access.values()) == {Access.UNKNOWN} else Token.ACCEPTED
    return AccountChecked(entry.account, token, access, tuple(_of_contract(entry, access, answers)), conferences)


def _access(answers: Sequence[Answer]) -> Access:
    if any(isinstance(answer, RowCount) for answer in answers):
        return Access.INCLUDED
    refused = any(isinstance(answer, NotIncludedError) for answer in answers)
    return Access.NOT_INCLUDED if refused else Access.UNKNOWN


def _of_contract(
    entry: AccountConfig,
    access: Mapping[str, Access],
    answers: Mapping[tuple[ConferenceKey, Endpoint], Answer],
) -> Iterator[FeedFinding]:
    """What is read and not included, or included and not read."""
    for name, found in access.items():
        if name in entry.endpoints and found is Access.NOT_INCLUDED:
            error = next(a for (_, asked), a in answers.items() if asked.name == name and isinstance(a, FeedError))
            if name == SESSIONS.name:
                yield FeedFinding(Level.ERROR, str(error))
            else:
                problem = f"{error.message}; without it, take {name} out of `endpoints`"
                yield FeedFinding(Level.WARN, see(problem, error.heading))
        elif name not in entry.endpoints and found is Access.INCLUDED:
            wanted = ", ".join((*entry.endpoints, name))
            yield FeedFinding(Level.OK, f"{name} are included and not read; `endpoints: [{wanted}]` reads them")


def _conference(
    settings: Config, key: ConferenceKey, answers: Mapping[str, Answer], access: Mapping[str, Access]
) -> ConferenceChecked:
    timezone = settings.conference(key).timezone
    rows = {name: answer if isinstance(answer, RowCount) else None for name, answer in answers.items()}
    findings = []
    for name, answer in answers.items():
        # What no conference of the account may read is said of the account.
        if isinstance(answer, FeedError) and access[name] is not Access.NOT_INCLUDED:
            is_optional = isinstance(answer, NotIncludedError) and name != SESSIONS.name
            findings.append(FeedFinding(Level.WARN if is_optional else Level.ERROR, str(answer)))
    sessions = rows[SESSIONS.name]
    guess = sessions.zone if sessions and timezone is None else None
    if sessions and not sessions.count:
        findings.append(FeedFinding(Level.WARN, no_sessions(key)))
    elif sessions and timezone is None:
        findings.append(FeedFinding(Level.OK, _hint(guess)))
    if timezone and (likely := summer_time_zone(timezone)):
        problem = f"{timezone} is a zone without summer time; if the venue has it, write {likely}"
        findings.append(FeedFinding(Level.WARN, problem))
    return ConferenceChecked(key, rows, timezone, guess, findings)


def _hint(guess: str | None) -> str:
    if guess:
        return (
            f"no time zone is given, and its rows name a place in {guess}: `timezone: {guess}` if that is the venue's"
        )
    return "no time zone is given, and its rows name no place to guess it from; write the venue's as `timezone`"


def _unasked(
    settings: Config, entry: AccountConfig, keys: Sequence[ConferenceKey], token: Token, reason: str
) -> AccountChecked:
    """An account that nothing is asked for any more, because its token cannot be used."""
    conferences = [
        ConferenceChecked(key, dict.fromkeys(entry.endpoints), settings.conference(key).timezone) for key in keys
    ]
    access = dict.fromkeys(_endpoints(settings), Access.UNKNOWN)
    return AccountChecked(entry.account, token, access, (FeedFinding(Level.ERROR, reason),), conferences)
