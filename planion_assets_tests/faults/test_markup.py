"""HTML and Markdown from the feed are inert wherever the UI shows them: what is rendered as Markdown is escaped."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.sandbox.mess import MARKUP
from planion_assets.tables.catalog import ASSETS
from planion_assets_tests.defs.rendering.pictures import parsed, words
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, body, item, page_of
from planion_assets_tests.runs import ALL, SMALL, failure, run

# What Dagster's UI shows as the characters they are; Markdown and notebooks it renders, of a URL it makes a link.
PLAIN = (
    dg.TextMetadataValue,
    dg.IntMetadataValue,
    dg.FloatMetadataValue,
    dg.BoolMetadataValue,
    dg.TimestampMetadataValue,
    dg.PathMetadataValue,
    dg.JsonMetadataValue,
    dg.TableMetadataValue,
    dg.TableSchemaMetadataValue,
    dg.TableColumnLineageMetadataValue,
)
# What begins a tag, an entity of somebody's own, code, a link, an image, emphasis, or a heading in Markdown.
BAR = re.compile(r"(?<!\\)\|")
LIVE = re.compile(r"(?<!\\)[`*_\[\]#!]|<|&(?!lt;|gt;|amp;)")


def _metadata(result: dg.ExecuteInProcessResult) -> Iterator[tuple[str, Any]]:
    """Name and value of every metadata entry of every event of a run."""
    for event in result.all_events:
        if event.is_step_materialization:
            yield from event.step_materialization_data.materialization.metadata.items()
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            yield from event.asset_check_evaluation_data.metadata.items()
        elif event.is_step_failure and (failed := event.step_failure_data.user_failure_data):
            yield from failed.metadata.items()


def _all_markup(request: Request) -> Response:
    """A conference that has nothing but markup, in identifiers, in names, and in place of values of other types."""
    speaker = {"pid": MARKUP, "pslinkid": MARKUP, "role": MARKUP, "published": True, "resources": [{"type": MARKUP}]}
    session = item(
        MARKUP,
        conference="AM2036",
        sessionName=MARKUP,
        sessionType=MARKUP,
        startDate=MARKUP,
        has_handouts=MARKUP,
        published=True,
        speakers=[speaker],
        tracks=[{"track": MARKUP, "desc": MARKUP}],
        custom1=MARKUP,
        custom1name=MARKUP,
        credits1="1",
        credits1_label=MARKUP,
        learning_objective1=MARKUP,
    )
    # With a place and a time, so that it is drawn.
    drawn = session | {"schedid": "1", "roomname": MARKUP, "startDate": "2036-11-16", "startTime": "09:00"}
    return page_of([session, drawn, MARKUP] if request.path.endswith("/sessions") else [{"pid": "1"}], request.page)


OVERVIEW = ("to_look_at", "oldest", "timeline", "freshness_of_all")
"""Markdown of `conference_status`, with markup of its own."""
PICTURES = ("day_grid", "changes_per_day")
ELEMENTS = {"svg", "style", "g", "path", "text"}
"""What pictures are made of: nothing of it is code, or fetches anything."""


def test_markup_of_the_feed_is_inert_in_all_metadata(
    configured: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(_all_markup) as server:
        monkeypatch.setenv("PLANION_FEED_URL", server.url)
        result = run(instance, [SMALL], select=ALL, checks=True)
    assert result.success
    entries = list(_metadata(result))
    rendered = [(name, str(value.value)) for name, value in entries if isinstance(value, dg.MarkdownMetadataValue)]
    previews = [text for name, text in rendered if name == "preview"]
    assert len(previews) == sum(name == "preview" for name, _ in entries) == len(ASSETS)
    # Counts of sessions by day and hour: no text of the feed.
    assert [LIVE.search(text) for name, text in rendered if name not in ("preview", *OVERVIEW, *PICTURES)] == [None]
    pictures = [text for name, text in rendered if name in PICTURES and text.startswith("![")]
    for text in pictures:
        assert {element.tag.rpartition("}")[2] for element in parsed(text).iter()} <= ELEMENTS
        assert not LIVE.search(text.rpartition(">)")[2])
    assert any("<script>" in word for text in pictures for word in words(text))
    for name, value in entries:
        # What could not be read is quoted as JSON, a check's offenders are rows of text: neither is rendered.
        assert name in ("preview", "programme", *OVERVIEW, *PICTURES) or isinstance(value, PLAIN), (name, type(value))
    for preview in previews:
        assert not LIVE.search(preview), preview
        assert len({len(BAR.findall(line)) for line in preview.splitlines()}) == 1, "a bar of the feed begins no column"
    plain = " ".join(str(value.value) for _, value in entries if not isinstance(value, dg.MarkdownMetadataValue))
    assert "&lt;script&gt;" in " ".join(previews)
    assert "<script>" in plain


ESCAPES = "\x1b]0;title\x07\x1b[2J"
REASONS: dict[str, Callable[[], Response]] = {
    "AM2036": lambda: page_of([item("1", conference="AM2036") | {"account": MARKUP}], 1),
    "AM2037": lambda: body({MARKUP: 1}),
    "MESS": lambda: body({"_items": [], "_meta": {"total": MARKUP}}),
    "AM2026": lambda: page_of([item("1", conference="AM2026") | {"account": ESCAPES}], 1),
}
"""What conferences answer, each of which fails with another part of it in its reason."""


def test_markup_of_the_feed_is_plain_text_in_a_reason_and_no_terminal_is_steered_by_it(
    configured: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escape sequences in names and values reach a reason escaped, and the event log as JSON."""
    with ScriptedServer(lambda request: REASONS[str(request.where["conference"])]()) as server:
        monkeypatch.setenv("PLANION_FEED_URL", server.url)
        result = run(instance, [f"AAA|{name}" for name in REASONS])
    description, metadata = failure(result)
    assert all(line.isprintable() for line in description.splitlines())
    assert "\x1b" not in description + json.dumps(metadata)
    assert "\\x1b]0;title" in description
    entries = dict(_metadata(result))
    assert isinstance(entries["reason"], dg.TextMetadataValue)
    for name in REASONS:
        assert isinstance(entries[f"AAA|{name}"], dg.TextMetadataValue)
        # Rendered, and our own markup but for the reason.
        (line,) = (line for line in str(entries["to_look_at"].value).splitlines() if name in line)
        assert not LIVE.search(line.partition(" never read (error): ")[2])
