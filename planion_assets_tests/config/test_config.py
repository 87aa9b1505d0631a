"""Settings that can be used: names as written, defaults, the environment before the file."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from planion_assets.config import load
from planion_assets.config.constants import DATA_VARIABLE, DEFAULT_FILE, FEED_URL, FILE_VARIABLE, URL_VARIABLE
from planion_assets.config.models import FeedConfig
from planion_assets.keys import ConferenceKey
from planion_assets_tests.config.texts import ACCOUNT, EXAMPLE, SECRET, TWO_ACCOUNTS, feed, missing_tokens, read


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


def test_settings_do_not_change(tmp_path: Path) -> None:
    config = load({}, tmp_path, sandbox=True)
    with pytest.raises(ValidationError):
        config.data = tmp_path


def test_example_loads_and_is_usable(tmp_path: Path) -> None:
    config = read(tmp_path, EXAMPLE.read_bytes(), {"PLANION_TOKEN_AAA": SECRET})
    assert missing_tokens(config) == ()
    assert config.feed == FeedConfig()
    assert config.data == tmp_path / "data"
