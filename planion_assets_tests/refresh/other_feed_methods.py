"""A feed of sessions and of methods that only settings name, whose items and answers a test edits, and its refresh."""

from collections.abc import Sequence
from typing import Any

from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.store import Store
from planion_assets.tables.catalog import table, tables_of
from planion_assets.tables.model import Table
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, client_of, item, page_of

OTHERS = ("abstracts", "eposters")
ALL = ("sessions", *OTHERS)
FEW = tuple(table(name) for name in ("raw_sessions", "sessions", "session_speakers"))


def entry(number: int, **more: Any) -> dict[str, Any]:
    """An item of a method of which nothing is known."""
    return {"_id": f"{number:024x}", "account": KEY.account, "conference": KEY.conference, "title": f"{number}", **more}


class Feed(LocalFeed):
    """`listed` has by method its items, or what is answered in their place; any other method is answered 404."""

    def __init__(self) -> None:
        self.listed: dict[str, Sequence[Any] | Response] = {
            "sessions": [item("1", speakers=[{"pslinkid": "1", "pid": "7"}]), item("2")],
            **{name: [entry(number) for number in range(6)] for name in OTHERS},
        }
        super().__init__(self._page)

    def asked(self, method: str) -> list[Request]:
        """The requests for a method."""
        return [request for request in self.requests if request.path.endswith(f"/{method}")]

    def refreshed(
        self, store: Store, endpoints: Sequence[str] = ALL, *, wanted: Sequence[Table] | None = None, **options: Any
    ) -> Refreshed | Failed:
        """What comes of a refresh of a few tables of the sessions, and of those of these endpoints."""
        tables = wanted or (*FEW, *(one for one in tables_of(ALL) if one.endpoint in OTHERS))
        settings = RefreshOptions(endpoints=tuple(endpoints), **options)
        with client_of(self) as client:
            (outcome,) = refresh([KEY], (*tables, SESSION_CHANGES), store, lambda _: client, lambda _: settings)
        return outcome

    def _page(self, request: Request) -> Response:
        found = self.listed.get(request.path.rpartition("/")[2], Response(b"", 404))
        return found if isinstance(found, Response) else page_of(found, request.page, size=request.size or 100)
