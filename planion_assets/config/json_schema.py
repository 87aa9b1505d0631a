"""The JSON Schema of planion.yaml, made from its models, with which an editor completes and checks the file."""

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from planion_assets.config.models import File
from planion_assets.config.setting_values import duration_text

_NO_KEYWORDS = ("ge", "le")  # what pydantic writes for the limits of a duration, which its description has


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with durations as the file writes them."""

    def encode_default(self, dft: Any) -> Any:
        """A default as the file would write it."""
        return duration_text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schema() -> dict[str, Any]:
    """The schema of planion.yaml (JSON Schema 2020-12), of JSON values throughout."""
    schema = File.model_json_schema(schema_generator=_Generator)
    for model in (schema, *schema["$defs"].values()):
        required = model.get("required", ())
        model["properties"] = {
            name: _as_edited(node, required=name in required) for name, node in model["properties"].items()
        }
    return {"$schema": _Generator.schema_dialect, **schema, "title": "planion.yaml"}


def _as_edited(node: dict[str, Any], *, required: bool) -> dict[str, Any]:
    """A key's schema for what an editor sees: null for a key that may be left empty."""
    node = {key: value for key, value in node.items() if key != "title" and (key, value) != ("default", None)}
    if "$ref" in node:
        # The default is that of each key below it.
        node.pop("default", None)
        node = {"anyOf": [{"$ref": node.pop("$ref")}], **node}
    if required:
        return node
    if "anyOf" in node:
        kinds = [{key: value for key, value in kind.items() if key not in _NO_KEYWORDS} for kind in node["anyOf"]]
        node["anyOf"] = [*(kind for kind in kinds if kind != {"type": "null"}), {"type": "null"}]
    elif "enum" in node:
        node["enum"] = [*node["enum"], None]
        node["type"] = [node["type"], "null"]
    else:
        types = node["type"] if isinstance(node["type"], list) else [node["type"]]
        node["type"] = [*types, "null"]
    return node
