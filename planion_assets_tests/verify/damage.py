"""What can happen to stored files: each function damages one at random, and says which."""

import os
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from planion_assets.tables.catalog import TABLES
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.verify.stored import KEYS, Folder

Damage = Callable[["Harm"], Path]


def luck(seed: int) -> random.Random:
    """A random choice that is always the same."""
    return random.Random(seed)  # noqa: S311 - damages, not secrets


class Harm:
    """What is done to one file of a folder: that `at` a path, or one at random."""

    def __init__(self, folder: Folder, luck: random.Random, at: Path | None = None) -> None:
        self.folder, self.luck = folder, luck
        store = folder.store
        self.files = [store.path(table.location, key) for key in KEYS for table in TABLES]
        self.files += [path for key in KEYS for path in sorted(store.folder(SESSION_CHANGES.location, key).iterdir())]
        self.path = at or luck.choice(self.files)

    @property
    def root(self) -> Path:
        """The folder of the tables."""
        return self.folder.store.root

    def other(self) -> Path:
        """The same table's file of the other conference, or another file of a change_log."""
        same = [path for path in self.files if path != self.path and path.parent == self.path.parent]
        return self.luck.choice(same or [path for path in self.files if path != self.path])

    def rewrite(self, rows: pa.Table, **settings: object) -> None:
        """Write the file with Arrow, as another program would."""
        pq.write_table(rows, self.path, **settings)  # type: ignore[arg-type]


def flip(harm: Harm) -> Path:
    """One bit."""
    data = bytearray(harm.path.read_bytes())
    data[harm.luck.randrange(len(data))] ^= 1 << harm.luck.randrange(8)
    harm.path.write_bytes(data)
    return harm.path


def flip_in_pages(harm: Harm) -> Path:
    """One bit of the rows, the footer whole."""
    data = bytearray(harm.path.read_bytes())
    footer = int.from_bytes(data[-8:-4], "little") + 8
    data[harm.luck.randrange(4, max(5, len(data) - footer))] ^= 1 << harm.luck.randrange(8)
    harm.path.write_bytes(data)
    return harm.path


def flip_in_values(harm: Harm) -> Path:
    """One bit of the values of the largest column, and nothing else."""
    with pq.ParquetFile(harm.path) as file:
        group = file.metadata.row_group(0)
        largest = max(range(group.num_columns), key=lambda number: group.column(number).total_compressed_size)
        place = group.column(largest).data_page_offset + group.column(largest).total_compressed_size
        start = group.column(largest).dictionary_page_offset
        end = start + group.column(largest).total_compressed_size if start else place
    data = bytearray(harm.path.read_bytes())
    data[end - 1] ^= 1
    harm.path.write_bytes(data)
    return harm.path


def truncate(harm: Harm) -> Path:
    """The end is missing."""
    data = harm.path.read_bytes()
    harm.path.write_bytes(data[: harm.luck.randrange(1, len(data))])
    return harm.path


def zero_a_block(harm: Harm) -> Path:
    """A block of the disk came back empty."""
    data = bytearray(harm.path.read_bytes())
    start = harm.luck.randrange(len(data))
    length = min(512, len(data) - start)
    data[start : start + length] = bytes(length)
    harm.path.write_bytes(data)
    return harm.path


def swap(harm: Harm) -> Path:
    """Two conferences have each other's file."""
    other = harm.other()
    temporary = other.with_name(".swapped")
    other.rename(temporary)
    harm.path.rename(other)
    temporary.rename(harm.path)
    return harm.path


def former(harm: Harm) -> Path:
    """A backup of one file was put back."""
    backup = harm.folder.former / harm.path.relative_to(harm.root)
    if backup.is_file():
        shutil.copyfile(backup, harm.path)
        return harm.path
    harm.path.unlink()
    return harm.path


def empty(harm: Harm) -> Path:
    """Nothing is in it."""
    harm.path.write_bytes(b"")
    return harm.path


def folder_in_place(harm: Harm) -> Path:
    """A folder has its name."""
    harm.path.unlink()
    harm.path.mkdir()
    (harm.path / "inside.txt").write_text("a person's")
    return harm.path


def link_loop(harm: Harm) -> Path:
    """A link leads to itself."""
    harm.path.unlink()
    harm.path.symlink_to(harm.path.name)
    return harm.path


def dangling_link(harm: Harm) -> Path:
    """A link leads nowhere."""
    harm.path.unlink()
    harm.path.symlink_to("nowhere.parquet")
    return harm.path


def named_pipe(harm: Harm) -> Path:
    """Whoever opens it waits for ever."""
    harm.path.unlink()
    os.mkfifo(harm.path)
    return harm.path


