"""The content of the sandbox: the same from the same seed, in the feed's format, and moving on as it says."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import planion_assets.sandbox
from planion_assets.sandbox import CONFERENCES, TOKENS, Sandbox, json_text
from planion_assets.sandbox.items import SAMPLE, seal

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MESS = ("AAA", "MESS")
FILLED = tuple(key for key in CONFERENCES if key not in {("AAA", "AM2037"), MESS})
OVER = ("myaccount", "2018")
TABLE_KEYS = {
    "_id", "account", "conference", "session_updated_at", "schedule_updated_at", "updated_at", "clientid",
    "sessionClientID", "sessionName", "description", "credits1", "credits1_label", "sched_roomname", "roomid",
    "roomname", "hotelname", "startDate", "startTime", "rstartmins", "endTime", "rendmins", "sesid", "published",
    "schedid", "sestype", "sessionType", "SessionDetailsURL", "planstoneDesktopUserActionURL", "has_handouts",
    *(f"custom{number}name" for number in range(1, 21)), *(f"learning_objective{number}" for number in range(1, 11)),
}  # fmt: skip
# Of the items and speakers of each conference, then of two after an advance. A sandbox that writes other bytes is
# another feed to those who have stored its tables: where that is meant, the digests are those that the test shows.
DIGESTS = [
    "54492458d0c5fffb", "054cc84707ec8f91", "0d0138fe56eb99e0", "a683096011db3975",
    "5fdf6bf665aba25c", "aa72611712bfefe8", "d92b1be730f8ce93", "c409ccd82835194a",
    "f6c29ab1d06f94ee",
]  # fmt: skip
PERSONAL_KEYS = {"fname", "lname", "honorific", "suffix", "company", "city", "state", "country", "email"}


def contents(sandbox: Sandbox) -> dict[tuple[str, str], list[dict[str, Any]]]:
    return {key: sandbox.items(*key) for key in CONFERENCES if key != MESS}


def everything(sandbox: Sandbox) -> Iterator[dict[str, Any]]:
    for items in contents(sandbox).values():
        yield from items


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Sandbox().advance(datetime(2026, 11, 24))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize("key", [("AAA", "OW2026"), ("ZZZ", "AM2026"), ("", ""), ("aaa", "AM2026")])
def test_an_unknown_pair_has_no_items(sandbox: Sandbox, key: tuple[str, str]) -> None:
    assert sandbox.items(*key) == []


def test_the_list_of_items_is_the_callers_own(sandbox: Sandbox) -> None:
    sandbox.items("TOS", "WS2027").clear()
    assert len(sandbox.items("TOS", "WS2027")) == 1


def test_accounts_are_those_of_the_conferences(sandbox: Sandbox) -> None:
    assert sandbox.accounts == dict(TOKENS)
    assert {account for account, _ in CONFERENCES} == set(TOKENS)
    assert len(set(TOKENS.values())) == len(TOKENS)


def test_the_sample_session_is_one_item_and_never_changes() -> None:
    sandbox = Sandbox()
    stored = json.loads((Path(planion_assets.sandbox.__file__).parent / "sample.json").read_text(encoding="utf-8"))
    for turn in range(4):
        assert sandbox.items(*OVER).count(stored) == 1
        assert sandbox.advance(NOON + timedelta(minutes=turn))["myaccount|2018"] == dict.fromkeys(
            ("edited", "added", "removed"), 0
        )


def test_the_same_seed_gives_the_same_content_whatever_is_asked_first(sandbox: Sandbox) -> None:
    other = Sandbox()
    # The two largest conferences are left out for time alone: nothing in them is made differently.
    for key in (("TOS", "WS2027"), ("AAA", "AM2037"), ("AAA", "AM2036"), OVER):
        assert other.items(*key) == sandbox.items(*key)


def test_the_same_advances_give_the_same_content_whenever_it_is_asked_for() -> None:
    keys = [("AAA", "AM2036"), ("TOS", "WS2027"), OVER]
    one, other = Sandbox(7), Sandbox(7)
    for turn in range(3):
        moment = NOON + timedelta(hours=turn)
        assert one.advance(moment) == other.advance(moment)
        assert all(one.items(*key) for key in keys)
    for key in keys:
        assert one.items(*key) == other.items(*key)
    assert one.revision == other.revision == 3


def test_every_byte_of_the_content_is_what_it_always_was(sandbox: Sandbox) -> None:
    advanced = Sandbox()
    advanced.advance(NOON)
    contents = [[sandbox.items(*key), sandbox.speakers(*key)] for key in CONFERENCES]
    contents += [[advanced.items(*key), advanced.speakers(*key)] for key in (("AAA", "AM2036"), MESS)]
    assert [hashlib.sha256(json_text(content).encode()).hexdigest()[:16] for content in contents] == DIGESTS


def test_other_methods_follow_the_sessions_and_are_messy_where_these_are() -> None:
    sandbox = Sandbox()
    before = [sandbox.collection(name, "AAA", "AM2036") for name in ("abstracts", "eposters", "disclosures")]
    sandbox.advance(NOON)
    assert before != [sandbox.collection(name, "AAA", "AM2036") for name in ("abstracts", "eposters", "disclosures")]
    assert not all(isinstance(one, dict) for one in sandbox.collection("abstracts", *MESS))
    assert sandbox.collection("sessions", *MESS) == sandbox.items(*MESS)
    assert sandbox.collection("abstracts", "AAA", "NONE") == []
    with pytest.raises(KeyError):
        sandbox.collection("posters", "AAA", "AM2036")


def test_another_seed_gives_other_content(sandbox: Sandbox) -> None:
    other = Sandbox(sandbox.seed + 1)
    for key in (("AAA", "AM2036"), ("TOS", "WS2027"), OVER):
        assert sandbox.items(*key) != other.items(*key)


def test_advance_never_empties_a_conference_and_only_edits_a_single_session() -> None:
    sandbox = Sandbox()
    only = sandbox.items("TOS", "WS2027")[0]
    for turn in range(40):
        counts = sandbox.advance(NOON + timedelta(minutes=15 * turn))
        assert counts.keys() == {"|".join(key) for key in CONFERENCES}
        assert counts["TOS|WS2027"] == {"edited": 1, "added": 0, "removed": 0}
        assert counts["AAA|AM2037"] == {"edited": 0, "added": 0, "removed": 0}
        edited = sandbox.items("TOS", "WS2027")[0]
        assert edited["schedid"] == only["schedid"]
        assert edited["_etag"] != only["_etag"]
        only = edited
    assert len(sandbox.items("AAA", "AM2036")) > 20
    assert_unique_keys(sandbox.items("AAA", "AM2036"))


def test_advance_leaves_a_list_returned_before_as_it_was() -> None:
    sandbox = Sandbox()
    items = sandbox.items("AAA", "AM2036")
    before = json.dumps(items)
    sandbox.advance(NOON)
    assert json.dumps(items) == before
    assert sandbox.items("AAA", "AM2036") != items


def test_advance_writes_the_moment_in_utc() -> None:
    sandbox = Sandbox()
    sandbox.advance(NOON.astimezone(timezone(timedelta(hours=-6))))
    assert sandbox.items("TOS", "WS2027")[0]["session_updated_at"] == "2026-11-24 12:00:00"


def test_reading_and_advancing_at_once_shows_whole_states_only() -> None:
    sandbox = Sandbox()
    sandbox.items("AAA", "AM2036")
    with ThreadPoolExecutor(8) as pool:
        advances = [pool.submit(sandbox.advance, NOON) for _ in range(20)]
        reads = [pool.submit(sandbox.items, "AAA", "AM2036") for _ in range(40)]
        for read in reads:
            assert_unique_keys(read.result())
        assert all(advance.result() for advance in advances)
    assert sandbox.revision == 20


def assert_unique_keys(items: list[dict[str, Any]]) -> None:
    assert len({item["schedid"] for item in items}) == len(items)
    pslinkids = [speaker["pslinkid"] for item in items for speaker in item["speakers"]]
    assert len(set(pslinkids)) == len(pslinkids)


@pytest.mark.parametrize("key", FILLED)
def test_items_have_the_contracts_keys_and_unique_identifiers(sandbox: Sandbox, key: tuple[str, str]) -> None:
    items = sandbox.items(*key)
    assert len({frozenset(item) for item in items}) == 1, "one set of fields in a conference"
    expected = {
        "myaccount": set(SAMPLE),
        "AAA": set(SAMPLE) | TABLE_KEYS,
        "TOS": (set(SAMPLE) | TABLE_KEYS) - {"location", "mobileActionURL", "adanotes", "ticketed"},
    }
    assert set(items[0]) == expected[key[0]]
    assert_unique_keys(items)
    speakers = [speaker for item in items for speaker in item["speakers"]]
    keys = set(SAMPLE["speakers"][0]) | (PERSONAL_KEYS if key[0] == "AAA" else set())
    assert all(set(speaker) == keys for speaker in speakers)
    assert all(seal(item)["_etag"] == item["_etag"] for item in items[:100])


def test_values_are_as_dirty_as_the_feeds(sandbox: Sandbox) -> None:
    items = list(everything(sandbox))
    speakers = [speaker for item in items for speaker in item["speakers"]]
    for rows in (items, speakers):
        # By repr: True, 1 and 1.0 are one value to a set.
        assert {repr(row["published"]) for row in rows} == {"True", "1", "'1'", "False", "0", "None"}
    assert {"", " ", None} <= {item["description"] for item in items}
    assert {"", " ", None} <= {item["sessionClientID"] for item in items}
    assert {0, 8} <= {len(item["speakers"]) for item in items}
    assert max(len(item["speakers"]) for item in items) == 8
    assert any(speaker["resources"] for speaker in speakers)
    assert max(Counter(speaker["pid"] for speaker in speakers).values()) > 5
    assert any("<p>" in (item["description"] or "") and "&amp;" in item["description"] for item in items)


@pytest.mark.parametrize("key", [key for key in FILLED if key != ("TOS", "WS2027")])
def test_a_conference_has_late_sessions_unplaced_ones_and_shared_client_ids(
    sandbox: Sandbox, key: tuple[str, str]
) -> None:
    items = sandbox.items(*key)
    assert any(item["startTime"].endswith("pm") and item["endTime"] == "12:30 am" for item in items)
    assert any(item["startDate"] in ("", " ", None) and item["roomname"] in ("", " ", None) for item in items)
    used = Counter(item["sessionClientID"] for item in items if (item["sessionClientID"] or " ").strip())
    assert max(used.values()) > 1


def test_dates_are_those_of_the_conference(sandbox: Sandbox) -> None:
    months = {"2018": "2018-10", "AM2026": "2026-11", "AM2036": "2036-11", "OW2026": "2026-11", "WS2027": "2027-02"}
    for item in everything(sandbox):
        if (item["startDate"] or " ").strip():
            assert item["startDate"].startswith(months[item["conference"]])


def test_sessions_were_last_edited_before_their_conference(sandbox: Sandbox) -> None:
    for items in contents(sandbox).values():
        days = [item["startDate"] for item in items if (item["startDate"] or " ").strip()]
        for item in items:
            if "session_updated_at" in item:
                day = item["session_updated_at"][:10]
                assert day < min(days)
                assert date.fromisoformat(day) <= date(2026, 11, 20)
                assert item["schedule_updated_at"] <= item["session_updated_at"]


@pytest.mark.parametrize("key", [key for key in FILLED if key != ("TOS", "WS2027")])
def test_items_are_of_a_plausible_size_and_titles_are_not_repeated(sandbox: Sandbox, key: tuple[str, str]) -> None:
    items = sandbox.items(*key)
    assert 4000 <= sum(len(json.dumps(item)) for item in items) / len(items) <= 5500
    assert len({item["sessionName"] for item in items}) == len(items)


def test_people_are_addressed_in_a_reserved_domain_only(sandbox: Sandbox) -> None:
    speakers = [speaker for item in sandbox.items("AAA", "AM2026") for speaker in item["speakers"]]
    addresses = {speaker["email"] for speaker in speakers if (speaker["email"] or " ").strip()}
    assert addresses
    assert all(address.endswith("@example.org") for address in addresses)
    names = {(speaker["pid"], speaker["fname"], speaker["lname"]) for speaker in speakers}
    assert len(names) == len({pid for pid, _, _ in names})
