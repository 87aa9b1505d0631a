"""The sandbox with conferences that are small: what a test looks for is seldom in their size."""

from collections.abc import Collection
from dataclasses import replace

from planion_assets.sandbox import SEED, Sandbox
from planion_assets.sandbox.plans import PLANS


def small_sandbox(sessions: int, keys: Collection[str] = ()) -> Sandbox:
    """All conferences, or those of `keys`, each with so many sessions at most."""
    plans = [replace(plan, sessions=min(plan.sessions, sessions)) for plan in PLANS if not keys or plan.key in keys]
    return Sandbox(SEED, plans)
