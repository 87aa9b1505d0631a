"""`PlanionComponent`: the definitions from YAML, for `dg scaffold defs`, `dg check yaml` and `dg list components`.

The attributes follow the models of planion.yaml (`planion_assets.config`), where each setting is declared.
"""

import types
import typing
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import dagster as dg
from pydantic import BaseModel, Field, create_model

from planion_assets import config
from planion_assets.config.data_address import is_address
from planion_assets.config.models import AccountConfig, FeedConfig, File, MaxUpdateAge
from planion_assets.config.storage_config import StorageConfig
from planion_assets.defs.build_definitions import build_definitions
from planion_assets.defs.names import STANDALONE


def _attributes(model: type[BaseModel], *names: str, base: type[dg.Model] = dg.Model) -> Any:
    """A model of attributes with the fields of a model of settings, or some of them. It refuses others.

    Whether a value is a duration or a time zone, the settings check, which are made of the attributes.
    """
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if names and name not in names:
            continue
        # A value that is not given is left out, so that the default of the settings applies.
        default = ... if field.is_required() else None
        kind = _written(field.annotation)
        fields[name] = (kind if field.is_required() else kind | None, Field(default, description=field.description))
    return create_model(f"{model.__name__}Attributes", __base__=base, **fields)


def _written(kind: Any) -> Any:
    """The type that a setting has in YAML."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        return _written(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return _written(next(argument for argument in arguments if argument is not type(None)))
    if origin in (tuple, list):
        return list[_written(arguments[0])]  # type: ignore[misc]
    if origin is Literal:
        return kind
    if issubclass(kind, BaseModel):
        return _attributes(kind)
    return str if issubclass(kind, timedelta | date | Path) else kind


class Translation(dg.Model):
    """How the assets are named among those of the project."""

    key_prefix: str | list[str] = Field(default=[], description="what goes before every asset key")
    group_name: str = Field(default=STANDALONE.group_name, description="the group of the assets")
    name_prefix: str | None = Field(
        default=None,
        description="what goes before the names of jobs, schedules, sensors, partitions and resources; the key prefix "
        "joined by underscores unless given",
    )
    io_manager_key: str | None = Field(
        default=None,
        description="the resource that loads and stores the tables; planion_io_manager behind the name prefix unless "
        "given",
    )
    owners: list[str] = Field(default=list(STANDALONE.owners), description="the owners of the assets")
    tags: dict[str, str] = Field(default={}, description="tags of the assets")


class _Automation(dg.Model):
    """What runs by the clock, once any attribute is given, unless `enabled` is false."""

    enabled: bool = Field(default=True, description="false to leave it out")


_Account: Any = _attributes(AccountConfig)
_Feed: Any = _attributes(FeedConfig)
_MaxUpdateAge: Any = _attributes(MaxUpdateAge)
_Storage: Any = _attributes(StorageConfig)
_Schedule: Any = _attributes(
    File, "refresh_interval", "verify_interval", "refresh_runs", "max_partitions_per_run", base=_Automation
)
_Alerts: Any = _attributes(File, "failure_webhook_env", "dagster_url", base=_Automation)
_Prune: Any = _attributes(File, "keep_runs", base=_Automation)

_EXAMPLE: dict[str, Any] = {
    "accounts": [
        {
            "account": "AAA",
            "token_env": "PLANION_TOKEN_AAA",
            "conferences": [{"conference": "AM2026", "timezone": "America/Chicago"}],
        }
    ],
    "data": "data",
    "translation": {"key_prefix": "planion", "group_name": STANDALONE.group_name},
    "schedule": {"refresh_interval": "15m"},
}


class _Scaffolder(dg.Scaffolder[Any]):
    def scaffold(self, request: dg.ScaffoldRequest[Any]) -> None:
        """Write the component's file, with an account and a conference to be replaced."""
        dg.scaffold_component(request, _EXAMPLE)


@dg.scaffold_with(_Scaffolder)
class PlanionComponent(dg.Component, dg.Model, dg.Resolvable):
    """Complete, typed Parquet tables of every conference of a Planion events feed."""

    accounts: list[_Account] = Field(
        default=[], description="the accounts to read; the sandbox's where `sandbox` is true"
    )
    data: str = Field(
        default="data",
        description="the folder of the Parquet files, relative to the project's root, or an address in an object store",
    )
    storage: _Storage = Field(default=_Storage(), description="how the object store of `data` is reached")
    feed: _Feed = Field(default=_Feed(), description="how the feed is read")
    max_update_age: _MaxUpdateAge = Field(
        default=_MaxUpdateAge(), description="how old the content may be before a warning and before an error"
    )
    keep_change_files: int | None = Field(
        default=None,
        description="how many of the newest files of each change log stay as they are; 100 unless given",
    )
    translation: Translation = Field(default=Translation(), description="how the assets are named")
    schedule: _Schedule = Field(
        default=_Schedule(enabled=False),
        description="given, even as {}: conferences are refreshed, checked and verified by the clock",
    )
    alerts: _Alerts = Field(default=_Alerts(enabled=False), description="given, even as {}: failures are told")
    prune: _Prune = Field(
        default=_Prune(enabled=False),
        description="given, even as {}: old runs of these assets and jobs are deleted, once a day",
    )
    sandbox: bool = Field(default=False, description="true to read the made-up sandbox feed")

    def settings(self, root: Path) -> dict[str, Any]:
        """The content of a planion.yaml with these attributes; relative folders are below `root`."""
        written = self.model_dump(exclude_none=True, exclude={"translation", "sandbox"})
        for part in ("schedule", "alerts", "prune"):
            written |= {name: value for name, value in written.pop(part).items() if name != "enabled"}
        return {**written, "data": self.data if is_address(self.data) else str(root / self.data)}

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions. Raises `ConfigError` naming the attribute that is wrong."""
        given = self.settings(context.project_root)
        config.load(sandbox=self.sandbox, given=given)
        return build_definitions(
            given,
            **self.translation.model_dump(),
            schedules=self.schedule.enabled,
            prune=self.prune.enabled,
            alerts=self.alerts.enabled,
            sandbox=self.sandbox,
        )
