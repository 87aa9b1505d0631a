"""No refresh imports pandas: it costs 45 MiB and a third of a second, and only readers need it.

Nor does it import the progress bar where there is no terminal, or what of the code location it does not run.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from planion_assets_tests.instances import copy_instance

PROGRAM = """
import json, os, sys, urllib.request
from planion_assets.cli.main import main
from planion_assets.sandbox import SandboxServer

HEAVY = ("pandas", "rich.progress", "planion_assets.definitions")
imported = {}
with SandboxServer() as server:
    os.environ |= {"PLANION_SANDBOX": "1", "PLANION_FEED_URL": server.url}
    for state in ("cold", "changed", "unchanged"):
        others = ["AAA|AM2037", "TOS|WS2027"] if state == "cold" else []
        try:
            main(["refresh", "AAA|AM2036", *others])
        except SystemExit as end:
            assert not end.code, end.code
        imported[state] = [name for name in HEAVY if name in sys.modules]
        if state == "cold":
            urllib.request.urlopen(f"{server.origin}/sandbox/advance", data=b"").close()
print(json.dumps(imported))
"""


@pytest.mark.long
def test_neither_a_cold_nor_a_changed_nor_an_unchanged_refresh_imports_what_it_does_not_need(workplace: Path) -> None:
    # One with everything, and for the first time an empty one and one without a zone.
    copy_instance(workplace / ".dagster")
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, cwd=workplace)
    lines = done.stdout.splitlines()
    assert json.loads(lines[-1]) == {"cold": [], "changed": [], "unchanged": []}
    cold, changed, unchanged = (line for line in lines if " unchanged, " in line)
    assert " 0 unchanged, 3 changed " in cold
    assert " 0 changed, 0 failed" not in changed
    assert " 0 changed, 0 failed" in unchanged
