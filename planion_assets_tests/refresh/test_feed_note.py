"""Which feed a data folder shows: real tables are never replaced by made-up ones, nor by another feed's, unasked."""

import threading
from pathlib import Path

import pyarrow as pa
import pytest

from planion_assets.config import Config, ConfigError, load
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.feed_note import NOTE, check, claim, normalised
from planion_assets.sandbox import CONFERENCES
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.refresh.feed_folders import APPS, KEY, STATIC, configure

pytestmark = pytest.mark.usefixtures("no_collection")


def _settings(folder: Path, url: str | None, *names: str) -> Config:
    """Settings of a real feed, or of the sandbox, whose data folder is `data` there."""
    if url is None:
        return load({"PLANION_DATA": str(folder / "data")}, folder, sandbox=True)
    configure(folder, url, *names)
    return load({}, folder)


def _stored(folder: Path, *conferences: str) -> None:
    """What a version that left no note has stored."""
    for name in conferences:
        LocalStore(folder / "data").write("sessions", ConferenceKey.parse(name), pa.table({"schedid": ["1"]}))


@pytest.mark.parametrize(
    "other", [STATIC, "http://127.0.0.1:1/feed/v1", "https://apps.planion.com/feed/v2", APPS + "/x"]
)
def test_another_address_is_refused_with_both_named_until_a_person_says_they_are_one(
    tmp_path: Path, other: str
) -> None:
    claim(_settings(tmp_path, APPS))
    settings = _settings(tmp_path, other)
    for look in (check, claim):
        with pytest.raises(ConfigError) as caught:
            look(settings)
        (line,) = caught.value.args
        assert line == (
            f"{tmp_path / 'data'}: the data folder: shows the feed {APPS}, and the feed {other} is to be read; give "
            "another folder (`data` in the settings, or PLANION_DATA), or, where both are one feed, run `planion "
            "refresh --adopt` once"
        )
    claim(settings, adopt=True)
    check(settings)
    with pytest.raises(ConfigError, match=f"shows the feed {other}, and the feed {APPS} is to be read"):
        check(_settings(tmp_path, APPS))


@pytest.mark.parametrize(
    "spelling",
    [
        "https://apps.planion.com/feed/v1/",
        "https://APPS.Planion.COM/feed/v1",
        "HTTPS://apps.planion.com:443/feed/v1//",
        "https://apps.planion.com./feed/v1",
        "https://apps.planion.com:/feed/v1",
    ],
)
def test_an_address_in_another_spelling_is_the_same_feed(tmp_path: Path, spelling: str) -> None:
    claim(_settings(tmp_path, APPS))
    check(_settings(tmp_path, f"'{spelling}'"))
    assert normalised(spelling) == APPS


@pytest.mark.parametrize(
    "other", [f"{APPS}?x=1", "https://apps.planion.com/Feed/v1", "http://apps.planion.com/feed/v1"]
)
def test_a_path_in_other_letter_case_and_another_scheme_are_not(other: str) -> None:
    assert normalised("http://[::1]:80/") == "http://[::1]"
    assert normalised(other.removesuffix("?x=1") + "/x") != APPS


@pytest.mark.parametrize(
    ("stored", "url", "refused"),
    [
        ([], APPS, ""),
        ([], None, ""),
        (["AAA|AM2026"], APPS, ""),
        (["BBB|OTHER"], APPS, ""),
        # A first try and the real conferences in one folder, as the README of earlier versions led to.
        (["AAA|AM2026", "AAA|MESS", "TOS|OW2026"], APPS, ""),
        (
            ["AAA|MESS", "TOS|OW2026"],
            APPS,
            "holds conferences of the sandbox alone (AAA|MESS, TOS|OW2026), and the feed",
        ),
        (["AAA|MESS"], None, "holds tables whose feed is not noted, and the sandbox is to be read: made-up"),
        (["AAA|AM2026"], None, "holds tables whose feed is not noted, and the sandbox is to be read: made-up"),
        (["BBB|OTHER"], None, "holds tables whose feed is not noted, and the sandbox is to be read: made-up"),
    ],
)
def test_a_folder_without_a_note_is_taken_over_by_its_own_feed(
    tmp_path: Path, stored: list[str], url: str | None, refused: str
) -> None:
    _stored(tmp_path, *stored)
    settings = _settings(tmp_path, url)
    if not refused:
        check(settings)
        assert not (tmp_path / "data" / NOTE).exists(), "whoever reads notes nothing"
        claim(settings)
        assert (tmp_path / "data" / NOTE).exists()
        return
    for look in (check, claim):
        with pytest.raises(ConfigError) as caught:
            look(settings)
        assert f"the data folder: {refused}" in str(caught.value)
    assert not (tmp_path / "data" / NOTE).exists()
    if url:
        claim(settings, adopt=True)
        check(settings)


