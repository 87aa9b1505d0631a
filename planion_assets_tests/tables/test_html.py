"""The text of a description without its markup."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.tables import html
from planion_assets.tables.html import plain_text

# What markup is made of, well-formed or not.
_PIECES = (
    *("<p>", "</p>", '<P CLASS="x">', '<a b="&amp;" c-d="e"/>', '<p a="1"b="2">', "</p >", "</ p>", "<a/b>", "<br/>"),
    *("<td>", "</td>", "<td/>", "<th>", "<b>", "</b>", "<1>", "< p>", "<p\v>", "<p\f>", "<p\x00>", '<p\x85a="b">'),
    *("<script>", "</script>", "<style>", "<title>", "</title>", "<textarea>", "<svg>", "<template>", "</template>"),
    *("<!--", "-->", "<![", "<a href='x\ny'>", "<", ">", "/", '"', "=", "!", "[", "]", "text", " ", "\n", "\r\n", "\t"),
    *("&amp;", "&nbsp;", "&#10;", "&#x2028;", "&lt;p&gt;", "&ampx;", "&notin", "&am", "p;", "\x1c", "\x85", "\u2028"),
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
    ],
)
def test_text_is_what_a_reader_sees(markup: str | None, text: str | None) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize("piece", ["<a ", "<a b='", '<a b="', '<a b="c" ', "<!--", "<p", "<p\t", "</"])
def test_markup_that_never_ends_takes_no_time(piece: str) -> None:
    markup = piece * (60_000 // len(piece))
    started = time.process_time()
    assert plain_text(markup) == " ".join(markup.split())
    assert time.process_time() - started < 0.3


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_plain_tags_are_read_as_the_parser_reads_them(markup: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(html, "_of_well_formed", lambda markup: None)
        expected = plain_text(markup)
    assert plain_text(markup) == expected


def test_plain_tags_take_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_parsed", lambda markup: pytest.fail("the parser was asked"))
    assert plain_text('<p>See <a href="https://a.example/b?c=d&amp;e">the &quot;slides&quot;</a>.</p>') == (
        'See the "slides".'
    )
