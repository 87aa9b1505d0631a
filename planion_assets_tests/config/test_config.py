"""Settings: each way a file can be wrong has its line, and no line, model or repr holds a possible secret."""

import pickle
import re
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from planion_assets.config import (
    DATA_VARIABLE,
    DEFAULT_FILE,
    EXAMPLE_FILE,
    FEED_URL,
    FILE_VARIABLE,
    SANDBOX_DATA,
    SANDBOX_SOURCE,
    SANDBOX_URL,
    SANDBOX_VARIABLE,
    URL_VARIABLE,
    Config,
    ConfigError,
    FeedConfig,
    MissingTokenError,
    NotConfiguredError,
    load,
    yaml_text,
)
from planion_assets.keys import ConferenceKey, path_name
from planion_assets.sandbox import CONFERENCES, TOKENS
from planion_assets_tests.config.editor import underlined

EXAMPLE = Path(__file__).parents[2] / EXAMPLE_FILE
SECRET = "s3cr3t-me0wme0w"
ACCOUNT = "accounts: [{account: AAA, token_env: PLANION_TOKEN_AAA, conferences: [{conference: AM2024}]}]\n"
TWO_ACCOUNTS = """
accounts:
  - account: AAA
    token_env: PLANION_TOKEN_AAA
    conferences:
      - conference: AM2024
        timezone: America/Chicago
      - conference: 2018
        timezone:
  - {account: NO, token_env: PLANION_TOKEN_NO, conferences: [{conference: 1e3}, {conference: 2024_1}]}
"""


