"""The golden file: what this code makes of a corpus, and the version by which stored files know that it made them.

A stored table is built anew when its fingerprint changes, and a conference is judged anew when a check's does. So code
that makes other rows, or other verdicts, must have another fingerprint. Each entry of the file has the fingerprint, a
digest of the rows (or offenders) and one of the code that makes them; `problems` says what must be raised where they no
longer fit. Unchanged code makes the same rows, so tests then build only a sample of the corpus. Once
a version is raised, or where the code cannot make other rows:

    python -m planion_assets_tests.tables.golden

writes the file anew. It refuses where rows differ and no version was raised.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from planion_assets.feed.item import Item
from planion_assets.tables import model
from planion_assets.tables.arrow.arrays import values_of
from planion_assets.tables.arrow.builder import Builder
from planion_assets.tables.arrow.row_text import spelled
from planion_assets.tables.arrow.unreadable import unreadable_json
from planion_assets.tables.catalog import HISTORIES, OVERVIEWS, TABLES, tables_of
from planion_assets.tables.model import Table
from planion_assets.tables.quality import model as quality_model
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets.tables.quality.model import Check, Contents
from planion_assets_tests.source_digest import ROOT, import_closure, source_digest
from planion_assets_tests.tables.corpus import ZONES, corpus
from planion_assets_tests.tables.items import KEY

FILE = Path(__file__).with_name("golden.json")
COMMAND = "python -m planion_assets_tests.tables.golden"

ALL = tables_of(["abstracts"])
"""All tables, those of endpoints that only the settings name by one of them."""
_TABLES, _QUALITY = "planion_assets.tables", "planion_assets.tables.quality"
_ITEMS = "planion_assets.feed.item"  # which content an item has, and its digest
_WITHIN = (_TABLES, "planion_assets.members", "planion_assets.extended_json")
_SAMPLE = ("dirty", "contract", "sandbox", "clashes", "no speakers", "nothing", "example 0", "example 2")
_SHARED_CODE, _SHARED_CHECKS = "code of several tables", "code of several checks"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a table or a check is: its version, and digests of what it makes of the corpus and of its code.

    `constant` and `module` say where the version is raised, `sample` is the result of some conferences of the corpus.
    """

    version: str
    result: str
    code: str
    constant: str
    module: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Golden:
    """The entries of all tables and checks by name, and the digest of the corpus that their results are of."""

    corpus: str
    entries: Mapping[str, Entry]

    def sampled(self) -> "Golden":
        """The same without the results of the whole corpus."""
        return Golden(self.corpus, {name: replace(entry, result="") for name, entry in self.entries.items()})


def golden(
    tables: Sequence[Table] = ALL, checks: Sequence[Check] = CHECKS, root: Path = ROOT, *, whole: bool = True
) -> Golden:
    """The entries of these tables and checks, by the code of the modules below `root`.

    Without `whole` it is `sampled`, for a tenth of the time.
    """
    modules = [_module(table) for table in ALL]
    others = [f"{_TABLES}.{declared.name}" for declared in (*HISTORIES, *OVERVIEWS)]
    own = frozenset((*modules, *others, f"{_TABLES}.catalog", f"{_TABLES}.history"))
    shared = import_closure([f"{_TABLES}.arrow.builder", _ITEMS], _WITHIN, root) - own
    entries = {
        _SHARED_CODE: Entry(
            model.TRANSFORM_VERSION, "", source_digest(shared, root), "TRANSFORM_VERSION", model.__name__
        ),
        _SHARED_CHECKS: Entry(
            quality_model.CHECKS_VERSION,
            "",
            source_digest([quality_model.__name__], root),
            "CHECKS_VERSION",
            quality_model.__name__,
        ),
    }
    conferences = {name: items for name, items in corpus().items() if whole or name in _SAMPLE}
    found = results(tables, checks, conferences)

    def entry(declared: Table | Check, code: str, module: str) -> Entry:
        built = found[declared.name]
        result = _digest([one for each in built.values() for one in each]) if whole else ""
        sample = _digest([one for name, each in built.items() if name in _SAMPLE for one in each])
        return Entry(declared.fingerprint, result, code, "code_version", module, sample)

    for table in tables:
        module = _module(table)
        code = source_digest(import_closure([module], _WITHIN, root) - shared, root)
        entries[table.name] = entry(table, code, module)
    for check in checks:
        module = check.find.__module__
        entries[check.name] = entry(check, source_digest([module], root), module)
    items = [(name, [item.payload for item in items]) for name, items in corpus().items()]
    return Golden(_digest(items), entries)


