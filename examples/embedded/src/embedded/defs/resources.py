"""The project's own IO manager, which stores what an asset returns as JSON."""

import json
from pathlib import Path
from typing import Any

import dagster as dg


class JsonIOManager(dg.ConfigurableIOManager):
    """Stores what an asset returns as JSON, in `json/` of the working directory."""

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the file."""
        path = self._path(context.asset_key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(obj), encoding="utf-8")

    def load_input(self, context: dg.InputContext) -> Any:
        """Read the file."""
        return json.loads(self._path(context.asset_key).read_text(encoding="utf-8"))

    def _path(self, key: dg.AssetKey) -> Path:
        return Path("json", f"{'.'.join(key.path)}.json")


@dg.definitions
def resources() -> dg.Definitions:
    """The IO manager of every asset that names no other."""
    return dg.Definitions(resources={"io_manager": JsonIOManager()})
