"""The floor's columns: from the parsed items of a conference straight to Arrow arrays.

The rules are the project's (docs/reference/conventions.md) and none of its code: blank text is null, flags and
numbers come in several spellings, venue times are zoneless. A value that is of no such spelling ends the program.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

Session = Mapping[str, Any]
Columns = Mapping[str, "pa.Array[Any]"]

_FLAGS = {1: True, 0: False, "1": True, "0": False, "true": True, "false": False, "": None, " ": None, None: None}
_MICROSECONDS = 60_000_000
_DAY = pa.scalar(24 * 60 * _MICROSECONDS, pa.duration("us"))

_TEXTS = {
    "schedid": "schedid", "sesid": "sesid", "session_name": "sessionName", "description": "description",
    "session_type": "sessionType", "sestype": "sestype", "start_time": "startTime", "end_time": "endTime",
    "roomname": "roomname", "roomid": "roomid", "sched_roomname": "sched_roomname", "hotelname": "hotelname",
    "location": "location", "adanotes": "adanotes", "session_details_url": "SessionDetailsURL",
    "mobile_action_url": "mobileActionURL", "planstone_desktop_user_action_url": "planstoneDesktopUserActionURL",
}  # fmt: skip
_NUMBERED = {
    **{f"custom{n}": f"custom{n}" for n in range(1, 21)},
    **{f"custom{n}_name": f"custom{n}name" for n in range(1, 21)},
    **{f"learning_objective{n}": f"learning_objective{n}" for n in range(1, 11)},
    **{f"credits{n}_label": f"credits{n}_label" for n in range(1, 11)},
}
_SPEAKER_TEXTS = {
    "pslinkid": "pslinkid", "pid": "pid", "role": "role", "sortorder": "sortorder", "title": "title",
    "cargo": "cargo", "affil": "affil", "description": "description", "start_time": "startTime",
    "end_time": "endTime",
    **{name: name for name in
       ("fname", "lname", "honorific", "suffix", "company", "city", "state", "country", "email")},
}  # fmt: skip


def _text(values: Iterable[Any]) -> "pa.Array[Any]":
    return pa.array([value if value and not value.isspace() else None for value in values], pa.string())


def _flag(values: Iterable[Any]) -> "pa.Array[Any]":
    return pa.array([_FLAGS[value] for value in values], pa.bool_())


def _number(values: Iterable[Any]) -> "pa.Array[Any]":
    return _text(values).cast(pa.float64())


def _integer(values: Iterable[Any]) -> "pa.Array[Any]":
    return _text(values).cast(pa.int32())


def _json(values: Iterable[Any]) -> "pa.Array[Any]":
    return pa.array([None if value is None else orjson.dumps(value).decode() for value in values], pa.string())


def _instant(values: Iterable[Any]) -> "pa.Array[Any]":
    return _text(values).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))


def _local(days: "pa.Array[Any]", minutes: "pa.Array[Any]") -> "pa.Array[Any]":
    after_midnight = pc.multiply(minutes.cast(pa.int64()), _MICROSECONDS).cast(pa.duration("us"))
    return pc.add(days.cast(pa.timestamp("us")), after_midnight)


def _tracks(value: list[Mapping[str, str | None]]) -> list[dict[str, str | None]]:
    return [{name: (track.get(name) or "").strip() or None for name in ("track", "desc")} for track in value]


def sessions(items: list[dict[str, Any]]) -> Columns:
    """The columns of `sessions`, without those that the project derives (text without markup, instants, extra)."""

    def each(key: str) -> list[Any]:
        return [item.get(key) for item in items]

    columns = {name: _text(each(key)) for name, key in (_TEXTS | _NUMBERED).items()}
    client = [item.get("sessionClientID") or item.get("clientid") for item in items]
    columns["session_client_id"] = _text(client)
    columns |= {name: _flag(each(name)) for name in ("published", "ticketed", "has_handouts")}
    columns |= {f"credits{n}": _number(each(f"credits{n}")) for n in range(1, 11)}
    columns |= {name: _instant(each(name)) for name in ("session_updated_at", "schedule_updated_at")}
    columns["tracks"] = _json([_tracks(tracks) for tracks in each("tracks")])
    start_date, end_date = (_text(each(key)).cast(pa.date32()) for key in ("startDate", "endDate"))
    starts, ends = _integer(each("rstartmins")), _integer(each("rendmins"))
    start, end = _local(start_date, starts), _local(pc.coalesce(end_date, start_date), ends)
    overnight = pc.and_(pc.is_null(end_date), pc.is_in(pc.less_equal(end, start), pa.array([True])))
    return columns | {
        "start_date": start_date,
        "end_date": end_date,
        "rstartmins": starts,
        "rendmins": ends,
        "starts_at_local": start,
        "ends_at_local": pc.if_else(overnight, pc.add(end, _DAY), end),
    }


def session_speakers(items: list[dict[str, Any]]) -> Columns:
    """The columns of `session_speakers`, without extra."""
    rows = [(item["schedid"], place, it) for item in items for place, it in enumerate(item["speakers"])]
    columns = {name: _text([row[2].get(key) for row in rows]) for name, key in _SPEAKER_TEXTS.items()}
    return columns | {
        "schedid": _text([row[0] for row in rows]),
        "position": pa.array([row[1] for row in rows], pa.int32()),
        "published": _flag([row[2].get("published") for row in rows]),
        "resources": _json([row[2].get("resources") for row in rows]),
    }


def session_tracks(items: list[dict[str, Any]]) -> Columns:
    """The columns of `session_tracks`."""
    rows = [(item["schedid"], place, it) for item in items for place, it in enumerate(item["tracks"])]
    return {
        "schedid": _text([row[0] for row in rows]),
        "position": pa.array([row[1] for row in rows], pa.int32()),
        "track": _text([row[2].get("track") for row in rows]),
        "value": _text([row[2].get("desc") for row in rows]),
    }


def session_credits(items: list[dict[str, Any]]) -> Columns:
    """The columns of `session_credits`: the buckets with a label or credits other than zero."""
    rows = [
        (item["schedid"], n, label, amount)
        for item in items
        for n in range(1, 11)
        for label, amount in ((item.get(f"credits{n}_label"), item.get(f"credits{n}")),)
        if label or amount not in {"0.0", "", None}
    ]
    return {
        "schedid": _text([row[0] for row in rows]),
        "bucket": pa.array([row[1] for row in rows], pa.int32()),
        "label": _text([row[2] for row in rows]),
        "credits": _number([row[3] for row in rows]),
    }


def session_custom_fields(items: list[dict[str, Any]]) -> Columns:
    """The columns of `session_custom_fields`: the fields that a session fills in."""
    rows = [
        (item["schedid"], n, item.get(f"custom{n}name"), value)
        for item in items
        for n in range(1, 21)
        for value in (item.get(f"custom{n}"),)
        if value and not value.isspace()
    ]
    return {
        "schedid": _text([row[0] for row in rows]),
        "number": pa.array([row[1] for row in rows], pa.int32()),
        "label": _text([row[2] for row in rows]),
        "value": _text([row[3] for row in rows]),
    }


TABLES: Mapping[str, Callable[[list[dict[str, Any]]], Columns]] = {
    "sessions": sessions,
    "session_speakers": session_speakers,
    "session_tracks": session_tracks,
    "session_credits": session_credits,
    "session_custom_fields": session_custom_fields,
}
"""The floor's tables, each with the function that makes its columns."""
