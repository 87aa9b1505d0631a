"""The settings as the project uses them: `Config`, and `load` that makes one.

Belongs here: look-ups of accounts, conferences and tokens, and the order in which settings are read and checked.
Does not belong here: each of those steps (sources.py, models.py, problems.py), any use of a setting.
"""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, ValidationError

from planion_assets.config.config_errors import ConfigError, MissingTokenError, NotConfiguredError
from planion_assets.config.constants import DEFAULT_FILE, URL_VARIABLE
from planion_assets.config.models import (
    ERROR_UPDATE_AGE,
    WARN_UPDATE_AGE,
    AccountConfig,
    ConferenceConfig,
    File,
    Location,
)
from planion_assets.config.problems import duplicates, problem_line
from planion_assets.config.setting_values import folder_problem, webhook_problem
from planion_assets.config.sources import Source, find, with_overrides
from planion_assets.keys import ConferenceKey, quoted
from planion_assets.loopback import is_loopback

_LISTED = 20  # names that a message lists at most


class Config(File):
    """All settings: the file's, with `data` as an absolute path. `load` gives one; it holds no token."""

    source: str = Field(description="the file the settings come from, as messages name it")
    is_sandbox: bool = Field(description="the sandbox, no PLANION_FEED_URL: the caller may serve it itself")
    uses_sandbox_content: bool = Field(description="accounts, conferences and tokens are the sandbox's")

    # Private attributes: neither in repr() nor in model_dump().
    _environ: Mapping[str, str] = PrivateAttr(default_factory=dict)
    _sandbox_tokens: Mapping[str, str] = PrivateAttr(default_factory=dict)
    # Looked up for each conference: a search of the lists would take a minute for 100,000 of them.
    _conferences: Mapping[ConferenceKey, ConferenceConfig] = PrivateAttr(default_factory=dict)
    _accounts: Mapping[str, AccountConfig] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: object, /) -> None:
        """Index what is looked up by name."""
        self._accounts = {account.account: account for account in self.accounts}
        self._conferences = {ConferenceKey(a.account, c.conference): c for a in self.accounts for c in a.conferences}

    def keys(self) -> tuple[ConferenceKey, ...]:
        """Every configured conference, in the order of the file."""
        return tuple(self._conferences)

    def account(self, account: str) -> AccountConfig:
        """The account of that name. Raises NotConfiguredError."""
        if entry := self._accounts.get(account):
            return entry
        known = _listed([entry.account for entry in self.accounts])
        raise NotConfiguredError(
            f"{self.source}: accounts: no account {quoted(account)}; add it, or use one that is there: {known}"
        )

    def conference(self, key: ConferenceKey) -> ConferenceConfig:
        """The settings of one conference. Raises NotConfiguredError, also when its account is unknown."""
        if entry := self._conferences.get(key):
            return entry
        account = self.account(key.account)
        where = f"accounts[{self.accounts.index(account)}].conferences"
        known = _listed([entry.conference for entry in account.conferences])
        raise NotConfiguredError(
            f"{self.source}: {where}: no conference {quoted(key.conference)} in account {quoted(key.account)}; "
            f"add it, or use one that is there: {known}"
        )

    def update_age_limits(self, key: ConferenceKey) -> tuple[timedelta, timedelta]:
        """The ages of the newest `session_updated_at` that are a warning and an error; the second is never less.

        A limit that the conference does not give is the file's, and then the default. One that is given moves the
        other along: with `warn: 30d` only, 14 days are no error. Raises NotConfiguredError.
        """
        warn, error = WARN_UPDATE_AGE, ERROR_UPDATE_AGE
        for given in (self.max_update_age, self.conference(key).max_update_age):
            if given.warn is not None:
                warn, error = given.warn, max(error, given.warn)
            if given.error is not None:
                warn, error = min(warn, given.error), given.error
        return warn, error

    def token(self, account: str) -> str:
        """The API token of `account`, read from the environment at the time of the call.

        Raises NotConfiguredError for an unknown account, MissingTokenError when its variable holds none.
        """
        entry = self.account(account)
        token = self._environ.get(entry.token_env, "").strip() or self._sandbox_tokens.get(account, "")
        if token and token.isascii() and token.isprintable():
            return token
        wrong = "holds a character that a header cannot carry" if token else "is not set, or blank"
        where = f"accounts[{self.accounts.index(entry)}].token_env"
        raise MissingTokenError(
            f"{self.source}: {where}: {_variable(entry.token_env)} {wrong}; "
            f"set it to the API token of account {quoted(account)}"
        )

    def failure_webhook(self) -> str | None:
        """The address to which failures are posted, read from the environment at the time of the call.

        None where none is configured. Raises ConfigError when the variable holds none that can be used: https, or
        http on this machine. Services put their secret into the address, so no message repeats it.
        """
        name = self.failure_webhook_env
        if name is None:
            return None
        where = f"{self.source}: failure_webhook_env: {_variable(name)}"
        address = self._environ.get(name, "").strip()
        if not address:
            raise ConfigError(f"{where} is not set, or blank; set it to the webhook's address, or take the key out")
        if problem := webhook_problem(address):
            raise ConfigError(f"{where} {problem}")
        return address

    def problems(self) -> tuple[str, ...]:
        """One line for each account without a usable token. The other accounts can be read."""
        lines: list[str] = []
        for entry in self.accounts:
            try:
                self.token(entry.account)
            except MissingTokenError as error:
                lines += error.lines
        return tuple(lines)