def read(folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None) -> Config:
    """The settings in a planion.yaml that holds `text`, which an editor that knows the schema takes too."""
    (folder / DEFAULT_FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    config = load({} if environ is None else environ, folder)
    if not environ or not {URL_VARIABLE, DATA_VARIABLE} & environ.keys():
        assert underlined(text) == []
    return config


def refused(folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The lines of the error for a planion.yaml that holds `text`, each in three parts, without a secret."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text, environ)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "pydantic" not in str(caught.value)
    assert "Input should" not in str(caught.value)
    assert str(caught.value) == "\n".join(caught.value.lines)
    for line in caught.value.lines:
        assert line.isprintable()
        assert re.fullmatch(r"[^:]+: [^:]+: .+; .+", line), line
    return caught.value.lines


def account(**values: str) -> str:
    """A file with one account, in which `values` (YAML text) replace or join the usual ones."""
    usual = {"account": "AAA", "token_env": "PLANION_TOKEN_AAA", "conferences": "[{conference: AM2024}]"}
    entries = ", ".join(f"{key}: {value}" for key, value in {**usual, **values}.items())
    return f"accounts: [{{{entries}}}]\n"


def feed(**values: str) -> str:
    """A file with a usable account and `values` under feed."""
    return "feed: {" + ", ".join(f"{key}: {value}" for key, value in values.items()) + "}\n" + ACCOUNT


# Files that cannot be read


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
    (line,) = caught.value.lines
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


# Values that cannot be used


@pytest.mark.parametrize(
    ("text", "key", "wrong", "remedy"),
    [
        ("data: x", "accounts", "is not given", "at least one"),
        ("accounts:", "accounts", "is not given", "at least one"),
        ("accounts: []", "accounts", "lists none", "at least one"),
        ("accounts: {AAA: x}", "accounts", "is not a list", "accounts to read"),
        (f"accounts: [{SECRET}]", "accounts[0]", "is not a set of keys", "account, token_env, endpoints, conferences"),
        ("tokens: x\n" + ACCOUNT, "tokens", "is not a known key", "feed, data, accounts"),
        ("acounts: []\n" + ACCOUNT, "acounts", "is not a known key", "did you mean accounts?"),
        (feed(read_timout="3"), "feed.read_timout", "is not a known key", "did you mean read_timeout?"),
        (account(token=SECRET), "accounts[0].token", "is not a known key", "did you mean token_env?"),
        (account(endpoints="[speakers]"), "accounts[0].endpoints", "does not name sessions", "[sessions, speakers]"),
        (account(endpoints="[sessions, sessions]"), "accounts[0].endpoints", "names one twice", "keep one"),
        (account(endpoints="sessions"), "accounts[0].endpoints", "is not a list", "sessions unless given"),
        (
            account(endpoints="[sessions, people]"),
            "accounts[0].endpoints[1]",
            "is not 'sessions' or 'speakers'",
            "give",
        ),
        (account(token_env=""), "accounts[0].token_env", "is not given", "PLANION_TOKEN_AAA"),
        (account(account=""), "accounts[0].account", "is not given", "Planstone"),
        (account(account="'A|B'"), "accounts[0].account", "'A|B' holds '|'", "ask Planstone"),
        (account(account="[A]"), "accounts[0].account", "is not one piece of text", "acronym"),
        (account(token_env=f"'{SECRET}'"), "accounts[0].token_env", "is not the name", "PLANION_TOKEN_AAA"),
        (
            account(token_env=f"{{{SECRET}: x}}"),
            "accounts[0].token_env",
            "is not one piece",
            "name of the env",
        ),
        (
            account(token_env="1AAA"),
            "accounts[0].token_env",
            "is not the name",
            "put the token into a variable",
        ),
        (account(conferences="[]"), "accounts[0].conferences", "lists none", "at least one"),
        (
            account(conferences="AM2024"),
            "accounts[0].conferences",
            "is not a list",
            "conferences to read",
        ),
        (account(conferences="[AM2024]"), "accounts[0].conferences[0]", "is not a set of keys", "timezone"),
        (
            account(conferences="[{conference: AM2024}, {conference: 'A|B'}]"),
            "accounts[0].conferences[1].conference",
            "'A|B' holds '|', which a partition key cannot carry",
            "take it out",
        ),
        (
            account(conferences="[{conference: AM, timezone: America/Chigaco}]"),
            "accounts[0].conferences[0].timezone",
            "'America/Chigaco' is not an IANA time zone",
            "did you mean America/Chicago?",
        ),
        (
            account(conferences="[{conference: AM, timezone: UTC+6 (winter)}]"),
            "accounts[0].conferences[0].timezone",
            "is not an IANA time zone",
            "write one like America/Chicago",
        ),
        (
            account(conferences="[{conference: AM, time_zone: UTC}]"),
            "accounts[0].conferences[0].time_zone",
            "is not a known key",
            "did you mean timezone?",
        ),
        ("feed: []\n" + ACCOUNT, "feed", "is not a set of keys", "how the feed is read"),
        (f"feed: {SECRET}\n" + ACCOUNT, "feed", "is not a set of keys", "how the feed is read"),
        (feed(auth=SECRET), "feed.auth", "is not 'basic' or 'header'", "user name"),
        (feed(allow_http="perhaps"), "feed.allow_http", "is neither true nor false", "unencrypted"),
        (feed(connect_timeout="0"), "feed.connect_timeout", "is less than 0.1", "0.1 to 300; 10 unless"),
        (feed(read_timeout="-1"), "feed.read_timeout", "is less than 0.1", "seconds"),
        (feed(read_timeout=SECRET), "feed.read_timeout", "is not a number", "seconds"),
        (feed(read_timeout="nan"), "feed.read_timeout", "is not a number", "seconds"),
        (feed(walk_timeout="inf"), "feed.walk_timeout", "is not a number", "1 to 86400"),
        (feed(max_pages="1.5"), "feed.max_pages", "is not a whole number", "1 to 100000"),
        (feed(max_pages="9" * 5000), "feed.max_pages", "has too many digits", "1 to 100000"),
        (feed(max_page_mib="0"), "feed.max_page_mib", "is less than 1", "MiB"),
        (feed(max_attempts="21"), "feed.max_attempts", "is more than 20", "1 to 20"),
        (feed(max_walks="1"), "feed.max_walks", "is less than 2", "2 to 20"),
        ("data: [x]\n" + ACCOUNT, "data", "is not one piece of text", "folder"),
        (f"data: s3://{SECRET}@bucket\n" + ACCOUNT, "data", "is an address", "path of a folder"),
        ("data: ~\n" + ACCOUNT, "data", "begins with '~'", "write the path out"),
        ('data: "a\\0b"\n' + ACCOUNT, "data", "unprintable", "take it out"),
    ],
)
def test_wrong_value_is_named_with_its_remedy(tmp_path: Path, text: str, key: str, wrong: str, remedy: str) -> None:
    line = refused(tmp_path, text)[0]
    assert line.startswith(f"{DEFAULT_FILE}: {key}: ")
    assert wrong in line
    assert remedy in line.split("; ", 1)[1]


@pytest.mark.parametrize(
    ("url", "wrong", "remedy"),
    [
        ("apps.planion.com/feed/v1", "does not begin with https://", FEED_URL),
        ("ftp://apps.planion.com", "does not begin with https://", FEED_URL),
        ("file:///etc/passwd", "does not begin with https://", FEED_URL),
        ("https:///feed/v1", "names no host", FEED_URL),
        ("https://:443/feed", "names no host", FEED_URL),
        ("https://[::1/feed", "is not an address", FEED_URL),
        ("https://apps.planion.com:http/", "is not an address", FEED_URL),
        (f"https://{SECRET}@apps.planion.com/feed/v1", "user name or password", "take it out"),
        (f"https://{SECRET}:@apps.planion.com/feed/v1", "user name or password", "take it out"),
        (f"https://apps.planion.com/feed?token={SECRET}", "query or fragment", "end it before"),
        (f"https://apps.planion.com/feed#{SECRET}", "query or fragment", "end it before"),
        ("https://apps.planion.com/feed?", "query or fragment", "end it before"),
        ("https://apps.planion.com/a b", "white space", "take it out"),
        ("https://apps.planion.com\\@example.org", "backslash", "take it out"),
        ("http://apps.planion.com/feed/v1", "unencrypted", "allow_http: true"),
        ("http://127.0.0.1.example.org/", "unencrypted", "write https://"),
        ("http://127.1/", "unencrypted", "write https://"),
        ("http://10.0.0.1/", "unencrypted", "write https://"),
    ],
)
def test_wrong_url_is_refused_in_the_file_and_in_the_environment(
    tmp_path: Path, url: str, wrong: str, remedy: str
) -> None:
    in_file = refused(tmp_path, feed(url=f"'{url}'"))
    in_environment = refused(tmp_path, feed(url=FEED_URL), {URL_VARIABLE: url})
    for lines, where in (
        (in_file, f"{DEFAULT_FILE}: feed.url: "),
        (in_environment, f"environment: {URL_VARIABLE}: "),
    ):
        (line,) = lines
        assert line.startswith(where)
        assert wrong in line
        assert remedy in line.split("; ", 1)[1]


def test_wrong_data_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    (line,) = refused(tmp_path, ACCOUNT, {DATA_VARIABLE: "s3://bucket/x"})
    assert line.startswith(f"environment: {DATA_VARIABLE}: is an address")


def test_wrong_url_in_the_environment_is_refused_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"environment: {URL_VARIABLE}: would send tokens unencrypted"):
        load({URL_VARIABLE: "http://feed.example.org"}, tmp_path, sandbox=True)


def test_repeated_keys_and_names_are_named_by_place(tmp_path: Path) -> None:
    lines = refused(
        tmp_path,
        """\
data: x
data: y
accounts:
  - account: AAA
    token_env: T_A
    conferences: [{conference: X}, {conference: Y}, {conference: X}]
  - {account: AAA, token_env: T_B, token_env: T_C, conferences: [{conference: X}]}
""",
    )
    assert lines == (
        f"{DEFAULT_FILE}: data: is given on line 1 and again on line 2; keep one",
        f"{DEFAULT_FILE}: token_env: is given on line 7 and again on line 7; keep one",
        f"{DEFAULT_FILE}: accounts[1].account: 'AAA' is in accounts[0] already; keep one",
        f"{DEFAULT_FILE}: accounts[0].conferences[2].conference: "
        "'X' is in accounts[0].conferences[0] already; keep one",
    )


@pytest.mark.parametrize(
    ("names", "refused_pair"),
    [
        (("AM2024", "am2024"), "'am2024' is 'AM2024'"),
        (("AM2024", "X", "Am2024"), "'Am2024' is 'AM2024'"),
        (("a b", "A B"), "'A B' is 'a b'"),
        (("a%2fb", "A%2FB"), "'A%2FB' is 'a%2fb'"),
        ((".x", ".X"), "'.X' is '.x'"),
        # Percent-encoded in file names, so that every disk tells them apart.
        (("É", "é"), ""),
        (("e\u0301", "\u00e9"), ""),
        (("straße", "strasse"), ""),
        (("a/b", "a%2Fb"), ""),
        (("1", "1.0"), ""),
    ],
)
def test_names_that_some_disks_take_for_one_are_refused_with_both(
    tmp_path: Path, names: tuple[str, ...], refused_pair: str
) -> None:
    conferences = ", ".join(f"{{conference: '{name}'}}" for name in names)
    accounts = ", ".join(
        f"{{account: '{name}', token_env: PLANION_TOKEN_AAA, conferences: [{{conference: X}}]}}" for name in names
    )
    for text, where in (
        (account(conferences=f"[{conferences}]"), "accounts[0].conferences[{}].conference"),
        (f"accounts: [{accounts}]", "accounts[{}].account"),
    ):
        if not refused_pair:
            keys = read(tmp_path, text).keys()
            assert len({path_name(key.account).lower() + path_name(key.conference).lower() for key in keys}) == len(
                keys
            )
            continue
        (line,) = refused(tmp_path, text)
        place = where.format(len(names) - 1)
        assert line.startswith(
            f"{DEFAULT_FILE}: {place}: {refused_pair} of {where.split('[{}]')[0]}[0] in other letter"
        )
        assert line.endswith("keep one, or read the other with a file and a data folder of its own")


def test_accounts_are_looked_up_without_a_search(tmp_path: Path) -> None:
    """Linear in the file: a search of it per look-up would take hours here. How long it takes is for `make soak`."""
    config = read(tmp_path, _many(2000))
    assert len(config.keys()) == 2000
    read_footers: list[str] = []

    class Counted(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            read_footers.append(str(other))
            return str.__eq__(self, other)

    for number in range(2000):
        assert config.account(Counted(f"A{number}")).token_env == f"PLANION_TOKEN_A{number}"
    assert len(read_footers) < 3 * 2000


@pytest.mark.soak
def test_a_hundred_thousand_accounts_take_two_seconds(tmp_path: Path) -> None:
    started = time.process_time()
    config = read(tmp_path, _many(100_000))
    keys = config.keys()
    for key in keys:
        config.update_age_limits(key)
    assert len(keys) == 100_000
    assert time.process_time() - started < 4, "2 s on a machine that does nothing else"


def _many(number: int) -> str:
    entry = "  - account: A{0}\n    token_env: PLANION_TOKEN_A{0}\n    conferences:\n      - conference: C{0}\n"
    return "accounts:\n" + "".join(entry.format(n) for n in range(number))


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
    monkeypatch.setattr(yaml_text, "_Parser", yaml.BaseLoader)
    assert yaml_text.parse(example) == read_with_libyaml


def test_what_is_wrong_with_a_long_text_is_said_at_once_and_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "_LONG", 1 << 16)
    long = "x: [" + "a, " * (1 << 15)
    for ending, where in (("}", "line 1, column"), ("a]\nb: \x07", "line 2, column 4"), ("*no]", "line 1, column")):
        document, (problem,) = yaml_text.parse((long + ending).encode())
        assert document is None
        assert problem.startswith(where)
        assert len(problem) < 300


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    text = f"""\
feed: {{url: "https://{SECRET}@h", max_walks: 1, pages: 3}}
dta: x
accounts:
  - {{account: "A,B", token_env: "{SECRET}", conferences: [{{conference: X, timezone: Mars}}]}}
  - {{account: C, token_env: T_C, conferences: [{{conference: Y}}, {{conference: Y}}]}}
"""
    keys = [line.split(": ")[1] for line in refused(tmp_path, text, {DATA_VARIABLE: "~/x"})]
    assert sorted(keys) == sorted(
        [
            "feed.url",
            "feed.max_walks",
            "feed.pages",
            "dta",
            DATA_VARIABLE,
            "accounts[0].account",
            "accounts[0].token_env",
            "accounts[0].conferences[0].timezone",
            "accounts[1].conferences[1].conference",
        ]
    )


def test_wrong_allow_http_does_not_accuse_the_url(tmp_path: Path) -> None:
    (line,) = refused(tmp_path, feed(allow_http="x", url="http://feed.example.org"))
    assert "feed.allow_http" in line


def test_key_with_control_characters_stays_on_one_line(tmp_path: Path) -> None:
    (line,) = refused(tmp_path, '"a\\n\\e[31mb": x\n' + ACCOUNT)
    assert r"a\n\x1b[31mb" in line


# Tokens


@pytest.mark.parametrize("value", [None, "", " \t"])
def test_missing_token_of_one_account_leaves_the_other_usable(tmp_path: Path, value: str | None) -> None:
    environ = {"PLANION_TOKEN_NO": SECRET} | ({} if value is None else {"PLANION_TOKEN_AAA": value})
    config = read(tmp_path, TWO_ACCOUNTS, environ)
    assert config.token("NO") == SECRET
    with pytest.raises(MissingTokenError) as caught:
        config.token("AAA")
    assert caught.value.lines == config.problems()
    (line,) = caught.value.lines
    assert line.startswith(f"{DEFAULT_FILE}: accounts[0].token_env: ")
    assert "PLANION_TOKEN_AAA is not set" in line
    assert "set it to the API token of account 'AAA'" in line


@pytest.mark.parametrize("token", [f"{SECRET}\nX: y", f"{SECRET}é", f"{SECRET}\x00"])
def test_token_that_no_header_can_carry_is_refused_without_showing_it(tmp_path: Path, token: str) -> None:
    config = read(tmp_path, ACCOUNT, {"PLANION_TOKEN_AAA": token})
    (line,) = config.problems()
    assert "holds a character that a header cannot carry; set it" in line
    assert SECRET not in line


def test_name_of_a_variable_that_may_be_a_token_is_not_shown(tmp_path: Path) -> None:
    (line,) = read(tmp_path, account(token_env="deadbeef0123")).problems()
    assert "deadbeef0123" not in line
    assert "accounts[0].token_env" in line


def test_token_is_read_when_asked_and_stripped(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    config = read(tmp_path, ACCOUNT, environ)
    assert len(config.problems()) == 1
    environ["PLANION_TOKEN_AAA"] = f" {SECRET}\r\n"
    assert config.token("AAA") == SECRET
    assert config.problems() == ()


def test_no_token_in_repr_or_dump(tmp_path: Path) -> None:
    config = read(tmp_path, ACCOUNT, {"PLANION_TOKEN_AAA": SECRET})
    assert config.token("AAA") == SECRET
    for text in (repr(config), str(config), repr(config.model_dump()), config.model_dump_json()):
        assert SECRET not in text


# What was asked for and is not there


def test_unknown_account_or_conference_tells_what_there_is(tmp_path: Path) -> None:
    config = read(tmp_path, TWO_ACCOUNTS)
    with pytest.raises(NotConfiguredError, match=r"no account 'BBB'; add it, or use one .*: AAA, NO"):
        config.account("BBB")
    with pytest.raises(NotConfiguredError, match="no account 'BBB'"):
        config.token("BBB")
    with pytest.raises(KeyError):
        config.conference(ConferenceKey("BBB", "AM2024"))
    with pytest.raises(NotConfiguredError) as caught:
        config.conference(ConferenceKey("AAA", "AM2025"))
    (line,) = caught.value.lines
    assert line.startswith(f"{DEFAULT_FILE}: accounts[0].conferences: no conference 'AM2025' in account 'AAA'; ")
    assert line.endswith("AM2024, 2018")


def test_long_list_of_what_there_is_is_cut(tmp_path: Path) -> None:
    many = ", ".join(f"{{conference: C{number}}}" for number in range(100))
    config = read(tmp_path, account(conferences=f"[{many}]"))
    with pytest.raises(NotConfiguredError, match=r"C19 and 80 more$"):
        config.conference(ConferenceKey("AAA", "X"))


def test_errors_survive_a_process_boundary() -> None:
    error = NotConfiguredError("a: b: c; d", "e: f: g; h")
    assert pickle.loads(pickle.dumps(error)).lines == error.lines  # noqa: S301


# Files that can be used


def test_names_come_as_written_and_in_order(tmp_path: Path) -> None:
    config = read(tmp_path, TWO_ACCOUNTS)
    assert list(map(str, config.keys())) == ["AAA|AM2024", "AAA|2018", "NO|1e3", "NO|2024_1"]
    assert config.conference(ConferenceKey("AAA", "AM2024")).timezone == "America/Chicago"
    assert config.conference(ConferenceKey("AAA", "2018")).timezone is None
    assert config.account("NO").token_env == "PLANION_TOKEN_NO"
    assert (config.source, config.is_sandbox, config.uses_sandbox_content) == (DEFAULT_FILE, False, False)
    assert config.data == tmp_path / "data"


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://static.planion.com/feed/v1/", "https://static.planion.com/feed/v1"),
        ("HTTPS://apps.planion.com", "https://apps.planion.com"),
        ("http://127.8.9.1:8787/feed/v1", "http://127.8.9.1:8787/feed/v1"),
        ("http://[::1]:8787/", "http://[::1]:8787"),
        ("http://localhost:8787", "http://localhost:8787"),
    ],
)
def test_usable_url(tmp_path: Path, url: str, stored: str) -> None:
    assert read(tmp_path, feed(url=f"'{url}'")).feed.url == stored


