"""What the pages have besides blocks of code: pictures that exist, and commands within sentences that can be run."""

import re
import shlex

import click
import pytest

from planion_assets.cli.main import main
from planion_assets_tests.documents.test_blocks import BLOCKS, PAGES, SHELLS
from planion_assets_tests.pages import ROOT, prose, text_of

IMAGES = ROOT / "docs" / "images"
LARGEST = 420_000
"""Bytes of a picture: a reader on a train waits for it."""
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"`(?:\.venv/bin/)?planion ([^`]+)`")
_PLACEHOLDER = re.compile(r"\b(INSTANT|KEY|NAME|ID|DIR|N)\b|\[|\.\.\.|=")


def _how_tos() -> list[str]:
    return [page for page in PAGES if page.startswith("docs/how-to/")]


@pytest.mark.parametrize("page", _how_tos())
def test_every_how_to_has_a_picture_and_says_what_is_in_it(page: str) -> None:
    pictures = _PICTURE.findall(text_of(page))
    assert pictures
    for words, _ in pictures:
        assert len(words.split()) >= 5, words


def test_every_picture_is_shown_by_a_page_is_small_and_asks_no_other_host() -> None:
    pictures = {
        (ROOT / page).parent.joinpath(target).resolve()
        for page in PAGES
        for _, target in _PICTURE.findall(text_of(page))
    }
    assert {path for path in pictures if not path.exists()} == set()
    for path in IMAGES.iterdir():
        assert path in pictures, f"{path.name} is shown nowhere"
        assert path.stat().st_size <= LARGEST, path.name
        if path.suffix == ".svg":
            hosts = set(re.findall(r"https?://([\w.]+)/", re.sub(r">[^<]*<", "><", path.read_text(encoding="utf-8"))))
            assert hosts <= {"www.w3.org", "www.textualize.io"}, f"{path.name} asks {hosts}"


@pytest.mark.parametrize("page", PAGES)
def test_every_command_in_a_sentence_is_one_that_the_command_takes(page: str) -> None:
    for command in _COMMAND.findall(prose(page)):
        if _PLACEHOLDER.search(command):
            continue
        name, *arguments = shlex.split(command.replace("\\|", "|").partition(">")[0])
        if name.startswith("-"):
            continue
        assert name in main.commands, command
        if arguments:
            _parse(main.commands[name], arguments)


def test_every_refresh_of_a_block_is_one_that_the_command_takes() -> None:
    found = [
        shlex.split(options, comments=True)
        for block in BLOCKS
        if block.language in SHELLS
        for options in re.findall(r"planion refresh\b((?:'[^']*'|[^|&>;\n'])*)", block.text)
    ]
    assert ["--allow-shrink", "AAA|AM2026"] in found
    for arguments in found:
        _parse(main.commands["refresh"], arguments)


def _parse(command: click.Command, arguments: list[str]) -> None:
    """Raises `click.UsageError` where the command does not take them; one that is only begun is none."""
    try:
        command.make_context(command.name, arguments)
    except (click.MissingParameter, click.BadOptionUsage):
        return
    except click.UsageError as error:
        raise AssertionError(f"{command.name} {arguments}: {error.message}") from None


def test_every_option_of_every_command_is_looked_up_on_the_page_of_commands() -> None:
    page = text_of("docs/reference/commands.md")
    options = {
        (name, option)
        for name, command in main.commands.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    assert len(options) > 15
    assert {(name, option) for name, option in options if not re.search(rf"{option}\b", page)} == set()