def test_any_table_makes_a_folder_one_that_the_sandbox_leaves_alone(tmp_path: Path) -> None:
    for number, place in enumerate(("published/a/A/B.parquet", "conference_status.parquet", "rooms/A/B.parquet")):
        path = tmp_path / str(number) / "data" / place
        path.parent.mkdir(parents=True)
        path.write_bytes(b"PAR1")
        with pytest.raises(ConfigError, match="holds tables whose feed is not noted"):
            claim(_settings(tmp_path / str(number), None))
    # Tables on another disk, behind a link.
    (tmp_path / "3" / "data").mkdir(parents=True)
    (tmp_path / "3" / "data" / "sessions").symlink_to(tmp_path / "2" / "data" / "rooms")
    with pytest.raises(ConfigError, match="holds tables whose feed is not noted"):
        claim(_settings(tmp_path / "3", None))
    claim(_settings(tmp_path / "3", APPS))
    # What is no table is no reason to refuse.
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").write_text("tables")
    claim(_settings(tmp_path, None))


def test_a_sandbox_folder_is_not_taken_over_by_a_real_feed_whatever_a_person_says(tmp_path: Path) -> None:
    claim(_settings(tmp_path, None))
    claim(_settings(tmp_path, None))
    for adopt in (False, True):
        with pytest.raises(ConfigError, match=r"shows the sandbox, and the feed https://apps.* never share a folder"):
            claim(_settings(tmp_path, APPS), adopt=adopt)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"feed": "x"}',
        b'{"feed": "", "sandbox": false}',
        b'{"feed": 1, "sandbox": true}',
        b'{"feed": "https://[", "sandbox": false}',
        b'{"feed": "https://apps',
        b"[" * 100_000,
    ],
)
def test_a_note_that_cannot_be_read_is_refused_and_not_taken_over(tmp_path: Path, content: bytes) -> None:
    note = tmp_path / "data" / NOTE
    note.parent.mkdir(parents=True)
    note.write_bytes(content)
    for url in (APPS, None):
        settings = _settings(tmp_path, url)
        for look in (check, claim):
            with pytest.raises(ConfigError, match="is no note of a feed; where the tables are of the") as caught:
                look(settings)
            assert len(caught.value.args) == 1
    assert note.read_bytes() == content
    settings = _settings(tmp_path, APPS)
    claim(settings, adopt=True)
    check(settings)


def test_a_disk_that_refuses_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ConfigError, match=r"data: the data folder: the disk refused .*: Not a directory; move away"):
        claim(_settings(tmp_path, APPS))
    other = tmp_path / "other"
    (other / "data" / NOTE).mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"feed.json is a folder, and no file; move away"):
        check(_settings(other, APPS))


def test_two_that_note_at_once_agree_or_one_is_refused(tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcomes = _at_once([_settings(folder, APPS)] * 3)
        assert outcomes == ["noted"] * 3
    for number in range(3, 6):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcomes = _at_once([_settings(folder, APPS), _settings(folder, None), _settings(folder, STATIC)])
        assert outcomes.count("noted") == 1


def _at_once(every: list[Config]) -> list[str]:
    outcomes: list[str] = []
    barrier = threading.Barrier(len(every))

    def note(settings: Config) -> None:
        barrier.wait()
        try:
            claim(settings)
            outcomes.append("noted")
        except ConfigError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=note, args=(settings,)) for settings in every]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_the_sandboxs_names_are_those_of_the_sandbox() -> None:
    assert ("AAA", "MESS") in CONFERENCES
    assert (KEY.account, KEY.conference) in CONFERENCES
