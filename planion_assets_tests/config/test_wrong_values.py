"""Values that cannot be used: each line names the key and the remedy, and repeats no possible secret."""

from pathlib import Path

import pytest

from planion_assets.config import ConfigError, load
from planion_assets.config.constants import DATA_VARIABLE, DEFAULT_FILE, FEED_URL, URL_VARIABLE
from planion_assets_tests.config.texts import ACCOUNT, SECRET, account, feed, refused


@pytest.mark.parametrize(
    ("text", "key", "wrong", "remedy"),
    [
        ("data: x", "accounts", "is not given", "at least one"),
        ("accounts:", "accounts", "is not given", "at least one"),
        ("accounts: []", "accounts", "lists none", "at least one"),
        ("accounts: {AAA: x}", "accounts", "is not a list", "accounts to read"),
        (
            f"accounts: [{SECRET}]",
            "accounts[0]",
            "is not a set of keys",
            "account, token_env, endpoints, publish_declined, publish_custom_fields, conferences",
        ),
        ("tokens: x\n" + ACCOUNT, "tokens", "is not a known key", "feed, data, storage, accounts"),
        ("acounts: []\n" + ACCOUNT, "acounts", "is not a known key", "did you mean accounts?"),
        (feed(read_timout="3"), "feed.read_timout", "is not a known key", "did you mean read_timeout?"),
        (account(token=SECRET), "accounts[0].token", "is not a known key", "did you mean token_env?"),
        (account(endpoints="[speakers]"), "accounts[0].endpoints", "does not name sessions", "[sessions, speakers]"),
        (account(endpoints="[sessions, sessions]"), "accounts[0].endpoints", "names one twice", "keep one"),
        (account(endpoints="sessions"), "accounts[0].endpoints", "is not a list", "sessions unless given"),
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


def test_wrong_url_in_the_environment_is_refused_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"environment: {URL_VARIABLE}: would send tokens unencrypted"):
        load({URL_VARIABLE: "http://feed.example.org"}, tmp_path, sandbox=True)


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
