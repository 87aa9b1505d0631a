"""The golden file: what the bodies of pages become, for which a raw table's page digests stand under their version.

`golden.json` has the outcome of reading each case of the corpus, and a digest of the code that reads them. Where the
code changes, `problem` says what must be done. Once `VERSION` is raised, or where nothing can differ:

    python -m planion_assets_tests.feed.golden

writes the file anew. It refuses where an outcome differs and the version was not raised.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from planion_assets.feed.endpoints import ENDPOINTS
from planion_assets.feed.errors import FeedError
from planion_assets.feed.limits import Limits
from planion_assets.feed.walk import walk
from planion_assets.storage import page_digests
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, client_of
from planion_assets_tests.source_digest import ROOT, import_closure, source_digest

FILE = Path(__file__).with_name("golden.json")
COMMAND = "python -m planion_assets_tests.feed.golden"
RAISE = "raise VERSION in planion_assets/storage/page_digests.py"

# They name faults, bounds and conferences, or hold bytes: what a body becomes does not follow from them.
_OTHER = {f"planion_assets.{name}" for name in ("feed.errors", "feed.limits", "guide", "keys", "spool")}
_OWNER = '"account": "AAA", "conference": "AM2026"'
_INTEGERS = ["1", "-0", "18446744073709551615", "18446744073709551616"]
_REALS = ["1.0", "-0.0", "1e400", "-1e400", "NaN", "1.0000000000000000001"]
_TEXTS = ['""', '"1"', '"é"', '"\\u00e9"', '"\\ud800"', '"\\ud83d\\ude00"']
_OTHERS = ["null", "true", "[]", "{}", '{"b": 1, "a": 2}', '{"a": 2, "b": 1}', '{"$numberLong": "7"}']


def _item(members: str) -> str:
    return f'{{{_OWNER}, "schedid": {members}}}'


def _page(*items: str, more: str = "") -> str:
    return f'{{"_items": [{", ".join(items)}]{more}}}'


def _meta(total: str, page: int = 1, size: int = 2) -> str:
    return f', "_meta": {{"page": {page}, "max_results": {size}, "total": {total}}}, "_links": {{"self": {{}}}}'


ONE = _item('"1"')
CASES: dict[str, tuple[str, list[str]]] = {
    "values": ("sessions", [_page(*(_item(f'"1", "n": {value}') for value in _INTEGERS + _REALS + _TEXTS + _OTHERS))]),
    "text as it came": ("sessions", ['\ufeff { "_items" : [ ' + _item('"1" , "n":1, "n" : 2') + ' ], \n"x": [1] } ']),
    "bookkeeping": ("sessions", [_page(_item('"1", "_etag": "x", "_n": 1e400'), _item('"2", "ETAG": 1'))]),
    "identifiers": ("sessions", [_page(*map(_item, ('7, "SchedId": "8"', "7.0", '" 7 "', '{"$oid": "7"}', "null")))]),
    "no objects": ("sessions", [_page(ONE, "null", "7", '"text"', "[[]]")]),
    "a key in another letter case": ("sessions", [_page('{"ACCOUNT": "AAA", "Conference": "AM2026", "SCHEDID": "1"}')]),
    "owners": ("sessions", [_page('{"account": " AAA", "conference": "AM2026 "}', '{"schedid": "2"}', ONE)]),
    "no owner at all": ("sessions", [_page('{"schedid": "2"}')]),
    "another's": ("sessions", [_page(ONE, '{"account": "AAA", "conference": "AM2027", "schedid": "2"}')]),
    "a person without an owner": ("speakers", [_page('{"pid": 7}', '{"pid": "8", "account": "AAA"}')]),
    "another's person": ("speakers", [_page('{"pid": 7, "account": null}')]),
    "pages": ("sessions", [_page(ONE, _item("2"), more=_meta('"3"')), _page(_item("3"), more=_meta("3.0", 2))]),
    "pages that state nothing": ("sessions", [_page(ONE, ONE), _page(_item("3"))]),
    "an empty page": ("sessions", [_page(ONE), _page(), _page(_item("3"))]),
    "a conference of no items": ("sessions", [_page(more=_meta("0"))]),
    "another count": ("sessions", [_page(ONE, more=_meta("2"))]),
    "a count that is none": ("sessions", [_page(ONE, more=_meta("2.5"))]),
    "another page": ("sessions", [_page(ONE, more=_meta("1", 2))]),
    "another size": ("sessions", [_page(ONE, _item("2"), more=_meta("3")), _page(_item("3"), more=_meta("3", 2, 3))]),
    "a short page": ("sessions", [_page(ONE, more=_meta("2")), _page(_item("3"), more=_meta("2", 2))]),
    "a page twice": ("sessions", [_page(ONE), _page(ONE)]),
    "deep": ("sessions", [_page(_item('"1", "n": ' + "[" * 99 + "]" * 99))]),
    "too deep": ("sessions", [_page(_item('"1", "n": ' + "[" * 100 + "]" * 100))]),
    "no page": ("sessions", ['{"_items": {}}']),
    "no object": ("sessions", ["[]"]),
    "no JSON": ("sessions", ['{"_items": [1,]}']),
}  # fmt: skip


def modules(root: Path = ROOT) -> set[str]:
    """The modules that turn a body into items, and check them."""
    closure = import_closure(["planion_assets.feed.page_series"], ["planion_assets"], root)
    return {*closure - _OTHER, "planion_assets.feed.walk"}


def outcome(endpoint: str, bodies: list[str]) -> Any:
    """What these bodies become, with pages behind them that are not there: items and their digest, or a refusal."""

    def answer(request: Request) -> Response:
        if request.page > len(bodies):
            return Response(b"", 404)
        return Response(bodies[request.page - 1].encode())

    with LocalFeed(answer) as feed, client_of(feed, limits=Limits(max_attempts=1)) as client:
        try:
            walked = walk(client, KEY, ENDPOINTS[endpoint])
        except FeedError as error:
            return {"refused": type(error).__name__}
    # `repr`, since a golden file that said NaN would equal nothing.
    items = [[item.digest, item.payload, repr(dict(item.members))] for item in walked.items]
    return {"digest": walked.digest, "bodies": [body.hex() for body in walked.bodies], "items": items}


@cache
def source(root: Path = ROOT) -> str:
    """The digest of those modules below `root`."""
    return source_digest(modules(root), root)


def now() -> Any:
    """What the code is."""
    outcomes = {name: {"of": bodies, **outcome(endpoint, bodies)} for name, (endpoint, bodies) in CASES.items()}
    return {"version": page_digests.VERSION, "source": source(), "outcomes": outcomes}


def problem(stored: Any, found: Any) -> str | None:
    """What must be done where the code is not as in the golden file; None where it is."""
    if stored == found:
        return None
    if stored["version"] == found["version"]:
        before = stored["outcomes"]
        changed = [
            name
            for name, after in found["outcomes"].items()
            if name in before and before[name]["of"] == after["of"] and before[name] != after
        ]
        if changed:
            return f"the same bodies become something else ({', '.join(changed)}): {RAISE}, then run `{COMMAND}`"
        if stored["source"] != found["source"]:
            return (
                "the code that turns bodies into items is another one: where bodies can become something else, or fail "
                f"a check that they passed, {RAISE}; then run `{COMMAND}`"
            )
    return f"not as the golden file has it: run `{COMMAND}`"


def read() -> Any:
    """The golden file."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def write(found: Any) -> str | None:
    """Write the golden file anew; where outcomes differ and the version was not raised, say so and leave it."""
    refused = problem(read(), found) if FILE.exists() else None
    if refused and refused.startswith("the same bodies"):
        return refused
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(write(now()))
