"""Two hundred damages at random: each that changes what a reader sees is found, and mended by one command.

`make soak` runs it and shows its figures; SOAK_SEED=... begins as an earlier one did.
"""

import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from planion_assets_tests.verify.damage import DAMAGES, Harm
from planion_assets_tests.verify.stored import Folder, contents, readable_by_glob

CASES = 200


@pytest.mark.soak
def test_soak(whole: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    luck = random.Random(seed)  # noqa: S311 - damages, not secrets
    globs = readable_by_glob(whole.store)
    counted: Counter[str] = Counter()
    harmless = found = reread = 0
    started = time.monotonic()
    while found < CASES:
        folder = whole.copy(tmp_path / "copy")
        act = luck.choice(DAMAGES)
        path = act(Harm(folder, luck)).relative_to(folder.store.root)
        where = f"seed {seed}: {act.__name__} of {path}"
        print(where)  # the last of those that are shown where it fails
        changed = contents(folder.store) != contents(whole.store) or readable_by_glob(folder.store) != globs
        damaged = [one.key for one in folder.verified() if not one.is_right]
        assert damaged or not changed, f"{where} is not found"
        # One that is in no conference's place is looked for by a verification of all.
        keys = [] if None in damaged else [key for key in damaged if key]
        again = folder.mended(*keys) if damaged else {}
        assert [one.damages for one in folder.verified(*keys) if not one.is_right] == [], f"{where} is not mended"
        now, before = (contents(one.store, reread=bool(again)) for one in (folder, whole))
        differ = [name for name in {*now, *before} if now.get(name) != before.get(name)]
        assert [name for name in differ if "session_changes" not in name] == [], where
        if differ:
            assert again or path.parts[0] == "session_changes", f"{where}: a change is lost that was whole"
        harmless, found, reread = harmless + (not damaged), found + bool(damaged), reread + bool(again)
        counted[act.__name__] += bool(damaged)
        shutil.rmtree(folder.path)
    with capsys.disabled():
        seconds = time.monotonic() - started
        print(f"\nseed {seed}: {found} damages found and mended in {seconds:.0f} s, {reread} with the feed; {harmless}")
        print("changed nothing that a reader sees: " + ", ".join(f"{n} {name}" for name, n in counted.most_common()))
