"""A project that has the tables of two feeds beside assets of its own, with names of which some are also ours.

`STORED` is what its own IO manager was given, by asset; `EXECUTED` the jobs of which its own executor ran a run.
"""

from typing import Any

import dagster as dg
import pyarrow as pa

from planion_assets.defs.build_definitions import build_definitions

STORED: dict[str, Any] = {}
EXECUTED: list[str] = []


class Memory(dg.ConfigurableIOManager):
    """Stores in `STORED` what assets return."""

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Store what the asset returned."""
        STORED[context.asset_key.to_user_string()] = obj

    def load_input(self, context: dg.InputContext) -> Any:
        """The object that was stored."""
        return STORED[context.asset_key.to_user_string()]


@dg.executor(name="of_the_host", config_schema=dg.in_process_executor.config_schema.as_field())
def executor(context: dg.InitExecutorContext) -> Any:
    """Dagster's own of one process, which notes in `EXECUTED` what it runs."""
    EXECUTED.append(context.job.get_definition().name)
    return dg.in_process_executor.executor_creation_fn(context)  # type: ignore[misc]  # it is there


@dg.asset
def sessions() -> dict[str, int]:
    """How many people logged in."""
    return {"logins": 3}


@dg.asset(ins={"ours": dg.AssetIn(key=["east", "sessions"])})
def sessions_and_logins(ours: dict[str, pa.Table], sessions: dict[str, int]) -> int:
    """Sessions of all conferences, and logins."""
    return sum(table.num_rows for table in ours.values()) + sessions["logins"]


@dg.op
def do_nothing() -> None:
    """Do nothing."""


def _job(name: str) -> dg.JobDefinition:
    return dg.GraphDefinition(name=name, node_defs=[do_nothing]).to_job()


RESOURCES = {"io_manager": Memory()}


def own(*more: dg.AssetsDefinition) -> dg.Definitions:
    """What is the project's own, with more assets."""
    refresh = _job("refresh")
    return dg.Definitions(
        assets=[sessions, *more],
        jobs=[refresh, _job("prune")],
        schedules=[dg.ScheduleDefinition(name="freshness", job=refresh, cron_schedule="0 3 * * *")],
        resources=RESOURCES,
        executor=executor,
    )


defs = dg.Definitions.merge(
    own(sessions_and_logins),
    build_definitions("east/planion.yaml", key_prefix="east", prune=True, alerts=True),
    build_definitions("west/planion.yaml", key_prefix=["west", "coast"], prune=True, alerts=True),
)
