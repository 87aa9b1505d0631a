"""Which names `endpoints` takes: any that is a folder, a table and an asset of its own, and no other."""

from pathlib import Path

import pytest

from planion_assets.config.endpoint_names import RESERVED
from planion_assets.tables.catalog import ASSETS, OVERVIEWS, TABLES
from planion_assets_tests.config.texts import account, read, refused

NAMED = (("AAA", "[sessions, abstracts]"), ("BBB", "[speakers, sessions, eposters]"))
SPELLED = (("AAA", "ePosters"), ("BBB", "eposters"))
READ = {table.endpoint for table in TABLES}


@pytest.mark.parametrize(
    "name",
    [
        *("abstracts", "eposters", "disclosures", "e_posters", "a", "posters2", "a" * 40, "session", "rawdata"),
        *("ePosters", "Session-Files", "ABSTRACTS", "e-posters", "abstracts.json", "2024", "1abstracts", "7"),
    ],
)
def test_any_other_method_of_the_feed_can_be_named(tmp_path: Path, name: str) -> None:
    settings = read(tmp_path, account(endpoints=f'[sessions, "{name}"]'))
    assert settings.endpoints() == ("sessions", name)


@pytest.mark.parametrize(
    "name",
    [
        *("my abstracts", "a b", "abstracts/2024", "/abstracts", "abstracts/", "abstracts-", "-abstracts", "e+posters"),
        *("../x", "..", ".", ".hidden", "~", "x\\y", "abstracts?page=2", "a#b", "a%2Fb", "a:b", "a|b", "abstracts."),
        *("_abstracts", "abstracts_", "résumés", "abstracts\t", "", "a" * 41, "meow=meow=Secret", "con.parquet "),
    ],
)
def test_a_name_that_is_no_folder_is_refused_in_one_line_that_does_not_repeat_it(tmp_path: Path, name: str) -> None:
    (line,) = refused(tmp_path, account(endpoints=f'[sessions, "{name}"]'.replace("\\", "\\\\").replace("\t", "\\t")))
    assert "accounts[0].endpoints[1]: is not the name of a method of the feed; write it as its address ends" in line
    assert name not in line or len(name) < 9 or name == "abstracts/"


@pytest.mark.parametrize("entry", ["[abstracts]", "{abstracts: true}"])
def test_what_is_no_name_at_all_is_refused(tmp_path: Path, entry: str) -> None:
    (line,) = refused(tmp_path, account(endpoints=f"[sessions, {entry}]"))
    assert "accounts[0].endpoints[1]: is not one piece of text; give the methods of the feed to read" in line


@pytest.mark.parametrize(
    "name",
    [
        *("raw_sessions", "raw_abstracts", "RAW-abstracts", "published", "published_sessions", "Published.Sessions"),
        *("Session-Tracks", "CONFERENCES", *sorted(RESERVED)),
    ],
)
def test_the_name_of_another_table_is_refused(tmp_path: Path, name: str) -> None:
    (line,) = refused(tmp_path, account(endpoints=f"[sessions, {name}]"))
    assert "accounts[0].endpoints[1]: " in line
    assert line.endswith("take it out")


@pytest.mark.parametrize("name", ["Sessions", "SPEAKERS", "Speakers"])
def test_a_method_with_tables_of_its_own_is_spelled_as_the_contract_does(tmp_path: Path, name: str) -> None:
    (line,) = refused(tmp_path, account(endpoints=f"[sessions, {name}]"))
    assert line.endswith(f"would be the table {name.lower()}; write {name.lower()}")


@pytest.mark.parametrize("names", ["ePosters, eposters", "e-posters, E_Posters", "a.b, a--b"])
def test_two_that_would_be_one_table_are_refused(tmp_path: Path, names: str) -> None:
    (line,) = refused(tmp_path, account(endpoints=f"[sessions, {names}]"))
    assert "accounts[0].endpoints: names two that would be one table" in line


def test_two_accounts_spell_a_method_alike(tmp_path: Path) -> None:
    one, two = (account(account=name, endpoints=f"[sessions, {spelled}]") for name, spelled in SPELLED)
    (line,) = refused(tmp_path, one.replace("]}]\n", "]}, ") + two.removeprefix("accounts: ["))
    assert "accounts: names methods in `endpoints` of two accounts that would be one table" in line
    assert line.endswith("spell them alike")


def test_the_names_that_are_taken_are_those_of_the_catalog() -> None:
    names = {declared.name for declared in (*ASSETS, *OVERVIEWS)}
    assert {name for name in names if not name.startswith(("raw_", "published"))} == RESERVED | READ


def test_what_any_account_reads_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    one, two = (account(account=name, endpoints=endpoints) for name, endpoints in NAMED)
    both = one.replace("]}]\n", "]}, ") + two.removeprefix("accounts: [")
    assert read(tmp_path, both).endpoints() == ("sessions", "abstracts", "speakers", "eposters")