def problems(stored: Golden, now: Golden) -> Iterator[str]:
    """What must be done for each entry that is not as it is in the golden file, in words for whoever changed the code.

    First what cannot be helped by writing the file anew.
    """
    unraised = {name for name, entry in now.entries.items() if _is_unraised(stored, now, name, entry)}
    for name in sorted(unraised):
        entry = now.entries[name]
        shared = "CHECKS_VERSION" if entry.module.startswith(_QUALITY) else "TRANSFORM_VERSION"
        where = quality_model.__name__ if shared == "CHECKS_VERSION" else model.__name__
        yield (
            f"{name}: other rows of the same version: raise {entry.constant} in {_path(entry.module)} (or {shared} in "
            f"{_path(where)}, where shared code changed)"
        )
    for name, entry in now.entries.items():
        before = stored.entries.get(name)
        if name in unraised or before == entry:
            continue
        if before and before.version == entry.version and before.code != entry.code:
            yield (
                f"{name}: other code of the same version and the same rows: raise {entry.constant} in "
                f"{_path(entry.module)} where rows can differ, else run `{COMMAND}`"
            )
        else:
            yield f"{name}: not as the golden file has it: run `{COMMAND}`"


def read() -> Golden:
    """The golden file."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    return Golden(stored["corpus"], {name: Entry(**entry) for name, entry in stored["entries"].items()})


def write() -> list[str]:
    """Write the golden file anew; where rows differ and no version was raised, say so and leave it."""
    now = golden()
    refused = [problem for problem in problems(read(), now) if COMMAND not in problem] if FILE.exists() else []
    if not refused:
        FILE.write_text(json.dumps(asdict(now), indent=1) + "\n", encoding="utf-8")
    return refused


def _is_unraised(stored: Golden, now: Golden, name: str, entry: Entry) -> bool:
    """Whether the rows differ and the version does not, for another reason than a changed corpus."""
    before = stored.entries.get(name)
    if before is None or before.version != entry.version or before.result == entry.result:
        return False
    shared = _SHARED_CHECKS if entry.module.startswith(_QUALITY) else _SHARED_CODE
    same_code = before.code == entry.code and stored.entries[shared].code == now.entries[shared].code
    return stored.corpus == now.corpus or not same_code


def results(
    tables: Sequence[Table], checks: Sequence[Check], conferences: Mapping[str, Sequence[Item]]
) -> dict[str, dict[str, list[Any]]]:
    """By table and conference digests of its rows and of what cannot be read in them; by check its offenders likewise.

    Each is built in every zone that it depends on. Of the sessions that checks see one is missing, so that its links
    have none.
    """
    wanted_rows = {table.name for table in tables}
    names = [*wanted_rows, *(check.name for check in checks)]
    found: dict[str, dict[str, list[Any]]] = {name: {conference: [] for conference in conferences} for name in names}
    for conference, items in conferences.items():
        for zones in ZONES:
            wanted = [table for table in (ALL if checks else tables) if table.zoned or zones == ZONES[0]]
            builder = Builder(KEY, items, zones, wanted)
            built = {table.name: builder.build(table) for table in wanted}
            for name in wanted_rows & built.keys():
                data = built[name].data
                columns = [[spelled(value) for value in values_of(data[column])] for column in data.column_names]
                found[name][conference].append(_digest([columns, unreadable_json(built[name].unreadable)]))
            if checks and zones == ZONES[0]:
                judged = {table.name: built[table.name] for table in TABLES}
                unreadable = {name: json.loads(unreadable_json(one.unreadable)) for name, one in judged.items()}
                whole = {name: one.data for name, one in judged.items()}
                for check in checks:
                    for sessions in (whole["sessions"], whole["sessions"].slice(1)):
                        offenders = check.find(Contents({**whole, "sessions": sessions}, unreadable))
                        found[check.name][conference] += offenders
    return found


def _module(table: Table) -> str:
    return f"{_TABLES}.{table.name if table in TABLES else 'endpoint_tables'}"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


if __name__ == "__main__":
    if refused := write():
        sys.exit("\n".join(refused))
