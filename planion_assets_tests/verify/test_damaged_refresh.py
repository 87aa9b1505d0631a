"""What reading and refreshing do with damaged files, before anybody verifies them."""

from pathlib import Path

import pytest

from planion_assets.feed.client import FeedClient
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Changes, Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.store import UnreadableFileError
from planion_assets.tables import catalog
from planion_assets_tests.verify import damage
from planion_assets_tests.verify.harmed import damage_lines, harm
from planion_assets_tests.verify.stored import FIRST, MESS, Folder, contents


def _no_client(key: ConferenceKey) -> FeedClient:
    raise AssertionError(f"the feed is asked for {key}")


def test_damaged_pages_are_a_line_that_names_the_remedy_wherever_tables_are_read(folder: Folder) -> None:
    for name in ("sessions", "raw_sessions"):
        path = folder.store.path(name, MESS)
        damage.flip_in_values(harm(folder, path))
        with pytest.raises(UnreadableFileError, match=r"run `planion verify --repair`, or move it away") as raised:
            folder.store.read(name, MESS)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("act", [damage.link_loop, damage.named_pipe, damage.folder_in_place])
def test_a_refresh_mends_what_is_no_file_in_the_place_of_a_table_or_says_what_is_in_the_way(
    whole: Folder, folder: Folder, act: damage.Damage
) -> None:
    places = [folder.store.path(name, MESS) for name in ("sessions", "published/published_sessions")]
    for path in places:
        act(harm(folder, path))
    (outcome,) = folder.refreshed(MESS)
    if act is damage.folder_in_place:
        assert isinstance(outcome, Failed)
        assert outcome.reason == (
            f"the disk refused {places[1]}: Is a directory; move away what is in the place of a folder or file, then "
            "refresh again; see `planion explain something-in-the-way`"
        )
    else:
        assert isinstance(outcome, Refreshed)
        assert [Path(stored.footer.address) for stored in outcome.tables if stored.written] == places
        assert contents(folder.store) == contents(whole.store)


def test_a_refresh_reads_the_feed_where_pages_of_the_raw_table_are_damaged_and_it_has_changed(folder: Folder) -> None:
    path = folder.store.path("raw_sessions", FIRST)
    damage.former(harm(folder, path))
    damage.flip_in_values(harm(folder, path))
    (outcome,) = folder.refreshed(FIRST)
    assert isinstance(outcome, Refreshed)
    assert (outcome.state, outcome.problems) == ("changed", ())
    assert outcome.changes == Changes(None, None), "there was nothing to compare with"
    assert damage_lines(folder, FIRST) == {}


def test_tables_are_not_derived_from_damaged_pages(folder: Folder) -> None:
    damage.flip_in_values(harm(folder, folder.store.path("raw_sessions", MESS)))
    (outcome,) = refresh([MESS], [catalog.table("sessions")], folder.store, _no_client, lambda _: RefreshOptions())
    assert isinstance(outcome, Failed)
    assert "run `planion verify --repair`" in outcome.reason
    assert "\n" not in outcome.reason
