"""Watches a real `dagster dev` refresh the sandbox by the clock, and compares what it did with what the feed did.

    .venv/bin/python scripts/watch_dev.py --minutes 10

The sandbox moves on every minute and `refresh_interval` is one minute. Half-way the feed is slow for two minutes, so
that a refresh takes longer than a minute and the ticks meanwhile find one under way. Printed are each change of the
feed, each tick, run and failed check, and at the end whether the history of every conference is that of its feed. Exits
1 if not.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import dagster as dg

from planion_assets.defs.checks.specs import CHECK_SPECS
from planion_assets.feed.item import walk_digest
from planion_assets.feed.page import parse_page
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import change_log
from planion_assets.sandbox import CONFERENCES, SPEAKERS_OF, TIMEZONES, TOKENS, Sandbox, SandboxServer, json_text
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.selection import identifier_of

ROOT = Path(__file__).parent.parent
MINUTE = 60.0
# Read once a day, whatever they do meanwhile.
OVER = ("myaccount|2018", "AAA|MESS")
SLOW_SECONDS = 15.0  # for each page
SLOW_MINUTES = 2
_DIGITS = 12  # of a snapshot's digest in a file's name

State = Mapping[str, str]  # digest of an item's content by schedid


def _say(what: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S}  {what}")


def _settings(url: str) -> str:
    lines = ["refresh_interval: 1m", "feed:", f"  url: {url}", "accounts:"]
    for account in TOKENS:
        lines += [f"  - account: {account}", f"    token_env: PLANION_WATCH_{account.upper()}", "    conferences:"]
        for owner, conference in CONFERENCES:
            if owner == account:
                zone = TIMEZONES.get((account, conference), "")
                lines += [f"      - conference: {conference}", f"        timezone: {zone}"]
        lines.append(f"    endpoints: [sessions{', speakers' if account in SPEAKERS_OF else ''}]")
    return "\n".join(lines) + "\n"


@contextmanager
def _dev(folder: Path, url: str) -> Iterator[dg.DagsterInstance]:
    """A running `dagster dev` that is configured to read the sandbox as a real feed, and its instance."""
    (folder / "planion.yaml").write_text(_settings(url), encoding="utf-8")
    home = folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text((ROOT / ".dagster" / "dagster.yaml").read_text(encoding="utf-8"))
    os.environ["DAGSTER_HOME"] = str(home)
    tokens = {f"PLANION_WATCH_{account.upper()}": token for account, token in TOKENS.items()}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(ROOT / "workspace.yaml"), "-p", str(port)]
    with (folder / "dev.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=folder, env={**os.environ, **tokens}, stdout=log, stderr=log, start_new_session=True
        )
    _say(f"dagster dev at http://127.0.0.1:{port}, its files in {folder}")
    try:
        yield dg.DagsterInstance.get()
    finally:
        # Started from a shell in the background it does not listen to SIGINT.
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class _Slow(Sandbox):
    """A sandbox that can be made to keep each page waiting."""

    pause = 0.0

    def items(self, account: str, conference: str) -> list[dict[str, Any]]:
        """The items, after a while."""
        if threading.current_thread() is not threading.main_thread():  # whom the script asks is no page
            time.sleep(self.pause)
        return super().items(account, conference)


class _Feed:
    """The sandbox and every state that each of its conferences has had, by the beginning of its digest."""

    def __init__(self, sandbox: _Slow) -> None:
        self.sandbox = sandbox
        self.states: dict[str, dict[str, State]] = {"|".join(names): {} for names in CONFERENCES}
        self._note()

    def advance(self) -> None:
        """Move the content on and tell by how much."""
        counts = self.sandbox.advance(datetime.now(UTC))
        changed = {key: count for key, count in counts.items() if any(count.values())}
        _say("feed moved on: " + "; ".join(f"{key} {_counts(count)}" for key, count in changed.items()))
        self._note()

    def _note(self) -> None:
        for key, states in self.states.items():
            text = json_text({"_items": self.sandbox.items(*key.split("|"))})
            items = parse_page(text.encode(), 1).items
            digest = walk_digest(item.digest for item in items)[:_DIGITS]
            usable = [item for item in items if identifier_of(item, "schedid")]
            states[digest] = {str(identifier_of(item, "schedid")): item.digest for item in usable}


def _counts(counts: Mapping[str, int]) -> str:
    return " ".join(f"{sign}{counts[name]}" for sign, name in (("+", "added"), ("-", "removed"), ("~", "edited")))


class _Watch:
    """Tells of each tick, run and verdict once."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._seen: set[Any] = set()
        self.runs: dict[str, int] = {}
        self.skips = 0
        self.failed_checks: set[str] = set()

    def look(self) -> None:
        """Tell what is there since the last look."""
        for state in self._instance.all_instigator_state():
            for tick in self._instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=20):
                self._tick(state.name, tick)
        for record in reversed(self._instance.get_run_records(limit=20)):
            self._run(record)

    def _tick(self, name: str, tick: Any) -> None:
        if tick.skip_reason and name == "refresh_active_conferences" and self._once(name, tick.timestamp):
            self.skips += 1
            _say(f"tick of {name} skipped: {tick.skip_reason}")

    def _run(self, record: dg.RunRecord) -> None:
        run = record.dagster_run
        if not run.is_finished or not self._once("run", run.run_id):
            return
        self.runs[run.status.value] = self.runs.get(run.status.value, 0) + 1
        seconds = (record.end_time or 0) - (record.start_time or 0)
        events = [entry.dagster_event for entry in self._instance.all_logs(run.run_id) if entry.dagster_event]
        made = [event for event in events if event.is_step_materialization]
        checks = [
            event.asset_check_evaluation_data for event in events if event.event_type_value.endswith("EVALUATION")
        ]
        failed = sorted({f"{check.check_name} of {check.partition or 'all'}" for check in checks if not check.passed})
        self.failed_checks |= {check.check_name for check in checks if not check.passed}
        keys = sorted({event.partition for event in made if event.partition})
        _say(
            f"run of {run.job_name} {run.status.value} in {seconds:.1f} s: {len(made)} materializations"
            f"{' of ' + ', '.join(keys) if keys else ''}, {len(checks)} verdicts"
            + (f", failed: {'; '.join(failed)}" if failed else "")
        )

    def _once(self, *what: Any) -> bool:
        fresh = what not in self._seen
        self._seen.add(what)
        return fresh


