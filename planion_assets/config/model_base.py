"""What the models of planion.yaml are made of: their base, and a value between limits."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from planion_assets.config.setting_values import value_text

TEXT: dict[str, Any] = {"type": ["string", "number"]}
"""The schema of text: the loader reads it as such, where an editor takes a name such as 2018 for a number."""
VARIABLE: dict[str, Any] = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
"""The schema of the name of an environment variable."""
ADDRESS: dict[str, Any] = {"pattern": r"^[Hh][Tt]{2}[Pp][Ss]?://[^\s@?#\\]+$"}
"""The schema of an address of the web."""


class Model(BaseModel):
    """The base of all settings: frozen, without unknown keys, and without values in error messages."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_given(cls, values: object) -> object:
        """`timezone:` with nothing behind it is a key still to be filled in, not a time zone called ""."""
        if not isinstance(values, dict) or "" not in values.values():
            return values
        return {key: value for key, value in values.items() if value != "" or key not in cls.model_fields}


def bounded(what: str, default: Any, least: Any, most: Any, *, inherited: bool = False) -> Any:
    """A number or a duration with its limits; one that is `inherited` is None where it is not given."""
    limits = f"{value_text(least)} to {value_text(most)}"
    described = f"a duration from {limits}: {what}" if isinstance(least, timedelta) else f"{what}, {limits}"
    return Field(
        default=None if inherited else default,
        ge=least,
        le=most,
        description=f"{described}; {value_text(default)} unless given",
    )
