"""Settings that decide what is handed out: the text that files carry of them."""

import pytest

from planion_assets.tables.model import Publication


@pytest.mark.parametrize(
    ("publication", "text"),
    [
        (Publication(), ""),
        (Publication(declined=False), '{"declined":false}'),
        (Publication(custom_fields=("Größe", "B")), '{"custom_fields":["Größe","B"]}'),
        (Publication(custom_fields=()), '{"custom_fields":[]}'),
    ],
)
def test_a_file_says_what_differs_from_the_defaults(publication: Publication, text: str) -> None:
    assert str(publication) == text
    assert Publication.of_text(text) == publication


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "3", '{"other":1}'])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Publication.of_text(text)
