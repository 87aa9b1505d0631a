"""The text of a description without its markup."""

import time

import pytest

from planion_assets.tables.html import plain_text


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
    ],
)
def test_text_is_what_a_reader_sees(markup: str | None, text: str | None) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize("piece", ["<a ", "<a b='", "<!--", "<p", "</"])
def test_markup_that_never_ends_takes_no_time(piece: str) -> None:
    markup = piece * (60_000 // len(piece))
    started = time.process_time()
    assert plain_text(markup) == markup.strip()
    assert time.process_time() - started < 0.3