def other_values(harm: Harm) -> Path:
    """Another tool has changed a value, and kept everything else."""
    rows = pq.read_table(harm.path, partitioning=None)
    names = [name for name in rows.column_names if pa.types.is_string(rows[name].type) and rows.num_rows]
    if not names:
        return extra_row(harm)
    name = harm.luck.choice(names)
    values = rows[name].to_pylist()
    values[harm.luck.randrange(len(values))] = "other"
    place = rows.column_names.index(name)
    harm.rewrite(rows.set_column(place, rows.schema.field(name), pa.array(values, pa.string())))
    return harm.path


def extra_row(harm: Harm) -> Path:
    """Another tool has added a row."""
    rows = pq.read_table(harm.path, partitioning=None)
    more = rows.slice(0, 1) if rows.num_rows else pa.Table.from_pylist([dict.fromkeys(rows.column_names)], rows.schema)
    harm.rewrite(pa.concat_tables([rows, more]).replace_schema_metadata(rows.schema.metadata))
    return harm.path


def reversed_rows(harm: Harm) -> Path:
    """Another tool has sorted it otherwise."""
    rows = pq.read_table(harm.path, partitioning=None)
    order = pa.array(range(rows.num_rows - 1, -1, -1), pa.int64())
    harm.rewrite(rows.take(order))
    return harm.path


def missing_column(harm: Harm) -> Path:
    """Another tool has dropped a column."""
    rows = pq.read_table(harm.path, partitioning=None)
    harm.rewrite(rows.drop_columns([harm.luck.choice(rows.column_names)]))
    return harm.path


def other_type(harm: Harm) -> Path:
    """Another tool writes texts as large ones."""
    rows = pq.read_table(harm.path, partitioning=None)
    fields = [field.with_type(pa.large_string()) if pa.types.is_string(field.type) else field for field in rows.schema]
    harm.rewrite(rows.cast(pa.schema(fields)).replace_schema_metadata(rows.schema.metadata))
    return harm.path


def edited_metadata(harm: Harm) -> Path:
    """Another tool has changed what the file says of itself."""
    rows = pq.read_table(harm.path, partitioning=None)
    notes = dict(rows.schema.metadata or {})
    ours = sorted(name for name in notes if name.startswith(b"planion."))
    if not ours:
        return without_metadata(harm)
    name = harm.luck.choice(ours)
    notes[name] = harm.luck.choice([b"", b"x", notes[name][::-1], b"2020-01-01T00:00:00+00:00"])
    harm.rewrite(rows.replace_schema_metadata(notes))
    return harm.path


def without_metadata(harm: Harm) -> Path:
    """Another tool has left out what the file and its columns say of themselves."""
    rows = pq.read_table(harm.path, partitioning=None)
    plain = pa.table([rows[name] for name in rows.column_names], rows.column_names)
    harm.rewrite(plain)
    return harm.path


def by_pandas(harm: Harm) -> Path:
    """pandas has read and written it."""
    pq.read_table(harm.path, partitioning=None).to_pandas().to_parquet(harm.path)
    return harm.path


def by_duckdb(harm: Harm) -> Path:
    """DuckDB has read and written it."""
    import duckdb

    copy = harm.path.with_name(".copy")
    duckdb.sql(f"COPY (FROM '{harm.path}') TO '{copy}' (FORMAT parquet)")
    copy.replace(harm.path)
    return harm.path


def other_beginning(harm: Harm) -> Path:
    """The first byte, which readers pass over."""
    data = harm.path.read_bytes()
    harm.path.write_bytes(b"x" + data[1:])
    return harm.path


def stuffed(harm: Harm) -> Path:
    """It is there twice, one after the other, of which readers see the footer of the second."""
    harm.path.write_bytes(2 * harm.path.read_bytes())
    return harm.path


def missing(harm: Harm) -> Path:
    """It was deleted."""
    harm.path.unlink()
    return harm.path


def a_copy(harm: Harm) -> Path:
    """Somebody keeps a copy beside it, which readers find."""
    copy = harm.path.with_name(f"{harm.path.stem} copy.parquet")
    shutil.copyfile(harm.path, copy)
    return copy


def a_copy_named_like_a_conference(harm: Harm) -> Path:
    """Somebody keeps a copy under a name that could be a conference's."""
    copy = harm.path.with_name(f"{harm.path.stem}-backup.parquet")
    shutil.copyfile(harm.path, copy)
    return copy


DAMAGES: Sequence[Damage] = (
    flip,
    flip_in_pages,
    flip_in_values,
    truncate,
    zero_a_block,
    swap,
    former,
    empty,
    folder_in_place,
    link_loop,
    dangling_link,
    named_pipe,
    other_values,
    extra_row,
    reversed_rows,
    missing_column,
    other_type,
    edited_metadata,
    without_metadata,
    by_pandas,
    by_duckdb,
    missing,
    a_copy,
    a_copy_named_like_a_conference,
)