def test_values_are_converted_from_text(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        feed(url="http://feed.example.org", allow_http="true", read_timeout="2.5", max_walks="7", auth="header"),
    )
    assert config.feed == FeedConfig(
        url="http://feed.example.org", allow_http=True, read_timeout=2.5, max_walks=7, auth="header"
    )


def test_empty_values_are_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "feed:\ndata:\n" + ACCOUNT).feed == FeedConfig()
    assert read(tmp_path, "feed:\n  url:\n  max_walks:\n" + ACCOUNT).feed == FeedConfig()


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    text = TWO_ACCOUNTS.replace("\n", "\r\n").encode("utf-8-sig")
    keys = read(tmp_path, text).keys()
    assert len(keys) == 4


def test_file_named_by_the_environment_gives_the_folder_of_data(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "other.yaml").write_text("data: tables\n" + ACCOUNT, encoding="utf-8")
    config = load({FILE_VARIABLE: "etc/other.yaml"}, tmp_path)
    assert (config.source, config.data) == ("etc/other.yaml", tmp_path / "etc" / "tables")
    config = load({FILE_VARIABLE: str(tmp_path / "etc/other.yaml"), DATA_VARIABLE: "here"}, tmp_path)
    assert config.data == tmp_path / "here"


def test_environment_goes_before_the_file(tmp_path: Path) -> None:
    environ = {
        URL_VARIABLE: "https://static.planion.com/feed/v1/",
        DATA_VARIABLE: str(tmp_path / "elsewhere"),
    }
    for text in (ACCOUNT, "feed:\n" + ACCOUNT, feed(url="not used", max_walks="3") + "data: ~\n"):
        config = read(tmp_path, text, environ)
        assert config.feed.url == "https://static.planion.com/feed/v1"
        assert config.data == tmp_path / "elsewhere"
        assert not config.is_sandbox


