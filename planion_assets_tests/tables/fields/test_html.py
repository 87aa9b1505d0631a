"""The text of a description without its markup: as Python's parser finds it, in one pass over whatever comes."""

import sys
import time
import tracemalloc

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.fields import html, markup
from planion_assets.tables.fields.html import plain_text
from planion_assets.tables.sessions import SESSIONS
from planion_assets_tests.cost import at_most
from planion_assets_tests.tables.fields.stdlib_text import stdlib_text
from planion_assets_tests.tables.items import KEY, Item

# What every release of Python's parser reads alike: the usual, and the usual mistakes.
_USUAL = (
    *("<p>", "</p>", '<P CLASS="x">', '<a b="&amp;" c-d="e"/>', '<p a="1"b="2">', "</p >", "<a/b>", "<br/>", "<br / >"),
    *("<td>", "</td>", "<td/>", "<th>", "<b>", "</b>", "<1>", "< p>", "<p\v>", "<p\f>", '<p\x85a="b">', "<td b=c/>"),
    *("<script>a < b</script>", "<STYLE>p > a {}</style>", "<template>", "</template>", "<script/>", "</>", "</1>"),
    *("<!-- a > b -->", "<a href='x\ny'>", "<a b='>'>", '<p b=">">', "<a b=c d>", "<!doctype html>", "<?x?>"),
    *("text", " ", "\n", "\r\n", "\t", "&amp;", "&nbsp;", "&#10;", "&#x2028;", "&lt;p&gt;", "&ampx;", "&notin", "&am"),
    *("p;", "\x1c", "\x85", "\u2028"),
)
# What there is beside that, on which releases differ.
_ODD = (
    *(
        "<",
        ">",
        "/",
        '"',
        "'",
        "=",
        "!",
        "[",
        "]",
        "-",
        "<!--",
        "-->",
        "<!-->",
        "<![",
        "<script>",
        "</script>",
        "</ p>",
    ),
    *("<style>", "<title>", "</title>", "<textarea>", "<svg>", "<p\x00>", "<a b=", "<!x>", "&#" + "9" * 5000 + ";"),
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (None, None),
        ("", None),
        ("<p> </p><br>", None),
        ("<script>alert(1)</script><style>p {}</style>", None),
        ("no markup, AT&amp;T &lt; 3 &mdash; &eacute;&#233;&#xE9;", "no markup, AT&T < 3 — ééé"),
        ("one\ntwo", "one\ntwo"),
        ("<p>one\n two</p><p>three</p>", "one two\nthree"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b <b>bold</b></li></ul>after", "a\nb bold\nafter"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("2 < 3 and <unclosed", "2 < 3 and <unclosed"),
        ("a<!-- hidden -->b", "ab"),
        ("<p>un<i>closed", "unclosed"),
        ("&nbsp;&nbsp;x&nbsp;", "x"),
        ("</p></div>stray", "stray"),
        ("a<![if !supportLists]>b<![endif]>c<![x[d]>e", "abce"),
        ("<p>a</p><![x[", "a\n<![x["),
        ("a<br>b &lt; <i", "a\nb < <i"),
        ("<script>a</script>b<script>c", "b"),
        ('<P Class="x" id="y">one</P ><p>two&#10;&lt;p&gt;</p>', "one\ntwo <p>"),
        ("<td>a</td><th>b</th><td/>c", "a b c"),
        ("<style>p {}", None),
        ("&#" + "9" * 5000 + ";x&#" + "0" * 5000 + "65;", "\ufffdxA"),
        ("a<!-->b<!--->c<!-- d --!>e<!-- f > g", "abce<!-- f > g"),
        ('<p title="no end>one</p><p>two', '<p title="no end>one\ntwo'),
        ("<a b='>'>c</a><td d='e>f", "c<td d='e>f"),
        ("a<template>b<p>c</template>d", "a\nd"),
        ("a<script>'</b>' < </script >b", "ab"),
        ("<x" + "y" * 9000 + ">" + "z" * 9000, "z" * 9000),
        ("a" * 8192 + "\n\n" + "b" * 8191 + " c", "a" * 8192 + "\n" + "b" * 8191 + " c"),
        ("<p>" + "&amp;" * 9000, "&" * 9000),
    ],
)
def test_text_is_what_a_reader_sees(markup: str | None, text: str | None) -> None:
    assert plain_text(markup) == text


@given(st.lists(st.sampled_from(_USUAL), max_size=14).map("".join))
def test_usual_markup_is_read_as_pythons_parser_reads_it(text: str) -> None:
    assume("<" in text)
    assert plain_text(text) == stdlib_text(text)


@given(st.lists(st.sampled_from(_USUAL + _ODD), max_size=14).map("".join))
def test_any_markup_is_read_alike_in_pieces_of_any_size(text: str) -> None:
    expected = plain_text(text)
    for size in (1, 2, 7):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(markup, "_PIECE", size)
            patched.setattr(html, "_AT_ONCE", size)
            assert plain_text(text) == expected


# Of each the end could be looked for again from every place.
_REPEATED = (
    *("<", "<a", "<a ", "<!--", "&", "&#", "<![CDATA[", '<a href="', "<a b='", "</", "<?", "<!", "< ", " ", "-", "&#0"),
    *(
        "<p>",
        "<p>a ",
        "<td>",
        "&amp;",
        "a\n",
        "\U0001f3aa ",
        "<p a=b>",
        "<a b='>' ",
        "<script>",
        "<template>",
        "<!-- > ",
    ),
    *("</script ", "<a\t", '<a b="c" ', "<1>", "&lt;a "),
)
_ENDS = ("", ">", "'>", '">', "-->")


@pytest.mark.parametrize("piece", _REPEATED)
def test_no_markup_takes_longer_than_in_proportion(piece: str) -> None:
    """A twentieth of the time that is allowed for a megabyte, of which a look at all for each piece takes many."""
    with at_most(25):
        for end in _ENDS:
            plain_text(piece * (25_000 // len(piece)) + end)


@pytest.mark.parametrize(
    "text", ["<" * 2**20, "lorem <b>ipsum</b>\n" * 2**14, "dolor sit " * 2**17, "&#" + "9" * 2**20]
)
def test_a_megabyte_takes_little_time_and_three_times_its_memory_at_most(text: str) -> None:
    with at_most(50):
        plain_text(text)
    tracemalloc.start()
    try:
        plain_text(text)
        assert tracemalloc.get_traced_memory()[1] < 3 * sys.getsizeof(text)
    finally:
        tracemalloc.stop()


def test_no_reference_to_a_character_fails_a_conference() -> None:
    million = "&#" + "9" * 1_000_000 + ";"
    contents = [{"schedid": "1", "description": million}, {"schedid": "2", "description": f'<a b="{million}">x</a>'}]
    built = build_table(SESSIONS, KEY, [Item(content) for content in contents])
    assert built.data["description_text"].to_pylist() == ["\ufffd", "x"]
    assert built.data["description"].to_pylist()[0] == million


@pytest.mark.soak
@pytest.mark.parametrize("piece", _REPEATED)
def test_four_times_as_much_markup_takes_about_four_times_as_long(piece: str) -> None:
    """Where a look at all for each piece would take sixteen times as long."""
    for end in _ENDS:
        seconds = []
        for size in (2**18, 2**20):
            text = piece * (size // len(piece)) + end
            started = time.process_time()
            plain_text(text)
            seconds.append(time.process_time() - started)
        assert seconds[1] < 0.2 + 6 * seconds[0]
