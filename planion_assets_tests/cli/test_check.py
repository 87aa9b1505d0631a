"""`planion check` finds what keeps a configuration from working, says it by name, asks once, and writes nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.main import main
from planion_assets.sandbox import CONFERENCES, TOKENS, SandboxServer
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, body, page_of

TOKEN = "meow-meow-secret"
CONFIG = """
    feed: {{url: '{url}', read_timeout: 2}}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        endpoints: {endpoints}
        conferences:
          - {{conference: AM1, timezone: {timezone}}}
          - {{conference: AM2}}
"""


def _check(*arguments: str, **environment: str) -> Result:
    return CliRunner(catch_exceptions=False).invoke(main, ["check", *arguments], env=environment)


def _configure(folder: Path, url: str, *, endpoints: str = "[sessions]", timezone: str = "America/Chicago") -> None:
    write_config(folder, CONFIG.format(url=url, endpoints=endpoints, timezone=timezone))


def _rows(request: Request, count: int, **more: Any) -> list[dict[str, Any]]:
    return [{**request.where, "schedid": str(number), **more} for number in range(count)]


def _checked(
    folder: Path, answer: Callable[[Request], Response], *arguments: str, **settings: str
) -> tuple[Result, list[tuple[str, str]]]:
    """What the command says of a feed that answers so, and what it asked for: path and conference, in any order."""
    with ScriptedServer(answer) as server:
        _configure(folder, server.url, **settings)
        before = sorted(folder.rglob("*"))
        done = _check(*arguments, PLANION_TOKEN_AAA=TOKEN)
        assert sorted(folder.rglob("*")) == before
        assert TOKEN not in done.output
        asked = [(request.path.rpartition("/")[2], request.where["conference"]) for request in server.requests]
    return done, sorted(asked)


# What can be wrong with the configuration


def test_mistakes_of_the_configuration_are_listed_and_exit_code_2(workplace: Path) -> None:
    write_config(workplace, "data: ~/x\naccounts: []")
    for arguments in ([], ["--json"]):
        done = _check(*arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["data", "accounts"]


@pytest.mark.parametrize(("key", "said"), [("AM1", "is not a partition key"), ("AAA|X", "no conference 'X'")])
def test_a_key_that_is_not_configured_is_exit_code_2(workplace: Path, key: str, said: str) -> None:
    _configure(workplace, "http://127.0.0.1:9/feed/v1")
    done = _check(key)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_no_configuration_is_exit_code_2_and_not_the_sandbox(workplace: Path) -> None:
    done = _check()
    assert (done.exit_code, done.stdout) == (2, "")
    assert "planion.yaml" in done.stderr
    assert list(workplace.iterdir()) == []


def test_a_missing_token_is_said_and_the_other_account_is_asked(workplace: Path, sandbox: SandboxServer) -> None:
    entries = "".join(
        f"  - {{account: {account}, token_env: PLANION_TOKEN_{account}, conferences: [{{conference: {name}}}]}}\n"
        for account, name in (("AAA", "AM2036"), ("TOS", "WS2027"))
    )
    (workplace / "planion.yaml").write_text(f"feed: {{url: '{sandbox.url}'}}\naccounts:\n{entries}")
    done = _check(PLANION_TOKEN_TOS=TOKENS["TOS"])
    assert done.exit_code == 1
    missing = "account AAA  failed: planion.yaml: accounts[0].token_env: the environment variable PLANION_TOKEN_AAA is "
    assert missing in done.stdout
    assert _line(done, "AAA ")[1:] == ["missing", "not", "known", "not", "known"]
    assert _line(done, "TOS|WS2027")[1] == "1"
    assert {request.where["account"] for request in sandbox.requests if request.where} == {"TOS"}


def test_a_data_folder_of_another_feed_is_said_and_the_feed_is_asked_all_the_same(workplace: Path) -> None:
    (workplace / "data/.status").mkdir(parents=True)
    (workplace / "data/.status/.feed.json").write_text(
        '{"feed": "https://other.example.com/feed/v1", "sandbox": false}'
    )
    done, asked = _checked(workplace, lambda request: page_of(_rows(request, 3), 1))
    assert (done.exit_code, len(asked)) == (1, 3)
    assert "shows the feed https://other.example.com/feed/v1, and the feed http://127.0.0.1" in done.stderr
    assert _line(done, "AAA|AM1")[1] == "3"


def test_a_webhook_without_an_address_is_said_and_the_feed_is_asked_all_the_same(workplace: Path) -> None:
    with ScriptedServer(lambda request: page_of(_rows(request, 3), 1)) as server:
        _configure(workplace, server.url)
        with (workplace / "planion.yaml").open("a") as file:
            file.write("\nfailure_webhook_env: PLANION_FAILURE_WEBHOOK\n")
        done = _check(PLANION_TOKEN_AAA=TOKEN)
    assert done.exit_code == 1
    assert "failure_webhook_env: the environment variable PLANION_FAILURE_WEBHOOK is not set" in done.stderr
    assert _line(done, "AAA|AM1")[1] == "3"


# What can be wrong with the feed's answers


def test_a_refused_token_names_account_and_variable_and_is_asked_with_once(workplace: Path) -> None:
    done, asked = _checked(workplace, lambda request: body({}, 401), endpoints="[sessions, speakers]")
    assert (done.exit_code, asked) == (1, [("sessions", "AM1")])
    (line,) = [line for line in done.stdout.splitlines() if "failed: " in line]
    assert line.startswith("account AAA  failed: GET /feed/v1/sessions of AAA|AM1")
    assert "answered 401; the feed refused the token: check the variable PLANION_TOKEN_AAA" in line
    assert _line(done, "AAA ")[1] == "refused"


def test_a_feed_that_echoes_the_token_does_not_have_it_printed(workplace: Path) -> None:
    for arguments in ([], ["--json"]):
        done, _ = _checked(
            workplace, lambda request: Response(TOKEN.encode(), headers={"Content-Type": f"text/{TOKEN}"}), *arguments
        )
        assert done.exit_code == 1


@pytest.mark.parametrize("status", [403, 404])
def test_sessions_that_the_contract_leaves_out_are_an_error(workplace: Path, status: int) -> None:
    done, asked = _checked(workplace, lambda request: body({}, status))
    assert done.exit_code == 1
    assert asked == [("sessions", "AM1"), ("sessions", "AM2"), ("speakers", "AM1")]
    (line,) = [line for line in done.stdout.splitlines() if "failed: " in line]
    assert line.startswith("account AAA  failed: ")
    assert f"answered {status}; " in line
    assert "what the contract includes" in line


@pytest.mark.parametrize("status", [403, 404])
def test_speakers_that_the_contract_leaves_out_are_a_warning_where_they_are_asked_for(
    workplace: Path, status: int
) -> None:
    def answer(request: Request) -> Response:
        return body({}, status) if "speakers" in request.path else page_of(_rows(request, 3), 1)

    done, asked = _checked(workplace, answer, endpoints="[speakers, sessions]")
    assert (done.exit_code, sorted(set(asked)), len(asked)) == (0, asked, 4)
    (line,) = [line for line in done.stdout.splitlines() if "warning: " in line]
    assert line.startswith("account AAA  warning: GET /feed/v1/speakers")
    assert f"answered {status}; " in line
    assert line.endswith("without it, take speakers out of `endpoints`")
    assert _line(done, "AAA|AM1")[1:3] == ["3", "-"]
    silent, _ = _checked(workplace, answer)
    assert "speakers" not in silent.stdout.partition("\n\n")[2].partition("\n")[2]


def test_one_conference_that_may_not_be_read_is_its_own_error(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        return body({}, 403) if request.where["conference"] == "AM2" else page_of(_rows(request, 3), 1)

    done, _ = _checked(workplace, answer)
    assert done.exit_code == 1
    assert _line(done, "AAA ")[1:3] == ["accepted", "included"]
    assert "AAA|AM2  failed: GET /feed/v1/sessions of AAA|AM2, page 1 (1 attempt): answered 403; " in done.stdout


def test_a_failing_conference_is_asked_once_and_the_others_are_shown(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        return body({}, 503) if request.where["conference"] == "AM1" else page_of(_rows(request, 3), 1)

    done, asked = _checked(workplace, answer)
    assert (done.exit_code, asked) == (1, [("sessions", "AM1"), ("sessions", "AM2"), ("speakers", "AM1")])
    assert "AAA|AM1  failed: GET /feed/v1/sessions of AAA|AM1, page 1 (1 attempt): answered 503; " in done.stdout
    assert _line(done, "AAA|AM2")[1] == "3"


def test_a_feed_that_cannot_be_reached_is_an_error_and_says_nothing_of_the_token(workplace: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        _configure(workplace, f"http://127.0.0.1:{free.getsockname()[1]}/feed/v1")
        done = _check(PLANION_TOKEN_AAA=TOKEN)
    assert done.exit_code == 1
    assert _line(done, "AAA ")[1:3] == ["not", "known"]
    assert done.stdout.count("the connection failed") == 2
    assert done.stdout.count("check `feed.url` and the network") == 2


def test_ctrl_c_ends_it_while_the_feed_is_silent(workplace: Path) -> None:
    asked = threading.Event()

    def silent(connection: socket.socket, stopped: threading.Event) -> None:
        asked.set()
        stopped.wait()

    with ScriptedServer(lambda request: silent) as server:
        _configure(workplace, server.url)
        environment = {**os.environ, "PLANION_TOKEN_AAA": TOKEN}
        command = [sys.executable, "-m", "planion_assets", "check"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert asked.wait(180)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=180) == (b"", b"stopped by SIGINT: nothing was written\n")
    assert process.returncode == 128 + signal.SIGINT


def test_rows_of_another_conference_are_an_error(workplace: Path) -> None:
    done, _ = _checked(workplace, lambda request: page_of([{"account": "AAA", "conference": "AM9", "schedid": "1"}], 1))
    assert done.exit_code == 1
    assert "has conference 'AM9' in place of 'AM1', so the feed did not keep to `where`" in done.stdout


def test_a_conference_without_rows_is_a_warning_that_asks_for_its_name(workplace: Path) -> None:
    done, _ = _checked(workplace, lambda request: page_of([], 1))
    assert done.exit_code == 0
    assert "AAA|AM1  warning: no sessions yet: is AM1 its ID?" in done.stdout
    assert _line(done, "AAA|AM1")[1] == "0"
    assert "2 conferences of 1 accounts, 0 errors, 2 warnings; nothing was written" in done.stdout


# What is said of a configuration that works


def test_speakers_that_are_included_and_not_read_are_hinted_at(workplace: Path) -> None:
    done, asked = _checked(workplace, lambda request: page_of(_rows(request, 3), 1))
    assert (done.exit_code, asked) == (0, [("sessions", "AM1"), ("sessions", "AM2"), ("speakers", "AM1")])
    hint = "account AAA  speakers are included and not read; `endpoints: [sessions, speakers]` reads them"
    assert hint in done.stdout


def test_rows_are_the_feeds_count_or_what_the_page_has(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        rows = _rows(request, 250)
        if request.where["conference"] == "AM1":
            return page_of(rows, 1)
        return body({"_items": rows[:100], "_links": {"next": {"href": "sessions?page=2"}}})

    done, _ = _checked(workplace, answer)
    assert (_line(done, "AAA|AM1")[1], _line(done, "AAA|AM2")[1]) == ("250", "100+")


@pytest.mark.parametrize(
    ("more", "shown", "said"),
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
    workplace: Path, more: dict[str, Any], shown: str, said: str
) -> None:
    done, _ = _checked(workplace, lambda request: page_of(_rows(request, 3, **more), 1))
    assert done.exit_code == 0
    assert (_line(done, "AAA|AM1")[-1], _line(done, "AAA|AM2")[-1]) == ("America/Chicago", shown)
    assert said in next(line for line in done.stdout.splitlines() if line.startswith("AAA|AM2  no time zone is given"))
    assert "AAA|AM1  no time zone" not in done.stdout


def test_a_zone_without_summer_time_is_a_warning(workplace: Path) -> None:
    done, _ = _checked(workplace, lambda request: page_of(_rows(request, 3), 1), timezone="EST")
    assert done.exit_code == 0
    assert (
        "AAA|AM1  warning: EST is a zone without summer time; if the venue has it, write America/New_York"
        in done.stdout
    )


def test_only_the_keys_given_are_asked_for_and_rich_is_not_needed(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    done, asked = _checked(workplace, lambda request: page_of(_rows(request, 3), 1), "AAA|AM2")
    assert (done.exit_code, asked) == (0, [("sessions", "AM2"), ("speakers", "AM2")])
    assert "AAA|AM1" not in done.stdout
    assert _line(done, "AAA|AM2")[:2] == ["AAA|AM2", "3"]


def test_the_sandbox_is_checked_without_a_configuration_or_a_server(workplace: Path) -> None:
    done = _check("--sandbox")
    assert (done.exit_code, done.stderr) == (0, "")
    assert list(workplace.iterdir()) == []
    for account, conference in CONFERENCES:
        assert _line(done, f"{account}|{conference}")
    assert "\x1b" not in done.stdout


def test_json_says_the_same(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        if "speakers" in request.path:
            return body({}, 403)
        count = 0 if request.where["conference"] == "AM1" else 3
        return page_of(_rows(request, count, hotelname="Messe Berlin"), 1)

    done, _ = _checked(workplace, answer, "--json", endpoints="[sessions, speakers]")
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


def _line(done: Result, start: str) -> list[str]:
    """The words of the line of one of the tables."""
    return next(line for line in done.stdout.splitlines() if line.startswith(start)).split()
