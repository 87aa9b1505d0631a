"""What can be wrong with the tables of a conference though each value could be read. Pure; takes built tables."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Link:
    """An engagement by its identifiers, each None where the feed gives none."""

    schedid: str | None
    pslinkid: str | None
    pid: str | None


def links_without_person(session_speakers: pa.Table, speakers: pa.Table) -> list[Link]:
    """The engagements whose `pid` no person of `speakers` has, in the table's order; those without a `pid` too."""
    known = set(speakers["pid"].to_pylist())
    rows = session_speakers.select(["schedid", "pslinkid", "pid"]).to_pylist()
    return [Link(**row) for row in rows if row["pid"] is None or row["pid"] not in known]