def test_blank_variables_count_as_not_set(tmp_path: Path) -> None:
    config = read(tmp_path, ACCOUNT, {URL_VARIABLE: "", DATA_VARIABLE: " ", FILE_VARIABLE: ""})
    assert (config.feed.url, config.data) == (FEED_URL, tmp_path / "data")


# No file, and the sandbox


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {SANDBOX_VARIABLE: ""},
        {SANDBOX_VARIABLE: "0"},
        {URL_VARIABLE: "http://127.0.0.1:8787/feed/v1"},
        {URL_VARIABLE: FEED_URL, DATA_VARIABLE: "data"},
        {"PLANION_TOKEN_AAA": SECRET},
        {FILE_VARIABLE: " "},
    ],
)
def test_without_a_file_and_without_asking_for_the_sandbox_nothing_is_read(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environ, tmp_path)
    (line,) = caught.value.lines
    assert line == (
        f"{DEFAULT_FILE}: the file: is not there, in {tmp_path}; write it (`planion init`, or a copy of "
        f"{EXAMPLE_FILE}, which `planion init --example` prints), "
        f"name another with {FILE_VARIABLE}, or ask for the made-up sandbox feed: --sandbox or {SANDBOX_VARIABLE}=1"
    )


@pytest.mark.parametrize("value", ["yes", "true", "2", "on", "01", "planion.yaml"])
def test_asking_for_the_sandbox_in_other_words_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^environment: {SANDBOX_VARIABLE}: is neither 1 nor 0; set it to 1, or"):
        load({SANDBOX_VARIABLE: value}, tmp_path)


