"""Names of accounts and conferences in a file: repeated ones, and looking them up among many."""

from pathlib import Path

import pytest

from planion_assets.config.constants import DEFAULT_FILE
from planion_assets.keys import path_name
from planion_assets_tests.config.texts import account, read, refused
from planion_assets_tests.cost import at_most


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
def test_a_hundred_thousand_accounts_take_a_time_in_proportion(tmp_path: Path) -> None:
    with at_most(1000):
        config = read(tmp_path, _many(100_000))
        keys = config.keys()
        for key in keys:
            config.update_age_limits(key)
    assert len(keys) == 100_000


def _many(number: int) -> str:
    entry = "  - account: A{0}\n    token_env: PLANION_TOKEN_A{0}\n    conferences:\n      - conference: C{0}\n"
    return "accounts:\n" + "".join(entry.format(n) for n in range(number))
