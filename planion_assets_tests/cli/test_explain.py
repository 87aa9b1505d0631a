"""`planion explain`: the heading that a message ends in, from the page that comes with the package."""

import pytest
from click.testing import CliRunner, Result

from planion_assets.cli.explain import sections
from planion_assets.cli.main import main
from planion_assets.guide import Heading
from planion_assets_tests.pages import anchors, text_of

PAGE = "docs/how-to/monday-morning.md"


def _explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_every_heading_that_a_message_ends_in_is_explained_without_markup_of_links() -> None:
    for heading in Heading:
        done = _explain(heading)
        assert (done.exit_code, done.stderr) == (0, "")
        title, empty, *words = done.stdout.splitlines()
        assert (title.lower()[:2], empty) == (heading[:2], ""), heading
        assert len(" ".join(words).split()) >= 8
        assert "](" not in done.stdout
        assert "##" not in done.stdout


def test_its_words_are_those_of_the_page_and_links_say_where_they_lead() -> None:
    assert _explain("full-disk").stdout.strip() in text_of(PAGE)
    assert "403 (planion explain answered-403)" in _explain("answered-404").stdout
    assert "(docs/how-to/allow-a-loss.md)" in _explain("refused-shrink").stdout
    assert "(docs/reference/settings.md)" in _explain("broken-planionyaml").stdout


def test_without_a_heading_all_are_listed_below_their_chapters() -> None:
    lines = _explain().stdout.splitlines()
    listed = {line.strip() for line in lines if line.startswith("  ")}
    assert set(Heading) | {"red-partition", "killed-run"} <= listed <= anchors(PAGE)
    assert [line for line in lines if not line.startswith("  ")] == list(sections())
    assert "The feed" in sections()


@pytest.mark.parametrize(
    ("mistyped", "said"),
    [
        ("answerd-401", "did you mean answered-401?"),
        ("full disk", "did you mean full-disk?"),
        ("???", "`planion explain` lists all"),
        ("", "`planion explain` lists all"),
    ],
)
def test_what_is_no_heading_is_refused_with_the_nearest(mistyped: str, said: str) -> None:
    done = _explain(mistyped)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{mistyped!r} is no heading; {said}" in done.stderr