def test_the_variable_beside_a_file_is_refused_and_both_are_named(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(ACCOUNT, encoding="utf-8")
    for environ, file in (
        ({}, DEFAULT_FILE),
        ({FILE_VARIABLE: "other.yaml"}, "other.yaml"),
        ({FILE_VARIABLE: "gone"}, "gone"),
    ):
        if not environ:
            (tmp_path / DEFAULT_FILE).symlink_to("gone.yaml")  # a link to nothing is a file that was lost
        with pytest.raises(ConfigError) as caught:
            load({SANDBOX_VARIABLE: "1", **environ}, tmp_path)
        (line,) = caught.value.lines
        assert line.startswith(
            f"environment: {SANDBOX_VARIABLE}: asks for the sandbox, and {file} is to be read; unset"
        )


def test_a_person_who_asks_for_the_sandbox_gets_it_whatever_file_there_is(tmp_path: Path) -> None:
    (tmp_path / DEFAULT_FILE).write_text("accounts: no", encoding="utf-8")
    for environ in ({}, {FILE_VARIABLE: "gone"}, {SANDBOX_VARIABLE: "0"}, {SANDBOX_VARIABLE: "maybe"}):
        config = load(environ, tmp_path, sandbox=True)
        assert (config.uses_sandbox_content, config.data) == (True, tmp_path / SANDBOX_DATA)


@pytest.mark.parametrize("url", [FEED_URL, "https://127.0.0.1.example.org/feed/v1", "https://10.0.0.1/feed/v1"])
def test_the_sandbox_is_not_looked_for_on_another_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=f"^environment: {URL_VARIABLE}: is no address of this machine, where alone"):
        load({SANDBOX_VARIABLE: "1", URL_VARIABLE: url}, tmp_path)


