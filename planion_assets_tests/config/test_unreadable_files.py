"""A file of settings that cannot be read: each way has its line, without a possible secret."""

from pathlib import Path

import pytest
import yaml

from planion_assets.config import ConfigError, load, yaml_text
from planion_assets.config.constants import DEFAULT_FILE, EXAMPLE_FILE, FILE_VARIABLE
from planion_assets_tests.config.texts import EXAMPLE, SECRET, TWO_ACCOUNTS, refused


@pytest.mark.parametrize(
    ("content", "where", "wrong", "remedy"),
    [
        (b"", "the file", "is empty", EXAMPLE_FILE),
        (b"# nothing\n", "the file", "is empty", EXAMPLE_FILE),
        (b"---\n", "the file", "is empty", EXAMPLE_FILE),
        (b"- AAA\n", "the file", "is not a set of keys", EXAMPLE_FILE),
        (SECRET.encode(), "the file", "is not a set of keys", EXAMPLE_FILE),
        (b"data: x\naccounts: \xff\xfe\n", "line 2", "is not UTF-8", "save the file"),
        ("data: x\n".encode("utf-16"), "line 1", "is not UTF-8", "save the file"),
        (b"data: x\nfeed:\n\turl: x\n", "line 3, column 1", "cannot be read as YAML", "spaces"),
        (f"data: '{SECRET}\n".encode(), "line 2, column 1", "cannot be read as YAML", "quotes"),
        (f"data: *{SECRET}\n".encode(), "line 1, column 7", "undefined alias", "quotes"),
        (f"data: !{SECRET}!x y\n".encode(), "line 1, column 7", "undefined tag handle", "quotes"),
        (f"{{{{ {SECRET} }}}}: x\n".encode(), "line 1, column 2", "cannot be read as YAML", "quotes"),
        (b"data: &a [*a]\n", "line 1, column 7", "recursive", "quotes"),
        (b"data: x\n---\ndata: y\n", "line 2, column 1", "another document", "quotes"),
        (b"data: x\naccounts: a\x07b\n", "line 2, column 12", "unprintable", "take it out"),
        (b'data: "\\UFFFFFFFF"\n', "line 1", "cannot be read as YAML", EXAMPLE_FILE),
    ],
)
def test_unreadable_text_is_one_line(tmp_path: Path, content: bytes, where: str, wrong: str, remedy: str) -> None:
    (line,) = refused(tmp_path, content)
    assert line.startswith(f"{DEFAULT_FILE}: {where}: ")
    assert wrong in line
    assert remedy in line.split("; ", 1)[1]


def test_named_file_that_is_missing_is_an_error_and_not_the_sandbox(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load({FILE_VARIABLE: "nope.yaml"}, tmp_path)
    (line,) = caught.value.args
    assert line.startswith(f"nope.yaml: {FILE_VARIABLE}: does not exist; ")


def test_link_to_nothing_is_an_error_and_not_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / DEFAULT_FILE).symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(ConfigError, match=f"{DEFAULT_FILE}: the file: links to no file; "):
        load({}, tmp_path)


def test_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / DEFAULT_FILE).mkdir()
    with pytest.raises(ConfigError, match=rf"{DEFAULT_FILE}: the file: cannot be read \(.+\); put a readable"):
        load({}, tmp_path)


def test_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(ConfigError, match=r"cannot be read \(Permission denied\); put a readable"):
        load({}, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE.read_text(encoding="utf-8"),
        TWO_ACCOUNTS,
        "a: &x {b: [1, 'two', \"thr\\u00e9e\"]}\nc: *x\nd: [*x, *x]",
        "a: |\n  one\n  two\nb: >-\n  three\n  four\nc:\nd: ''\n? e\n: f",
        "{a: {b: {c: [[], {}, [[d]]]}}}",
        "[no, 1e3, 0x10, 2024-01-01, ~, null, !!str 7, <<]",
        "%YAML 1.1\n---\na: b\n...\n",
        "plain",
        "",
    ],
)
def test_the_text_of_a_file_is_what_the_library_reads(text: str) -> None:
    assert yaml_text.parse(text.encode()) == (yaml.load(text, yaml.BaseLoader), ())  # noqa: S506


def test_a_library_without_libyaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    example = EXAMPLE.read_bytes()
    read_with_libyaml = yaml_text.parse(example)
    monkeypatch.setattr(yaml_text, "_Loader", yaml.BaseLoader)
    assert yaml_text.parse(example) == read_with_libyaml


def test_what_is_wrong_with_a_long_text_is_said_at_once_and_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "_LONG", 1 << 16)
    long = "x: [" + "a, " * (1 << 15)
    for ending, where in (("}", "line 1, column"), ("a]\nb: \x07", "line 2, column 4"), ("*no]", "line 1, column")):
        document, (problem,) = yaml_text.parse((long + ending).encode())
        assert document is None
        assert problem.startswith(where)
        assert len(problem) < 300
