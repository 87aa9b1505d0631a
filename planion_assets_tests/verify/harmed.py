"""Damage to one file, and what verification says of a conference."""

from pathlib import Path

from planion_assets.keys import ConferenceKey
from planion_assets.verify.verification import verify
from planion_assets_tests.verify import damage
from planion_assets_tests.verify.stored import Folder


def harm(folder: Folder, path: Path) -> damage.Harm:
    return damage.Harm(folder, damage.luck(1), path)


def damage_lines(folder: Folder, key: ConferenceKey) -> dict[str, str]:
    """The damages of one conference: a line by the path below the folder of the tables."""
    (found,) = verify(folder.settings, folder.store, [key])
    assert found.failure is None
    return {finding.name: finding.line(finding.name) for finding in found.damages}


def mended_lines(folder: Folder, key: ConferenceKey) -> dict[str, str]:
    """The damages of one conference that a repair has found and mended, all of them without the feed."""
    (found,) = verify(folder.settings, folder.store, [key], repair=True)
    assert found.is_right, [finding.line(finding.name) for finding in found.damages]
    return {finding.name: finding.line(finding.name) for finding in found.mended}
