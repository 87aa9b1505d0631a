"""What `planion check` says of the feed's answers: refusals, failures, rows of another conference."""

import signal
import socket
import threading
from pathlib import Path

import pytest

from planion_assets.guide import without_see
from planion_assets_tests.cli.checked import TOKEN, check, checked, configure_one, line_of, rows_for
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, body, page_of
from planion_assets_tests.forks import fork, planion


def test_a_refused_token_names_account_and_variable_and_is_asked_with_once(workplace: Path) -> None:
    done, asked = checked(workplace, lambda request: body({}, 401), endpoints="[sessions, speakers]")
    assert (done.exit_code, asked) == (1, [("sessions", "AM1")])
    (line,) = [line for line in done.stdout.splitlines() if "failed: " in line]
    assert line.startswith("account AAA  failed: GET /feed/v1/sessions of AAA|AM1")
    assert "answered 401; the feed refused the token: check the variable PLANION_TOKEN_AAA" in line
    assert line_of(done, "AAA ")[1] == "refused"


def test_a_feed_that_echoes_the_token_does_not_have_it_printed(workplace: Path) -> None:
    for arguments in ([], ["--json"]):
        done, _ = checked(
            workplace, lambda request: Response(TOKEN.encode(), headers={"Content-Type": f"text/{TOKEN}"}), *arguments
        )
        assert done.exit_code == 1


@pytest.mark.parametrize("status", [403, 404])
def test_sessions_that_the_contract_leaves_out_are_an_error(workplace: Path, status: int) -> None:
    done, asked = checked(workplace, lambda request: body({}, status))
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
        return body({}, status) if "speakers" in request.path else page_of(rows_for(request, 3), 1)

    done, asked = checked(workplace, answer, endpoints="[speakers, sessions]")
    assert (done.exit_code, sorted(set(asked)), len(asked)) == (0, asked, 4)
    (line,) = [line for line in done.stdout.splitlines() if "warning: " in line]
    assert line.startswith("account AAA  warning: GET /feed/v1/speakers")
    assert f"answered {status}; " in line
    assert without_see(line).endswith("without it, take speakers out of `endpoints`")
    assert line_of(done, "AAA|AM1")[1:3] == ["3", "-"]
    silent, _ = checked(workplace, answer)
    assert "speakers" not in silent.stdout.partition("\n\n")[2].partition("\n")[2]


def test_one_conference_that_may_not_be_read_is_its_own_error(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        return body({}, 403) if request.where["conference"] == "AM2" else page_of(rows_for(request, 3), 1)

    done, _ = checked(workplace, answer)
    assert done.exit_code == 1
    assert line_of(done, "AAA ")[1:3] == ["accepted", "included"]
    assert "AAA|AM2  failed: GET /feed/v1/sessions of AAA|AM2, page 1 (1 attempt): answered 403; " in done.stdout


def test_a_failing_conference_is_asked_once_and_the_others_are_shown(workplace: Path) -> None:
    def answer(request: Request) -> Response:
        return body({}, 503) if request.where["conference"] == "AM1" else page_of(rows_for(request, 3), 1)

    done, asked = checked(workplace, answer)
    assert (done.exit_code, asked) == (1, [("sessions", "AM1"), ("sessions", "AM2"), ("speakers", "AM1")])
    assert "AAA|AM1  failed: GET /feed/v1/sessions of AAA|AM1, page 1 (1 attempt): answered 503; " in done.stdout
    assert line_of(done, "AAA|AM2")[1] == "3"


def test_a_feed_that_cannot_be_reached_is_an_error_and_says_nothing_of_the_token(workplace: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        configure_one(workplace, f"http://127.0.0.1:{free.getsockname()[1]}/feed/v1")
        done = check(PLANION_TOKEN_AAA=TOKEN)
    assert done.exit_code == 1
    assert line_of(done, "AAA ")[1:3] == ["not", "known"]
    assert done.stdout.count("the connection failed") == 2
    assert done.stdout.count("check `feed.url` and the network") == 2


def test_ctrl_c_ends_it_while_the_feed_is_silent(workplace: Path) -> None:
    asked = threading.Event()

    def silent(connection: socket.socket, stopped: threading.Event) -> None:
        asked.set()
        stopped.wait()

    with ScriptedServer(lambda request: silent) as server:
        configure_one(workplace, server.url)
        with (workplace / "out").open("w") as out, (workplace / "err").open("w") as err:
            streams = {1: out.fileno(), 2: err.fileno()}
            with fork(planion, "check", streams=streams, variables={"PLANION_TOKEN_AAA": TOKEN}) as process:
                assert asked.wait(180)
                process.kill(signal.SIGINT)
                assert process.wait() == 128 + signal.SIGINT
    said = (workplace / "out").read_text(), (workplace / "err").read_text()
    assert said == ("", "stopped by SIGINT: nothing was written\n")


def test_rows_of_another_conference_are_an_error(workplace: Path) -> None:
    done, _ = checked(workplace, lambda request: page_of([{"account": "AAA", "conference": "AM9", "schedid": "1"}], 1))
    assert done.exit_code == 1
    assert "has conference 'AM9' in place of 'AM1', so the feed did not keep to `where`" in done.stdout


def test_a_conference_without_rows_is_a_warning_that_asks_for_its_name(workplace: Path) -> None:
    done, _ = checked(workplace, lambda request: page_of([], 1))
    assert done.exit_code == 0
    assert "AAA|AM1  warning: no sessions yet: is AM1 its ID?" in done.stdout
    assert line_of(done, "AAA|AM1")[1] == "0"
    assert "2 conferences of 1 accounts, 0 errors, 2 warnings; nothing was written" in done.stdout
