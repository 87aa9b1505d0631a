"""Assets downstream of the tables: one stored beside them, one by the project's own IO manager."""

import dagster as dg
import pandas as pd

conferences = dg.DynamicPartitionsDefinition(name="planion_conferences")


@dg.asset(
    partitions_def=conferences,
    ins={"sessions": dg.AssetIn(key=["planion", "sessions"])},
    io_manager_key="planion_io_manager",
    group_name="venue",
)
def sessions_per_room(sessions: pd.DataFrame) -> pd.DataFrame:
    """How many sessions each room has, as a Parquet file for each conference."""
    return sessions.groupby("roomname", dropna=False).size().reset_index(name="sessions")


@dg.asset(
    partitions_def=conferences,
    ins={"sessions": dg.AssetIn(key=["planion", "sessions"])},
    group_name="venue",
)
def number_of_rooms(sessions: pd.DataFrame, exchange_rates: dict[str, float]) -> dict[str, int]:
    """How many rooms a conference needs, and in how many currencies they are paid."""
    return {"rooms": int(sessions["roomname"].nunique()), "currencies": len(exchange_rates)}
