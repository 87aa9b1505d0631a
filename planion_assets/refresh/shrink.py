"""Whether a snapshot may replace what is stored: a feed that loses most of its rows is not believed at once.

A feed that is emptied by mistake, or whose filter breaks, answers like one whose sessions were deleted: two walks agree
on nothing at all. Or it lists every item as before and none that can be used.
"""

import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from planion_assets.feed.endpoints import Endpoint
from planion_assets.feed.errors import Fault, FeedError, failure
from planion_assets.keys import ConferenceKey
from planion_assets.members import member
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Content
from planion_assets.storage.store import StoredConference
from planion_assets.tables.arrow.builder import Counted
from planion_assets.tables.fields.lists import readable_entries
from planion_assets.tables.model import FeedItem, JsonObject, Table
from planion_assets.tables.published_session_speakers import PUBLISHED_SESSION_SPEAKERS
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS
from planion_assets.tables.rejected_items import REJECTED_ITEMS
from planion_assets.tables.selection import choose
from planion_assets.tables.session_speakers import SESSION_SPEAKERS
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speakers import SPEAKERS

WATCHED: tuple[Table, ...] = (SESSIONS, SESSION_SPEAKERS, PUBLISHED_SESSIONS, PUBLISHED_SESSION_SPEAKERS, SPEAKERS)
"""The tables of which none loses most of its rows unless a person has allowed it."""
SMALL_LOSS = 2
"""Rows of engagements, and of what is published, that may always go: an edit of one session takes as many.

So a person can be unpublished in a programme with few people. Items that are listed and cannot be used are no edit: of
`sessions` and `speakers` the limit is all that counts.
"""
_EDITED = (SESSION_SPEAKERS.name, PUBLISHED_SESSIONS.name, PUBLISHED_SESSION_SPEAKERS.name)
_NAMED = 5  # columns with unreadable values


def has_shrunk(stored: int, listed: int, min_fraction: float) -> bool:
    """Whether of some `stored` rows none are `listed` any more, or fewer than the fraction `min_fraction` of them."""
    return stored > 0 and (listed == 0 or listed < stored * min_fraction)


def check_not_shrunk(key: ConferenceKey, endpoint: Endpoint, stored: int, listed: int, options: RefreshOptions) -> None:
    """Raise `ShrunkError` for a collection that has shrunk, unless a person has allowed it."""
    if not options.allow_shrink and has_shrunk(stored, listed, options.min_rows_kept):
        loss = f"the feed lists {listed} rows where {stored} are stored, so {stored - listed} would be lost"
        raise _shrunk(key, f"{endpoint.name} of {key}: {loss}", options)


def _shrunk(key: ConferenceKey, loss: str, options: RefreshOptions, why: str = "") -> FeedError:
    """The refusal of a snapshot with that loss, with how to allow it once."""
    limit = f"which is more than `feed.min_rows_kept` of {options.min_rows_kept:g} lets go"
    limit += "" if options.min_rows_kept else ", since one row must stay"
    key_text = shlex.quote(str(key))
    return failure(Fault.SHRUNK, f"{loss}, {limit}{why}", key=key_text, allowing_run=options.allowing_run)


def rows_at_risk(
    content: Content, written: Collection[Table], stored: StoredConference, options: RefreshOptions
) -> dict[str, int]:
    """By name the stored rows of each watched table that this content would replace or leave behind.

    `written` are the tables of one endpoint that are to be written. Where the content is another one than before, the
    tables that show the former are at risk too. A table that is not stored, or cannot be read, has nothing to lose; nor
    has one that was published by other settings, which a person has changed. Nothing is at risk where a person has
    allowed any loss.
    """
    if options.allow_shrink:
        return {}
    names, endpoints = {table.name for table in written}, {table.endpoint for table in written}
    found: dict[str, int] = {}
    for table in (table for table in WATCHED if table.endpoint in endpoints):
        footer = stored.readable_footer(table.location)
        provenance = footer.provenance if footer else None
        if footer is None or (table.public and provenance and provenance.publication != str(options.publication)):
            continue
        is_former = provenance is not None and provenance.snapshot == content.before
        if table.name in names or (content.changed and is_former):
            found[table.name] = footer.rows
    return found


def check_tables_not_shrunk(
    key: ConferenceKey,
    content: Content,
    stored: Mapping[str, int],
    counts: Mapping[str, Counted],
    options: RefreshOptions,
) -> None:
    """Raise `ShrunkError` where a table would keep less of its `stored` rows than `min_rows_kept` asks for.

    Of an edited table a few rows may go all the same (`SMALL_LOSS`).
    """
    rows = {name: (before, counts[name].rows) for name, before in stored.items() if name in counts}
    lost = {
        name
        for name, (before, after) in rows.items()
        if has_shrunk(before, after, options.min_rows_kept) and not (name in _EDITED and before - after <= SMALL_LOSS)
    }
    if not lost:
        return
    losses = ", ".join(f"{name} from {rows[name][0]} to {rows[name][1]} rows" for name in rows if name in lost)
    others = "".join(
        f"; {name} would keep {after} of {before} rows" for name, (before, after) in rows.items() if name not in lost
    )
    endpoint = next(table.endpoint for table in WATCHED if table.name in lost)
    reasons = "".join(f"; {reason}" for reason in _reasons(content, lost, counts))
    items = f"{len(content.items)} items {'of the feed' if content.reading else 'that are stored'}"
    raise _shrunk(key, f"{endpoint} of {key}: {items} would shrink {losses}", options, f"{others}{reasons}")


def _reasons(content: Content, lost: Collection[str], counts: Mapping[str, Counted]) -> Iterator[str]:
    """Why the rows are fewer, as far as it is known. Parses the items one after the other."""
    if content.reading and not content.changed:
        yield "the feed has not changed, so it is this code or these settings that make less of the same items"
    identifier = SPEAKERS.identifier if SPEAKERS.name in lost else SESSIONS.identifier
    rejections = _rejections(content.items, identifier)
    if rejections:
        each = ", ".join(f"{count} {reason}" for reason, count in rejections.most_common())
        yield f"{rejections.total()} of {len(content.items)} items are rejected ({each})"
    if SESSION_SPEAKERS.name in lost:
        yield from _speakers(content.items)
    # Without examples: a value of the feed could be anything, a token too.
    unreadable = [(bad.count, f"{name}.{bad.column}") for name, counted in counts.items() for bad in counted.unreadable]
    for count, column in sorted(unreadable, key=lambda one: -one[0])[:_NAMED]:
        yield f"{count} values of {column} cannot be read"


def _rejections(items: Sequence[FeedItem], identifier: str) -> Counter[str]:
    """How many items are no session or person, by reason."""
    if identifier == SESSIONS.identifier and REJECTED_ITEMS.of_items:
        return Counter(record["reason"] for record in REJECTED_ITEMS.of_items(items))
    nameless = len(choose(items, identifier).nameless)
    return Counter({f"no usable {identifier}": nameless} if nameless else {})


def _speakers(items: Sequence[FeedItem]) -> Iterator[str]:
    """What the sessions without any engagement have in place of them."""
    best = choose(items, SESSIONS.identifier).best
    found = Counter(_without_speakers(item.content) for item in best)
    for what, count in found.most_common():
        if what:
            yield f"`speakers` is {what} in {count} of {len(best)} sessions"


def _without_speakers(session: JsonObject) -> str | None:
    speakers = member(session, "speakers")
    if readable_entries(speakers):
        return None
    if speakers is None and "speakers" not in session:
        return "missing"
    return "no list" if speakers else "empty"