def test_the_sandbox_has_a_folder_of_its_own(tmp_path: Path) -> None:
    config = load({SANDBOX_VARIABLE: "1"}, tmp_path)
    assert (config.source, config.is_sandbox, config.uses_sandbox_content) == (SANDBOX_SOURCE, True, True)
    assert (config.feed.url, config.data) == (SANDBOX_URL, tmp_path / "sandbox-data")
    keys = config.keys()
    assert sorted((key.account, key.conference) for key in keys) == sorted(CONFERENCES)
    assert {entry.account: config.token(entry.account) for entry in config.accounts} == dict(TOKENS)
    assert config.problems() == ()
    for token in TOKENS.values():
        assert token not in repr(config)


def test_sandbox_elsewhere_is_not_served_here(tmp_path: Path) -> None:
    environ = {SANDBOX_VARIABLE: "1", URL_VARIABLE: "http://localhost:9999/feed/v1", DATA_VARIABLE: "x"}
    config = load(environ, tmp_path)
    assert (config.is_sandbox, config.uses_sandbox_content) == (False, True)
    assert (config.feed.url, config.data) == ("http://localhost:9999/feed/v1", tmp_path / "x")


def test_variable_goes_before_the_sandbox_token(tmp_path: Path) -> None:
    first = load({}, tmp_path, sandbox=True).accounts[0]
    assert load({first.token_env: SECRET}, tmp_path, sandbox=True).token(first.account) == SECRET


def test_defaults_are_the_process_environment_and_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DEFAULT_FILE).write_text(ACCOUNT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in (FILE_VARIABLE, URL_VARIABLE, DATA_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLANION_TOKEN_AAA", SECRET)
    assert load().token("AAA") == SECRET


# The models and the example


def test_settings_do_not_change(tmp_path: Path) -> None:
    config = load({}, tmp_path, sandbox=True)
    with pytest.raises(ValidationError):
        config.data = tmp_path


def test_example_loads_and_is_usable(tmp_path: Path) -> None:
    config = read(tmp_path, EXAMPLE.read_bytes(), {"PLANION_TOKEN_AAA": SECRET})
    assert config.problems() == ()
    assert config.feed == FeedConfig()
    assert config.data == tmp_path / "data"