def _mistakes(store: LocalStore, feed: _Feed) -> Iterator[str]:
    """Where the history of a conference is not that of its feed; each step is compared with the two states it names."""
    for key, states in feed.states.items():
        parts = change_log.parts(store, ConferenceKey.parse(key))
        told = change_log.read(store, ConferenceKey.parse(key)).to_pylist() if parts else []
        order = list(states)
        for part in parts:
            if part.after not in states:
                yield f"{key}: {part.name} leads to a state that the feed never had"
            elif part.before != change_log.NOTHING:
                yield from _wrong_step(key, part, states, [row for row in told if row["sequence"] == part.sequence])
        if not parts or (key not in OVER and parts[-1].after != order[-1]):
            yield f"{key}: the last state of the feed is not stored"
        at = [order.index(part.after) for part in parts if part.after in states]
        if at != sorted(set(at)):
            yield f"{key}: states are stored out of order"


def _wrong_step(
    key: str, part: change_log.Part, states: Mapping[str, State], rows: list[dict[str, Any]]
) -> Iterator[str]:
    before, after = states[part.before], states[part.after]
    sessions = [row for row in rows if row["entity"] == "session"]
    for kind, expected in (("added", after.keys() - before.keys()), ("removed", before.keys() - after.keys())):
        found = {row["schedid"] for row in sessions if row["kind"] == kind}
        if found != expected:
            yield f"{key}: {part.name} says {kind} {sorted(found)}, the feed {sorted(expected)}"
    edited = {schedid for schedid in before.keys() & after.keys() if before[schedid] != after[schedid]}
    touched = {row["schedid"] for row in rows if row["kind"] == "changed" or row["entity"] != "session"}
    if not edited <= touched:
        yield f"{key}: {part.name} misses a change of {sorted(edited - touched)}"


@click.command()
@click.option("--minutes", default=10, show_default=True, help="How long the sandbox moves on.")
def main(minutes: int) -> None:
    """Watch `dagster dev` refresh the sandbox by the clock."""
    folder = Path(tempfile.mkdtemp(prefix="planion-watch-"))
    sandbox = _Slow()
    with SandboxServer(sandbox) as server, _dev(folder, server.url) as instance:
        feed, watch = _Feed(sandbox), _Watch(instance)
        moves, following = 0, time.monotonic() + MINUTE
        # Two minutes more, in which the last change is read.
        end = following + (minutes + 1) * MINUTE
        while time.monotonic() < end:
            if moves < minutes and time.monotonic() >= following:
                feed.advance()
                moves, following = moves + 1, following + MINUTE
                slow = SLOW_SECONDS if minutes // 2 <= moves < minutes // 2 + SLOW_MINUTES else 0.0
                if slow != sandbox.pause:
                    _say(f"each page of the feed takes {slow:g} s from here on")
                sandbox.pause = slow
            watch.look()
            time.sleep(2)
        watch.look()
        mistakes = list(_mistakes(LocalStore(folder / "data"), feed))
    steps = sum(
        max(0, len(change_log.parts(LocalStore(folder / "data"), ConferenceKey.parse(key))) - 1) for key in feed.states
    )
    _say(f"{moves} advances, runs {watch.runs}, {watch.skips} skipped ticks, {steps} changes of a conference recorded")
    quiet = sorted({spec.name for spec in CHECK_SPECS} - watch.failed_checks)
    _say(f"checks seen to fail: {', '.join(sorted(watch.failed_checks))}; not: {', '.join(quiet)}")
    for mistake in mistakes:
        _say(f"WRONG  {mistake}")
    _say("every recorded change is one that the feed made, in order" if not mistakes else "the history is wrong")
    sys.exit(bool(mistakes))


if __name__ == "__main__":
    main()
