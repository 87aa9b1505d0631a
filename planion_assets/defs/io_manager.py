"""The IO manager: hands stored tables to downstream assets and stores what they return beside ours.

An input annotated `pd.DataFrame` or `pa.Table` is the table of the asset's own partition; annotated
`dict[str, pd.DataFrame]` or `dict[str, pa.Table]` it is that table for every partition, by partition key. A
returned DataFrame or Table, or a dict of them by partition key, becomes `<data>/<asset>/...parquet`.
"""

import typing
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from planion_assets.defs.file_metadata import file_metadata
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.storage.errors import NotStoredError
from planion_assets.storage.file_names import table_folder
from planion_assets.tables import catalog
from planion_assets.tables.model import PUBLISHED

if TYPE_CHECKING:
    import pyarrow as pa

_SUPPORTED = "pd.DataFrame, pa.Table, dict[str, pd.DataFrame] or dict[str, pa.Table]"


class ParquetIOManager(dg.ConfigurableIOManager):
    """Loads and stores tables in the store. DataFrames have Arrow-backed types, so nulls survive."""

    planion: PlanionResource
    key_prefix: list[str] = Field(default=[], description="what goes before the asset keys of this project's tables")

    def load_input(self, context: dg.InputContext) -> Any:
        """The stored table, or a dict of them by partition key.

        Raises `NotStoredError` for a partition that has no stored table. In a dict of all partitions those are
        left out, with a warning; if none is stored, that is an error too.
        """
        annotation = context.dagster_type.typing_type
        by_key = typing.get_origin(annotation) is dict
        convert = _converter(typing.get_args(annotation)[1] if by_key else annotation, context)
        table = catalog.location_of(self._name(context.asset_key))
        if not context.has_asset_partitions:
            return convert(self.planion.store().read(table, None))
        keys = list(context.asset_partition_keys)
        if by_key:
            return self._load_all(context, table, keys, convert)
        if len(keys) != 1:
            raise TypeError(
                f"{context.asset_key.to_user_string()} has {len(keys)} partitions for this input: "
                f"annotate it as dict[str, pd.DataFrame] or dict[str, pa.Table]"
            )
        return convert(self._read(table, keys[0]))

    def _load_all(self, context: dg.InputContext, table: str, keys: list[str], convert: Any) -> dict[str, Any]:
        loaded: dict[str, Any] = {}
        missing: list[str] = []
        for key in keys:
            try:
                loaded[key] = convert(self._read(table, key))
            except NotStoredError:
                missing.append(key)
        if missing and not loaded:
            raise NotStoredError(f"no table {table} is stored for any of {len(keys)} conferences: materialize it first")
        if missing:
            context.log.warning(f"{table} is not stored for {', '.join(missing)}, which are left out")
        return loaded

    def _read(self, table: str, key: str) -> "pa.Table":
        """A stored table, which must have the schema of the catalog if it is in there; of a history, every change."""
        # Imported here: a code location loads without pyarrow.
        from planion_assets.refresh import change_log
        from planion_assets.tables.arrow.schemas import schema_of

        for history in catalog.HISTORIES:
            if table in (history.name, history.location):
                return change_log.read(self.planion.store(), ConferenceKey.parse(key), history)
        tables = catalog.tables_of(self.planion.settings().endpoints())
        declared = next((declared for declared in tables if declared.location == table), None)
        schema = schema_of(declared) if declared else None
        return self.planion.store().read(table, ConferenceKey.parse(key), schema)

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Store the returned table: its row count, size and place become metadata of the materialization."""
        table = self._name(context.asset_key)
        if table == PUBLISHED:
            raise ValueError(
                f"an asset cannot be called {PUBLISHED}: the folder of that name holds what may be handed to "
                "anybody; give the asset another name"
            )
        store = self.planion.writable_store()
        parts = self._by_key(context, obj)
        footers = []
        for key, value in parts.items():
            # As a writer of its own: it need not wait for a refresh of the conference.
            with store.exclusive(table, key, [table]):
                footers.append(store.write(table, key, _to_arrow(value, context)))
        if len(footers) > 1:  # one set of metadata for all partitions of the run: no count is that of any of them
            context.add_output_metadata({"path": dg.MetadataValue.path(store.files.address(table_folder(table)))})
            return
        (footer,) = footers
        count = "dagster/partition_row_count" if context.has_asset_partitions else "dagster/row_count"
        context.add_output_metadata({count: footer.rows, **file_metadata(footer.address, footer.size)})

    def _name(self, key: dg.AssetKey) -> str:
        """The table's name: an asset of another prefix never shares a folder with a table of the same last name."""
        own = key.path[:-1] == self.key_prefix
        return key.path[-1] if own else ".".join(key.path)

    def _by_key(self, context: dg.OutputContext, obj: Any) -> dict[ConferenceKey | None, Any]:
        if not context.has_asset_partitions:
            return {None: obj}
        keys = list(context.asset_partition_keys)
        if isinstance(obj, dict):
            if set(obj) != set(keys):
                raise ValueError(
                    f"{context.asset_key.to_user_string()} returned the keys {sorted(obj)} for the "
                    f"partitions {sorted(keys)}"
                )
            return {ConferenceKey.parse(key): value for key, value in obj.items()}
        if len(keys) != 1:
            raise ValueError(
                f"{context.asset_key.to_user_string()} ran for {len(keys)} partitions: return a dict "
                f"of tables by partition key, or leave out its backfill policy"
            )
        return {ConferenceKey.parse(keys[0]): obj}


def _converter(annotation: Any, context: dg.InputContext) -> Any:
    import pandas as pd
    import pyarrow as pa

    if annotation is pa.Table:
        return lambda table: table
    if annotation is pd.DataFrame:
        return lambda table: table.to_pandas(types_mapper=pd.ArrowDtype)
    raise TypeError(f"input {context.name} is annotated {annotation}; the IO manager gives {_SUPPORTED}")


def _to_arrow(value: Any, context: dg.OutputContext) -> "pa.Table":
    import pandas as pd
    import pyarrow as pa

    if isinstance(value, pa.Table):
        return value
    if isinstance(value, pd.DataFrame):
        # An index with a name is data, as after a groupby; one without only counts rows.
        named = any(name is not None for name in value.index.names)
        return pa.Table.from_pandas(value.reset_index() if named else value, preserve_index=False)
    raise TypeError(
        f"{context.asset_key.to_user_string()} returned a {type(value).__name__}; return a pd.DataFrame or a pa.Table"
    )
