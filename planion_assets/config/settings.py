"""`Config`, the settings as the project uses them: look-ups of accounts, conferences, tokens and other secrets.

Reading and checking a file is in loading.py.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, PrivateAttr

from planion_assets.config.config_errors import ConfigError, MissingTokenError, NotConfiguredError
from planion_assets.config.models import ERROR_UPDATE_AGE, WARN_UPDATE_AGE, AccountConfig, ConferenceConfig, File
from planion_assets.config.setting_values import webhook_problem
from planion_assets.guide import Heading
from planion_assets.keys import ConferenceKey, quoted

_LISTED = 20  # names that a message lists at most


class Config(File):
    """All settings: the file's, with `data` as an absolute path or an address. `load` gives one; it holds no token."""

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

    def with_secrets(self, environ: Mapping[str, str], sandbox_tokens: Mapping[str, str]) -> Self:
        """These settings, which look for tokens and other secrets there."""
        self._environ, self._sandbox_tokens = environ, sandbox_tokens
        return self

    def keys(self) -> tuple[ConferenceKey, ...]:
        """Every configured conference, in the order of the file."""
        return tuple(self._conferences)

    def endpoints(self) -> tuple[str, ...]:
        """The methods of the feed that any account reads, in the order of the file."""
        return tuple(dict.fromkeys(name for account in self.accounts for name in account.endpoints))

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
        key = "failure_webhook_env"
        address = self._secret(key, name, "set it to the webhook's address", Heading.WEBHOOK)
        if problem := webhook_problem(address):
            raise ConfigError(f"{self.source}: {key}: {_variable(name)} {problem}", heading=Heading.WEBHOOK)
        return address

    def storage_options(self) -> dict[str, str | float | bool]:
        """What opens the object store of `data`, secrets included; read from the environment at the time of the call.

        Keys are those of `storage`, without `_env`; what is not given is left out, and all where `data` is a folder.
        Raises ConfigError where a variable that is named holds nothing.
        """
        if isinstance(self.data, Path):
            return {}
        options = self.storage.model_dump(exclude_none=True)
        for key in [key for key in options if key.endswith("_env")]:
            secret = self._secret(f"storage.{key}", options.pop(key), "set it", Heading.BUCKET_CREDENTIALS)
            options[key.removesuffix("_env")] = secret
        return options

    def _secret(self, key: str, name: str, remedy: str, heading: Heading) -> str:
        """What an optional variable of the environment holds. Raises ConfigError where it holds nothing."""
        if secret := self._environ.get(name, "").strip():
            return secret
        problem = f"{_variable(name)} is not set, or blank; {remedy}, or take the key out"
        raise ConfigError(f"{self.source}: {key}: {problem}", heading=heading)


def _variable(name: str) -> str:
    """`name` only where it reads like a variable's: a token of letters and digits is a valid name as well."""
    if re.fullmatch(r"[A-Z]+(_[A-Z0-9]+)+", name):
        return f"the environment variable {name}"
    return "the environment variable named there (not shown, it may be a token)"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
