"""`planion check` finds what keeps a configuration from working, says it by name, asks once, and writes nothing."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from planion_assets.sandbox import CONFERENCES, TOKENS
from planion_assets_tests.cli.checked import TOKEN, check, checked, configure_one, line_of, rows_for
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, body, page_of
from planion_assets_tests.recording_server import RecordingServer


def test_mistakes_of_the_configuration_are_listed_and_exit_code_2(workplace: Path) -> None:
    write_config(workplace, "data: ~/x\naccounts: []")
    for arguments in ([], ["--json"]):
        done = check(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["data", "accounts"]


@pytest.mark.parametrize(("key", "said"), [("AM1", "is not a partition key"), ("AAA|X", "no conference 'X'")])
def test_a_key_that_is_not_configured_is_exit_code_2(workplace: Path, key: str, said: str) -> None:
    configure_one(workplace, "http://127.0.0.1:9/feed/v1")
    done = check(key)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_no_configuration_is_exit_code_2_and_not_the_sandbox(workplace: Path) -> None:
    done = check()
    assert (done.exit_code, done.stdout) == (2, "")
    assert "planion.yaml" in done.stderr
    assert list(workplace.iterdir()) == []


def test_a_missing_token_is_said_and_the_other_account_is_asked(workplace: Path, sandbox: RecordingServer) -> None:
    entries = "".join(
        f"  - {{account: {account}, token_env: PLANION_TOKEN_{account}, conferences: [{{conference: {name}}}]}}\n"
        for account, name in (("AAA", "AM2036"), ("TOS", "WS2027"))
    )
    (workplace / "planion.yaml").write_text(f"feed: {{url: '{sandbox.url}'}}\naccounts:\n{entries}")
    done = check(PLANION_TOKEN_TOS=TOKENS["TOS"])
    assert done.exit_code == 1
    missing = "account AAA  failed: planion.yaml: accounts[0].token_env: the environment variable PLANION_TOKEN_AAA is "
    assert missing in done.stdout
    assert line_of(done, "AAA ")[1:] == ["missing", "not", "known", "not", "known"]
    assert line_of(done, "TOS|WS2027")[1] == "1"
    assert {request.where["account"] for request in sandbox.requests if request.where} == {"TOS"}


def test_a_data_folder_of_another_feed_is_said_and_the_feed_is_asked_all_the_same(workplace: Path) -> None:
    (workplace / "data/.status").mkdir(parents=True)
    (workplace / "data/.status/.feed.json").write_text(
        '{"feed": "https://other.example.com/feed/v1", "sandbox": false}'
    )
    done, asked = checked(workplace, lambda request: page_of(rows_for(request, 3), 1))
    assert (done.exit_code, len(asked)) == (1, 3)
    assert "shows the feed https://other.example.com/feed/v1, and the feed http://127.0.0.1" in done.stderr
    assert line_of(done, "AAA|AM1")[1] == "3"


def test_a_webhook_without_an_address_is_said_and_the_feed_is_asked_all_the_same(workplace: Path) -> None:
    with ScriptedServer(lambda request: page_of(rows_for(request, 3), 1)) as server:
        configure_one(workplace, server.url)
        with (workplace / "planion.yaml").open("a") as file:
            file.write("\nfailure_webhook_env: PLANION_FAILURE_WEBHOOK\n")
        done = check(PLANION_TOKEN_AAA=TOKEN)
    assert done.exit_code == 1
    assert "failure_webhook_env: the environment variable PLANION_FAILURE_WEBHOOK is not set" in done.stderr
    assert line_of(done, "AAA|AM1")[1] == "3"


def test_speakers_that_are_included_and_not_read_are_hinted_at(workplace: Path) -> None:
    done, asked = checked(workplace, lambda request: page_of(rows_for(request, 3), 1))
    assert (done.exit_code, asked) == (0, [("sessions", "AM1"), ("sessions", "AM2"), ("speakers", "AM1")])
    hint = "account AAA  speakers are included and not read; `endpoints: [sessions, speakers]` reads them"
    assert hint in done.stdout


def test_rows_are_the_feeds_count_or_what_the_page_has(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        rows = rows_for(request, 250)
        if request.where["conference"] == "AM1":
            return page_of(rows, 1)
        return body({"_items": rows[:100], "_links": {"next": {"href": "sessions?page=2"}}})

    done, _ = checked(workplace, answer)
    assert (line_of(done, "AAA|AM1")[1], line_of(done, "AAA|AM2")[1]) == ("250", "100+")


@pytest.mark.parametrize(
    ("more", "printed", "said"),
    [
        (
            {"hotelname": "Hyatt Regency Chicago"},
            "America/Chicago?",
            "its rows name a place in America/Chicago: `timezo",
        ),
        ({"location": "San Diego, CA", "hotelname": ""}, "America/Los_Angeles?", "if that is the venue's"),
        ({"hotelname": "Grand Hall"}, "-", "its rows name no place to guess it from; write the venue's as `timezone`"),
        ({"speakers": [{"city": "Chicago"}], "roomname": "Paris"}, "-", "its rows name no place to guess it from"),
        ({"hotelname": ["Chicago"], "location": 3}, "-", "its rows name no place to guess it from"),
    ],
)
def test_a_time_zone_that_is_not_given_is_guessed_from_the_rows(
    workplace: Path, more: dict[str, Any], printed: str, said: str
) -> None:
    done, _ = checked(workplace, lambda request: page_of(rows_for(request, 3, **more), 1))
    assert done.exit_code == 0
    assert (line_of(done, "AAA|AM1")[-1], line_of(done, "AAA|AM2")[-1]) == ("America/Chicago", printed)
    assert said in next(line for line in done.stdout.splitlines() if line.startswith("AAA|AM2  no time zone is given"))
    assert "AAA|AM1  no time zone" not in done.stdout


def test_a_zone_without_summer_time_is_a_warning(workplace: Path) -> None:
    done, _ = checked(workplace, lambda request: page_of(rows_for(request, 3), 1), timezone="EST")
    assert done.exit_code == 0
    assert (
        "AAA|AM1  warning: EST is a zone without summer time; if the venue has it, write America/New_York"
        in done.stdout
    )


def test_only_the_keys_given_are_asked_for_and_rich_is_not_needed(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    done, asked = checked(workplace, lambda request: page_of(rows_for(request, 3), 1), "AAA|AM2")
    assert (done.exit_code, asked) == (0, [("sessions", "AM2"), ("speakers", "AM2")])
    assert "AAA|AM1" not in done.stdout
    assert line_of(done, "AAA|AM2")[:2] == ["AAA|AM2", "3"]


def test_the_sandbox_is_checked_without_a_configuration_or_a_server(workplace: Path) -> None:
    done = check("--sandbox")
    assert (done.exit_code, done.stderr) == (0, "")
    assert list(workplace.iterdir()) == []
    for account, conference in CONFERENCES:
        assert line_of(done, f"{account}|{conference}")
    assert "\x1b" not in done.stdout


def test_json_says_the_same(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        if "speakers" in request.path:
            return body({}, 403)
        count = 0 if request.where["conference"] == "AM1" else 3
        return page_of(rows_for(request, count, hotelname="Messe Berlin"), 1)

    done, _ = checked(workplace, answer, "--json", endpoints="[sessions, speakers]")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["settings"]) == (0, "planion.yaml")
    (account,) = found["accounts"]
    assert (account["account"], account["token"]) == ("AAA", "accepted")
    assert account["endpoints"] == {"sessions": "included", "speakers": "not included"}
    assert [finding["level"] for finding in account["findings"]] == ["warn"]
    first, second = account["conferences"]
    assert first["rows"] == {"sessions": 0, "speakers": None}
    assert first["findings"] == [{"level": "warn", "text": "no sessions yet: is AM1 its ID?"}]
    assert (second["timezone"], second["timezone_guess"]) == (None, "Europe/Berlin")
    assert second["rows"]["sessions"] == 3