def load(
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    *,
    sandbox: bool = False,
    given: str | Mapping[str, Any] | None = None,
) -> Config:
    """The settings: from the file in PLANION_CONFIG, else planion.yaml in `cwd`; the sandbox's where asked for.

    `sandbox` asks for the sandbox whatever file there is, PLANION_SANDBOX=1 where there is none. PLANION_FEED_URL and
    PLANION_DATA (relative to `cwd`) go before the file's values. A variable set to blank counts as not set. `given` is
    the path of another file (relative to `cwd`), or the content of one: then no variable but those of the tokens is
    looked at, because several projects of one process have them in common. Raises ConfigError with every problem found
    but missing tokens: see `Config.problems`.
    """
    environ = os.environ if environ is None else environ
    here = _working_folder() if cwd is None else cwd.absolute()
    source = find(environ, here, sandbox=sandbox, given=given)
    return _loaded(environ, here, source, overriding={} if given is not None and not sandbox else environ)


def _loaded(environ: Mapping[str, str], here: Path, source: Source, *, overriding: Mapping[str, str]) -> Config:
    document, overridden = with_overrides(source.document, overriding)
    problems = [f"{source.name}: {problem}" for problem in source.problems]
    settings = None
    try:
        settings = File.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems += [problem_line(detail, source.name, overridden) for detail in details]
    problems += [f"{source.name}: {problem}" for problem in duplicates(document)]
    if settings:
        base = here if source.folder is None or ("data",) in overridden else source.folder
        data = base / settings.data
        problems += _problems_of_places(source, settings, data, overridden)
    if problems or settings is None:
        # Outside the except block: a chained ValidationError would bring back what was left out of the lines.
        raise ConfigError(*problems)
    config = Config(
        **{**dict(settings), "data": data},
        source=source.name,
        is_sandbox=source.folder is None and ("feed", "url") not in overridden,
        uses_sandbox_content=source.folder is None,
    )
    config._environ, config._sandbox_tokens = environ, source.tokens
    return config


def _problems_of_places(
    source: Source, settings: File, data: Path, overridden: Mapping[Location, str]
) -> Iterator[str]:
    """What is wrong with the data folder's whole path, and with another address of the sandbox."""
    if problem := folder_problem(data):
        key = f"environment: {overridden['data',]}" if ("data",) in overridden else f"{source.name}: data"
        yield f"{key}: {problem}"
    if source.folder is None and not is_loopback(urlsplit(settings.feed.url).hostname):
        yield (
            f"environment: {URL_VARIABLE}: is no address of this machine, where alone a sandbox is served; unset it, "
            f"or write a {DEFAULT_FILE} for your feed and leave the sandbox out"
        )


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        raise ConfigError("environment: the working folder: is not there any more; change to one that is") from None


def _variable(name: str) -> str:
    """`name` only where it reads like a variable's: a token of letters and digits is a valid name as well."""
    if re.fullmatch(r"[A-Z]+(_[A-Z0-9]+)+", name):
        return f"the environment variable {name}"
    return "the environment variable named there (not shown, it may be a token)"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
