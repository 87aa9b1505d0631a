"""Keys are completed from the configuration, as each shell takes them, and never with an error in between."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets_tests.freshness.stored import configure

PROGRAM = f"#!{sys.executable}\nfrom planion_assets.__main__ import main\nmain()\n"


def _completed(shell: str, words: str, place: int) -> list[str]:
    """The values that a shell is told for the word at that place."""
    typed = words.split()
    environment = {"_PLANION_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": str(place)}
    if shell == "fish":
        environment["COMP_CWORD"] = typed[place] if place < len(typed) else ""
    done = CliRunner(catch_exceptions=False).invoke(main, prog_name="planion", env=environment)
    assert (done.exit_code, done.stderr) == (0, "")
    lines = [line for line in done.stdout.splitlines() if line]
    if shell == "zsh":  # three lines each: kind, value, help
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.parametrize("text", [None, "accounts: []", "{"])
def test_nothing_is_completed_where_the_configuration_cannot_be_used(workplace: Path, text: str | None) -> None:
    if text:
        (workplace / "planion.yaml").write_text(text)
    for shell in ("bash", "zsh", "fish"):
        assert _completed(shell, "planion check A", 2) == []


@pytest.mark.parametrize("command", ["refresh", "check", "verify"])
def test_keys_that_begin_so_and_are_not_named_yet_are_completed(workplace: Path, command: str) -> None:
    configure(workplace, "AM2026", "AM2027", "OW2026")
    assert _completed("zsh", f"planion {command} AAA", 2) == ["AAA|AM2026", "AAA|AM2027", "AAA|OW2026"]
    assert _completed("fish", f"planion {command} AAA", 2) == ["AAA|AM2026", "AAA|AM2027", "AAA|OW2026"]
    assert _completed("zsh", f"planion {command} 'AAA|O", 2) == ["AAA|OW2026"]
    assert _completed("zsh", f"planion {command} 'AAA|OW2026' AAA", 3) == ["AAA|AM2026", "AAA|AM2027"]
    assert _completed("zsh", f"planion {command} B", 2) == []


def test_the_sandbox_is_completed_where_it_is_asked_for(workplace: Path) -> None:
    assert "TOS|OW2026" in _completed("zsh", "planion check --sandbox TOS", 3)


def test_bash_is_told_a_quoted_key_unless_a_quote_is_open(workplace: Path) -> None:
    configure(workplace, "AM2026")
    assert _completed("bash", "planion check AA", 2) == ["'AAA|AM2026'"]
    assert _completed("bash", "planion check ", 2) == ["'AAA|AM2026'"]
    assert _completed("bash", "planion check 'AA", 2) == ["AAA|AM2026"]
    assert _completed("bash", 'planion check "AA', 2) == ["AAA|AM2026"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(shell: str) -> None:
    done = CliRunner().invoke(main, prog_name="planion", env={"_PLANION_COMPLETE": f"{shell}_source"})
    assert done.exit_code == 0
    assert "planion" in done.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_what_bash_puts_on_the_line_names_the_conference(workplace: Path) -> None:
    configure(workplace, "AM2026")
    (workplace / "bin").mkdir()
    (workplace / "bin/planion").write_text(PROGRAM)
    (workplace / "bin/planion").chmod(0o755)
    script = CliRunner().invoke(main, prog_name="planion", env={"_PLANION_COMPLETE": "bash_source"}).stdout
    (workplace / "rc").write_text(f'PATH={workplace}/bin:$PATH; PS1="> "\n{script}\nPROMPT_COMMAND=\necho ready\n')
    for screen in _in_bash(workplace, "planion check A", "planion check 'A"):
        assert "'AAA|AM2026'" in screen.replace("\x1b[C", "")


def _in_bash(folder: Path, *typed: str) -> list[str]:
    """What an interactive bash shows of each of those lines, which end with Tab."""
    ours, theirs = pty.openpty()
    command = ["bash", "--noprofile", "--rcfile", str(folder / "rc"), "-i"]
    environment = {**os.environ, "TERM": "dumb"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        _read_until(ours, "ready")
        screens = []
        for line in typed:
            os.write(ours, f"\x15{line}\t".encode())  # in the place of the line before
            screens.append(_read_until(ours, "AM2026'"))
        process.kill()
    os.close(ours)
    return screens


def _read_until(terminal: int, text: str, seconds: float = 60) -> str:
    output, end = "", time.monotonic() + seconds
    while text not in output and select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0]:
        output += os.read(terminal, 4096).decode()
    return output
