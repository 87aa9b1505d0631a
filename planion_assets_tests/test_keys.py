"""Names and partition keys: what is refused, in which words, and that names never share a path component."""

import re
from itertools import combinations

import pytest

from planion_assets.keys import MAX_PATH_NAME, ConferenceKey, name_from_path, name_problem, path_name

REFUSED = [
    ("", "is blank", "write the name"),
    ("  \t", "is blank", "write the name"),
    (" AM2024", "U+0020", "take it out"),
    ("AM2024\u00a0", "U+00A0", "take it out"),
    ("AM\t2024", "control character U+0009", "take it out"),
    ("AM2024\n", "control character U+000A", "take it out"),
    ("AM\x002024", "control character U+0000", "take it out"),
    ("AM\x7f2024", "control character U+007F", "take it out"),
    ("AM\x852024", "control character U+0085", "take it out"),
    ("AM\u20282024", "line separator U+2028", "take it out"),
    ("AM\u20292024", "paragraph separator U+2029", "take it out"),
    ("AM\ud8002024", "lone surrogate U+D800", "take it out"),
    ("A|B", "'|'", "ask Planstone"),
    ("A,B", "','", "ask Planstone"),
    ("[A", "'['", "ask Planstone"),
    ("A]", "']'", "ask Planstone"),
    ("A...B", "'...'", "ask Planstone"),
    ("A" * (MAX_PATH_NAME + 1), f"at most {MAX_PATH_NAME}", "shorter name"),
    ("é" * (MAX_PATH_NAME // 6 + 1), f"at most {MAX_PATH_NAME}", "shorter name"),
]

USABLE = [
    "AM2024",
    "am2024",
    "2018",
    "A B",
    "A%20B",
    "A+B",
    "A&B+C#",
    "%25",
    "%",
    "é",
    "e\u0301",
    "🎉",
    "a/b",
    "a%2Fb",
    "a\\b",
    ".",
    "..",
    ".hidden",
    "%2Ehidden",
    "end.",
    "v1.2",
    "~",
    "~root",
    "%7E",
    "CON",
    "con",
    "%43ON",
    "_",
    "_TEST",
    "CON.txt",
    "CONGRESS",
    "CON.",
    "nul",
    "COM1",
    "COM0",
    "COM10",
    "LPT9.a.b",
    'a"b',
    "a:b*c?<d>",
    "A" * MAX_PATH_NAME,
]

RESERVED = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?", re.IGNORECASE)


@pytest.mark.parametrize(("name", "wrong", "remedy"), REFUSED)
def test_refused_name_says_what_and_what_to_do(name: str, wrong: str, remedy: str) -> None:
    problem = name_problem(name)
    assert problem is not None
    assert wrong in problem
    assert remedy in problem.split("; ", 1)[1]
    assert problem.isprintable()
    assert len(problem) < 250


@pytest.mark.parametrize("name", [name for name, _, _ in REFUSED])
def test_key_cannot_be_made_of_a_refused_name(name: str) -> None:
    with pytest.raises(ValueError, match="account"):
        ConferenceKey(name, "AM2024")
    with pytest.raises(ValueError, match="conference"):
        ConferenceKey("AAA", name)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "0 times"),
        ("AAA", "0 times"),
        ("AAA|AM|2024", "2 times"),
        ("|", "account is blank"),
        ("AAA|", "conference is blank"),
        ("|AM2024", "account is blank"),
        ("AAA |AM2024", "account 'AAA ' begins or ends with white space"),
        ("AAA|A,B", "conference 'A,B' holds ','"),
        ("AAA|AM\n", "U+000A"),
    ],
)
def test_parse_refuses(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a partition key") as caught:
        ConferenceKey.parse(text)
    assert wrong in str(caught.value)
    assert "; " in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", USABLE)
def test_usable_name_survives_key_and_path(name: str) -> None:
    assert name_problem(name) is None
    key = ConferenceKey(name, name)
    assert ConferenceKey.parse(str(key)) == key
    assert name_from_path(path_name(name)) == name


@pytest.mark.parametrize("name", USABLE)
def test_path_name_is_one_harmless_component(name: str) -> None:
    component = path_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_.%-]+", component)
    assert not component.startswith((".", "_"))
    assert not component.endswith(".")
    assert not RESERVED.fullmatch(component)
    assert not RESERVED.fullmatch(f"{component}.parquet")


def test_different_names_have_different_paths() -> None:
    for one, other in combinations(USABLE, 2):
        assert path_name(one) != path_name(other)


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("AM2024", "AM2024"),
        ("v1.2", "v1.2"),
        ("..", "%2E%2E"),
        (".a.b", "%2Ea%2Eb"),
        ("a.b.", "a%2Eb%2E"),
        ("~x", "%7Ex"),
        ("_x_", "%5Fx_"),
        ("a/b c", "a%2Fb%20c"),
        ("con", "%63on"),
        ("NUL.txt", "%4EUL.txt"),
        ("CON.", "%43ON%2E"),
        ("CONGRESS", "CONGRESS"),
        ("%25", "%2525"),
    ],
)
def test_path_name_is_what_files_are_called(name: str, component: str) -> None:
    assert path_name(name) == component


def test_key_is_ordered_hashable_and_frozen() -> None:
    key = ConferenceKey("AAA", "AM2024")
    assert str(key) == "AAA|AM2024"
    assert sorted([ConferenceKey("BBB", "A"), key]) == [key, ConferenceKey("BBB", "A")]
    assert {key: 1}[ConferenceKey.parse("AAA|AM2024")] == 1
    with pytest.raises(AttributeError):
        key.account = "BBB"  # type: ignore[misc]
