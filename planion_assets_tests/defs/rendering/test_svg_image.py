"""Pictures in Markdown: whatever the feed calls things, they stay pictures, and can be read in both colour schemes."""

import pytest

from planion_assets.defs.rendering.svg_image import document, fitting, image, text
from planion_assets_tests.defs.rendering.pictures import colours, contrast, picture, words

HOSTILE = [
    "</text></svg><script>alert(1)</script>",
    ">)\n# Heading\n![x](https://example.com/x.png",
    "100 % & %3Cb%3E &lt;b&gt; &amp;",
    r"back\slash \> \) *stars* _under_ `code` [link](x)",
    "Käse 心臓 🫀 مرحبا",
    "quotes ' \" and <!-- comment --> ]]>",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_the_feed_is_text_of_the_picture(hostile: str) -> None:
    markdown = image(hostile, document(10, 10, text(1, 2, hostile)))
    # On one line and without what would end the address of the picture, or begin something else.
    assert "\n" not in markdown
    assert words(markdown) == [hostile]


def test_what_a_picture_is_of_is_said_for_those_who_do_not_see_it() -> None:
    assert image("rooms [1]", "<svg/>").startswith(r"![rooms \[1\]](<data:")


def test_text_can_be_read_in_both_colour_schemes() -> None:
    grounds, inks = [], []
    for style in picture(image("", document(1, 1, ""))).split("@media"):
        ground, ink = (
            style.partition(f"{name}:")[2].partition(";")[0].partition("}")[0] for name in ("background", "fill")
        )
        grounds.append(ground)
        inks.append(ink)
    assert len(set(grounds)) == 2
    assert all(contrast(ground, ink) > 7 for ground, ink in zip(grounds, inks, strict=True))
    assert colours(image("", document(1, 1, "", light=".a{fill:#111}", dark=".a{fill:#eee}")), ".a") == ["#111", "#eee"]


@pytest.mark.parametrize(
    ("words", "pixels", "expected"),
    [
        ("Opening", 60, "Opening"),
        ("Opening plenary", 60, "Opening p…"),
        ("Opening", 12, ""),
        ("Opening", -5, ""),
        ("", 60, ""),
        ("心臓心臓心臓心臓", 60, "心臓心臓…"),
        ("two\n lines\x07", 60, "two lines"),
    ],
)
def test_text_is_cut_to_what_fits(words: str, pixels: int, expected: str) -> None:
    assert fitting(words, pixels) == expected
