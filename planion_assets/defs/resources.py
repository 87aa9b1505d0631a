"""The resource that gives runs and sensors the settings, the store and the feed.

Settings are read when a run or tick asks for them: a mistake in planion.yaml is then one line in the run or tick, and a
change needs no reload. So are tokens, from the environment; they are no part of Dagster's configuration.
"""

import contextlib
import json
import threading
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

import dagster as dg
from pydantic import Field, PrivateAttr

from planion_assets import config
from planion_assets.defs.dagster_internals import kept_connections
from planion_assets.interrupts import Interrupts
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import feed_note
from planion_assets.refresh.stores import store_of
from planion_assets.tables.model import Zones

if TYPE_CHECKING:
    from planion_assets.feed.client import FeedClient
    from planion_assets.refresh.options import RefreshOptions
    from planion_assets.refresh.outcomes import Outcome
    from planion_assets.storage.store import Store


class PlanionResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # Dagster's own subclasses leave it open
    """Settings, store and feed clients, as planion.yaml and the environment say."""

    config_file: str | None = Field(
        default=None,
        description="the path of planion.yaml; that of PLANION_CONFIG or the working directory unless given",
    )
    config_json: str | None = Field(
        default=None, description="the content of planion.yaml as JSON text, in place of it"
    )
    sandbox: bool = Field(
        default=False, description="true to read the made-up sandbox feed, into a data folder of its own"
    )

    _config: config.Config | None = PrivateAttr(default=None)
    _clients: "dict[str, FeedClient]" = PrivateAttr(default_factory=dict)
    _closing: contextlib.ExitStack = PrivateAttr(default_factory=contextlib.ExitStack)
    _ending: contextlib.ExitStack = PrivateAttr(default_factory=contextlib.ExitStack)
    _at_outcome: "list[Callable[[Outcome], object]]" = PrivateAttr(default_factory=list)
    _feed_url: str | None = PrivateAttr(default=None)
    _request_limit: threading.BoundedSemaphore | None = PrivateAttr(default=None)
    _interrupts: Interrupts = PrivateAttr(default_factory=Interrupts)
    # Conferences are refreshed in several threads.
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    @classmethod
    def of(cls, given: "str | Path | Mapping[str, Any] | None", *, sandbox: bool = False) -> "PlanionResource":
        """The resource of a file of settings, or of its content as a mapping."""
        if isinstance(given, Mapping):
            # As YAML has it: a date is text.
            return cls(config_json=json.dumps(dict(given), default=str), sandbox=sandbox)
        return cls(config_file=None if given is None else str(given), sandbox=sandbox)

    def settings(self) -> config.Config:
        """The settings, read once per run or tick. Raises `ConfigError`."""
        if self._config is None:
            self._config = self.read_settings()
        return self._config

    def read_settings(self) -> config.Config:
        """The settings as they are at this moment, for what stays longer than a run. Raises `ConfigError`."""
        content = None if self.config_json is None else json.loads(self.config_json)
        return config.load(sandbox=self.sandbox, given=self.config_file if content is None else content)

    def settings_at_load(self) -> config.Config | None:
        """The settings as the code location loads; None where they have a mistake, which every run and tick reports."""
        try:
            return self.read_settings()
        except config.ConfigError:
            return None

    def store(self) -> "Store":
        """The store in the configured data folder, to be read. Raises `ConfigError`, also for another feed's folder."""
        feed_note.check(self.settings())
        return store_of(self.settings())

    def writable_store(self) -> "Store":
        """The same to be written: the feed is noted in a folder that has no note yet. Raises `ConfigError`."""
        feed_note.claim(self.settings())
        return store_of(self.settings())

    def client(self, key: ConferenceKey) -> "FeedClient":
        """A feed client with the token of the key's account, one per account and run.

        Raises `ConfigError` for a conference that is not configured or an account without a token.
        """
        settings = self.settings()
        settings.conference(key)
        with self._lock:
            if key.account not in self._clients:
                client = self._new_client(settings, key.account)
                self._clients[key.account] = self._closing.enter_context(client)
            return self._clients[key.account]

    def _new_client(self, settings: config.Config, account: str) -> "FeedClient":
        from planion_assets.feed.client import FeedClient, Limits

        feed = settings.feed
        self._request_limit = self._request_limit or threading.BoundedSemaphore(feed.max_requests)
        return FeedClient(
            url=self._url(settings),
            token=settings.token(account),
            auth=feed.auth,
            token_source=f"the variable {settings.account(account).token_env}",
            request_limits=(threading.BoundedSemaphore(feed.max_requests_per_account), self._request_limit),
            limits=Limits(
                connect_timeout=feed.connect_timeout,
                read_timeout=feed.read_timeout,
                walk_timeout=feed.walk_timeout,
                max_retry_after=feed.max_retry_after,
                max_attempts=feed.max_attempts,
                max_pages=feed.max_pages,
                max_page_bytes=feed.max_page_mib << 20,
                max_walk_bytes=feed.max_walk_mib << 20,
                max_walks=feed.max_walks,
                max_at_once=feed.max_requests_per_account,
            ),
        )

    def options(
        self,
        key: ConferenceKey,
        *,
        allow_shrink: bool = False,
        allowing_run: Callable[[ConferenceKey], str] | None = None,
    ) -> "RefreshOptions":
        """What is configured for a conference, and whether it may shrink in this run. Raises `ConfigError`.

        `allowing_run` says of a conference which run would allow it, where that is not a run of its partition. One
        that is not configured has no venue zone, and only its sessions are read.
        """
        from planion_assets.refresh.options import PARTITION_RUN, RefreshOptions, configured_options

        settings = self.settings()
        configured = configured_options(settings, key)
        if configured is None:
            return RefreshOptions(Zones(settings.feed.timezone), keep_change_files=settings.keep_change_files)
        run = allowing_run(key) if allowing_run else PARTITION_RUN
        return replace(configured, allow_shrink=allow_shrink, allowing_run=run)

    @property
    def interrupts(self) -> Interrupts:
        """The signals that came since the run's resources were set up."""
        return self._interrupts

    def at_outcome(self, call: "Callable[[Outcome], object]") -> None:
        """Call this with the outcome of each conference as it ends. An exception that it raises ends the refresh."""
        self._at_outcome.append(call)

    def outcome(self, outcome: "Outcome") -> None:
        """Call the callbacks of `at_outcome` with the outcome of a conference."""
        for call in self._at_outcome:
            call(outcome)

    def at_teardown(self, end: Callable[[], object]) -> None:
        """Call this when the run's resources are torn down, before the clients are closed."""
        self._ending.callback(end)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """From here to the teardown, note signals and have Dagster's storage keep its connections."""
        self._closing.enter_context(self._interrupts)
        if context.instance is not None:
            self._closing.enter_context(kept_connections(context.instance))

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close the resource."""
        self.close()

    def close(self) -> None:
        """End what goes on, and close the connections and the sandbox feed, if this run serves it."""
        with self._closing:
            self._ending.close()
        self._clients.clear()
        self._feed_url = self._request_limit = None

    def _url(self, settings: config.Config) -> str:
        """The feed's address. The run serves the sandbox itself where it is read and nobody serves it."""
        if self._feed_url is None:
            self._feed_url = settings.feed.url
            if settings.is_sandbox and not _sandbox_answers(settings.feed.url):
                from planion_assets.sandbox import SandboxServer

                self._feed_url = self._closing.enter_context(SandboxServer()).url
        return self._feed_url


def _sandbox_answers(url: str) -> bool:
    """Whether this code's sandbox is served at this address, and not another program or another version of it."""
    from planion_assets.sandbox import CODE, SEED

    place = url.removesuffix("/feed/v1") + "/sandbox/code"
    try:
        # A proxy of the environment is for the outside world; the sandbox is on loopback.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(place, timeout=2) as response:
            return bool(json.load(response) == {"code": CODE, "seed": SEED})
    except (URLError, HTTPException, OSError, ValueError):
        return False
