"""Settings: which accounts and conferences are read, from where, into which folder, and within which bounds.

Belongs here: the shape of planion.yaml, its validation in words, the environment variables that go with it.
Does not belong here: YAML itself (yaml_text.py), what a name may hold (keys.py), any use of a setting.

Tokens are not settings: the file names the environment variable that holds one, `Config.token` reads it.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from planion_assets import yaml_text
from planion_assets.keys import ConferenceKey, name_problem, shown

DEFAULT_FILE = "planion.yaml"
EXAMPLE_FILE = "planion.example.yaml"
FILE_VARIABLE = "PLANION_CONFIG"
URL_VARIABLE = "PLANION_FEED_URL"
DATA_VARIABLE = "PLANION_DATA"

FEED_URL = "https://apps.planion.com/feed/v1"  # sessions-feed.md, HTTP Request
SANDBOX_PORT = 8787
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}/feed/v1"
SANDBOX_SOURCE = f"the sandbox (no {DEFAULT_FILE})"

_Entry = TypeVar("_Entry")
_LISTED = 20  # names that a message lists at most


class ConfigError(Exception):
    """Settings that cannot be used: one line `FILE: KEY: what is wrong; what to do` for each problem."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*(_printable(line) for line in lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """The problems, one line each."""
        return self.args

    def __str__(self) -> str:
        return "\n".join(self.lines)


class NotConfiguredError(ConfigError, KeyError):
    """An account or conference was asked for that the settings do not name."""


class MissingTokenError(ConfigError):
    """The environment holds no usable token for an account. Other accounts are not concerned."""


# What a value may be. A message repeats a name or a time zone and no other value, which may be a token.


def _name(name: str) -> str:
    if problem := name_problem(name):
        raise ValueError(problem)
    return name


def _variable_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(
            "is not the name of an environment variable (not shown, it may be a token); put the token into a "
            "variable and write the variable's name here, for example PLANION_TOKEN_AAA"
        )
    return name


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(name: str) -> str:
    known = _timezones()
    if name in known:
        return name
    if not known:
        raise ValueError("cannot be checked, this Python has no time zone data; pip install tzdata")
    near = get_close_matches(name, known, n=1)
    advice = f"did you mean {near[0]}?" if near else "write one like America/Chicago, or leave the value out"
    raise ValueError(f"{shown(name)} is not an IANA time zone; {advice}")


def _folder(path: str) -> str:
    if "://" in path:
        raise ValueError("is an address, not a folder; write the path of a folder on a disk")
    if path.startswith("~"):
        raise ValueError("begins with '~', which only a shell understands; write the path out")
    if not path.isprintable() or path != path.strip():
        raise ValueError("holds an unprintable character, or white space at an end; take it out")
    return path


def _url(url: str, allow_http: bool) -> str:
    """`url` without a slash at its end."""
    if not url.isprintable() or re.search(r"[\s\\]", url):
        raise ValueError("holds white space, a backslash or an unprintable character; take it out")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"is not an address; write one like {FEED_URL}") from None
    if parts.scheme not in ("https", "http"):
        raise ValueError(f"does not begin with https://; write the whole address, like {FEED_URL}")
    if "@" in parts.netloc:
        raise ValueError("holds a user name or password (not shown); take it out, the token is sent apart")
    if not host:
        raise ValueError(f"names no host; write one like {FEED_URL}")
    if "?" in url or "#" in url:
        raise ValueError("holds a query or fragment ('?' or '#'); end it before that, requests add their own")
    if parts.scheme == "http" and not allow_http and not _is_this_machine(host):
        raise ValueError(
            "would send tokens unencrypted (http to a host that is not this machine); write https://, "
            f"or set allow_http: true under feed in {DEFAULT_FILE}"
        )
    return parts.geturl().rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _not_empty(entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
    # Not min_length: pydantic leaves wrong entries out of the count, and would report one mistake as two.
    if not entries:
        raise ValueError("lists none; give at least one")
    return entries


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_given(cls, values: object) -> object:
        """`timezone:` with nothing behind it is a key still to be filled in, not a time zone called ""."""
        if not isinstance(values, dict):
            return values
        return {key: value for key, value in values.items() if value != "" or key not in cls.model_fields}


def _number(default: float, least: float, most: float, what: str) -> Any:
    bounds = f"{least:g} to {most:g}; {default:g} unless given"
    return Field(default=default, ge=least, le=most, description=f"{what}, {bounds}")


class FeedConfig(_Model):
    """Where the feed is, how a token is shown to it, and the bounds of reading it."""

    # Before `url`, whose validation reads it.
    allow_http: bool = Field(
        default=False, description="true to let tokens go unencrypted to other machines, false unless given"
    )
    url: str = Field(default=FEED_URL, description=f"the address of the feed, {FEED_URL} unless given")
    auth: Literal["basic", "header"] = Field(
        default="basic",
        description="basic (the token is the user name, the password blank) or header (the token is the "
        "whole Authorization header); basic unless given",  # feed-facts.md, Access
    )
    connect_timeout: float = _number(10.0, 0.1, 300, "the seconds to wait for a connection")
    read_timeout: float = _number(30.0, 0.1, 3600, "the seconds to wait for data of one page")
    walk_timeout: float = _number(300.0, 1, 86400, "the seconds for one walk over all pages of a conference")
    max_pages: int = _number(1000, 1, 100_000, "the number of pages that one walk may read")
    max_page_mib: int = _number(64, 1, 1024, "the size of one page's decoded body in MiB")
    max_attempts: int = _number(5, 1, 20, "the number of tries of one page")
    # At least 2: only two walks that agree show a whole snapshot (feed-facts.md, Pages).
    max_walks: int = _number(4, 2, 20, "the number of walks within which two in a row must agree")

    @field_validator("url")
    @classmethod
    def _checked_url(cls, url: str, info: ValidationInfo) -> str:
        # An allow_http that is itself wrong has its own line; it is no reason to complain about the address.
        return _url(url, allow_http=info.data.get("allow_http", True))


class ConferenceConfig(_Model):
    """One conference of an account."""

    conference: Annotated[str, AfterValidator(_name)] = Field(
        description="the conference container ID, as Planstone gave it"
    )
    timezone: Annotated[str, AfterValidator(_timezone)] | None = Field(
        default=None,
        description="the IANA name of the venue's time zone, for example America/Chicago; "
        "without it, venue times have no UTC instant beside them",
    )


class AccountConfig(_Model):
    """One account: the variable that holds its token, and its conferences in the order of the file."""

    account: Annotated[str, AfterValidator(_name)] = Field(description="the account acronym, as Planstone gave it")
    token_env: Annotated[str, AfterValidator(_variable_name)] = Field(
        description="the name of the environment variable that holds the account's API token, for example "
        "PLANION_TOKEN_AAA"
    )
    conferences: Annotated[tuple[ConferenceConfig, ...], AfterValidator(_not_empty)] = Field(
        description="the conferences to read, at least one"
    )


class _File(_Model):
    """The shape of planion.yaml."""

    feed: FeedConfig = Field(default=FeedConfig(), description="how the feed is read")
    data: Annotated[str, AfterValidator(_folder)] = Field(
        default="data", description="the folder of the Parquet files; data unless given"
    )
    accounts: Annotated[tuple[AccountConfig, ...], AfterValidator(_not_empty)] = Field(
        description="the accounts to read, at least one"
    )


class Config(_Model):
    """All settings. Made by `load`; holds no token."""

    source: str = Field(description="the file the settings come from, as it is shown to people")
    is_sandbox: bool = Field(description="no file, no PLANION_FEED_URL: the caller may serve the sandbox itself")
    uses_sandbox_content: bool = Field(description="no file: accounts, conferences and tokens are the sandbox's")
    feed: FeedConfig = Field(description="how the feed is read")
    data: Path = Field(description="the folder of the Parquet files, an absolute path")
    accounts: tuple[AccountConfig, ...] = Field(description="the accounts, in the order of the file")

    # Private attributes: neither in repr() nor in model_dump().
    _environ: Mapping[str, str] = PrivateAttr(default_factory=dict)
    _sandbox_tokens: Mapping[str, str] = PrivateAttr(default_factory=dict)

    def keys(self) -> tuple[ConferenceKey, ...]:
        """Every configured conference, in the order of the file."""
        return tuple(ConferenceKey(a.account, c.conference) for a in self.accounts for c in a.conferences)

    def account(self, account: str) -> AccountConfig:
        """The account of that name. Raises NotConfiguredError."""
        for entry in self.accounts:
            if entry.account == account:
                return entry
        known = _listed([entry.account for entry in self.accounts])
        raise NotConfiguredError(
            f"{self.source}: accounts: no account {shown(account)}; add it, or use one that is there: {known}"
        )

    def conference(self, key: ConferenceKey) -> ConferenceConfig:
        """The settings of one conference. Raises NotConfiguredError, also when its account is unknown."""
        account = self.account(key.account)
        for entry in account.conferences:
            if entry.conference == key.conference:
                return entry
        where = f"accounts[{self.accounts.index(account)}].conferences"
        known = _listed([entry.conference for entry in account.conferences])
        raise NotConfiguredError(
            f"{self.source}: {where}: no conference {shown(key.conference)} in account {shown(key.account)}; "
            f"add it, or use one that is there: {known}"
        )

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
            f"set it to the API token of account {shown(account)}"
        )

    def problems(self) -> tuple[str, ...]:
        """One line for each account without a usable token. The other accounts can be read."""
        lines: list[str] = []
        for entry in self.accounts:
            try:
                self.token(entry.account)
            except MissingTokenError as error:
                lines += error.lines
        return tuple(lines)


def load(environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Config:
    """The settings: from the file in PLANION_CONFIG, else planion.yaml in `cwd`, else those of the sandbox.

    PLANION_FEED_URL and PLANION_DATA (relative to `cwd`) go before the file's values. A variable set to blank
    counts as not set. Raises ConfigError with every problem found but missing tokens: see `Config.problems`.
    """
    environ = os.environ if environ is None else environ
    here = (Path.cwd() if cwd is None else cwd).absolute()
    source = _read_file(environ, here) or _sandbox()
    document, overridden = _with_overrides(source.document, environ)
    problems = [f"{source.name}: {problem}" for problem in source.problems]
    settings = None
    try:
        settings = _File.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems += [_problem(detail, source.name, overridden) for detail in details]
    problems += [f"{source.name}: {problem}" for problem in _duplicates(document)]
    if problems or settings is None:
        # Outside the except block: a chained ValidationError would bring back what was left out of the lines.
        raise ConfigError(*problems)
    base = here if source.folder is None or ("data",) in overridden else source.folder
    config = Config(
        source=source.name,
        is_sandbox=source.folder is None and ("feed", "url") not in overridden,
        uses_sandbox_content=source.folder is None,
        feed=settings.feed,
        data=base / settings.data,
        accounts=settings.accounts,
    )
    config._environ, config._sandbox_tokens = environ, source.tokens
    return config


@dataclass(frozen=True)
class _Source:
    name: str
    folder: Path | None  # of the file; None for the sandbox
    document: Mapping[str, Any]
    problems: tuple[str, ...]  # of the YAML text
    tokens: Mapping[str, str]


def _read_file(environ: Mapping[str, str], here: Path) -> _Source | None:
    """The file's content; None when no file is asked for and none is there. Could not read is never None."""
    asked = environ.get(FILE_VARIABLE, "").strip()
    name = asked or DEFAULT_FILE
    path = here / name
    content, failure = b"", None
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if not asked and not path.is_symlink():
            return None
        failure = f"does not exist; correct or unset {FILE_VARIABLE}" if asked else "links to no file; remove it"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        failure = f"cannot be read ({reason}); put a readable file there"
    if failure:
        raise ConfigError(f"{name}: {FILE_VARIABLE if asked else 'the file'}: {failure}")
    document, problems = yaml_text.parse(content)
    if isinstance(document, dict):
        return _Source(name, path.parent, document, problems, {})
    kind = "is empty" if document in (None, "") else "is not a set of keys"
    problems = problems or (f"the file: {kind}; begin with a copy of {EXAMPLE_FILE}",)
    raise ConfigError(*(f"{name}: {problem}" for problem in problems))


def _sandbox() -> _Source:
    # Not at the top: whoever has a file needs no sandbox.
    from planion_assets.sandbox import CONFERENCES, TOKENS

    accounts: dict[str, list[dict[str, str]]] = {}
    for account, conference in CONFERENCES:
        accounts.setdefault(account, []).append({"conference": conference})
    entries = [
        {
            "account": account,
            "token_env": "PLANION_SANDBOX_TOKEN_" + re.sub(r"[^A-Za-z0-9]", "_", account),
            "conferences": conferences,
        }
        for account, conferences in accounts.items()
    ]
    return _Source(SANDBOX_SOURCE, None, {"feed": {"url": SANDBOX_URL}, "accounts": entries}, (), TOKENS)


_Location = tuple[str | int, ...]


def _with_overrides(
    document: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[_Location, str]]:
    """`document` with the locations that variables give, and which variable each of them comes from."""
    result = dict(document)
    overridden: dict[_Location, str] = {}
    feed = result.get("feed") or {}
    if (url := environ.get(URL_VARIABLE, "")).strip() and isinstance(feed, dict):
        result["feed"] = {**feed, "url": url}
        overridden["feed", "url"] = URL_VARIABLE
    if (data := environ.get(DATA_VARIABLE, "")).strip():
        result["data"] = data
        overridden[("data",)] = DATA_VARIABLE
    return result, overridden


def _duplicates(document: Mapping[str, Any]) -> Iterator[str]:
    """Of the document and not of the models: these exist only when nothing else is wrong."""
    accounts = document.get("accounts")
    yield from _repeated(accounts, "account", "accounts")
    for index, entry in enumerate(accounts if isinstance(accounts, list) else ()):
        if isinstance(entry, dict):
            yield from _repeated(entry.get("conferences"), "conference", f"accounts[{index}].conferences")


def _repeated(entries: object, key: str, where: str) -> Iterator[str]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str) and name and first.setdefault(name, index) != index:
            yield f"{where}[{index}].{key}: {shown(name)} is in {where}[{first[name]}] already; keep one"


_MODELS: dict[_Location, type[_Model]] = {
    (): _File,
    ("feed",): FeedConfig,
    ("accounts",): AccountConfig,
    ("accounts", "conferences"): ConferenceConfig,
}

# pydantic's kinds of errors, in words that follow a key.
_WRONG = {
    "missing": "is not given",
    "greater_than_equal": "is less than {ge:g}",
    "less_than_equal": "is more than {le:g}",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "has too many digits",
    "int_type": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "literal_error": "is not {expected}",
    "string_type": "is not one piece of text",
    "tuple_type": "is not a list, each entry of which begins with '- '",
    "model_type": "is not a set of keys, indented below it",
}


def _problem(error: ErrorDetails, file: str, overridden: Mapping[_Location, str]) -> str:
    """One line for one of pydantic's errors, without the value: it may be a token in the wrong place."""
    location = error["loc"]
    if variable := overridden.get(location):
        file, key = "environment", variable
    else:
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    *parents, name = (part for part in location if isinstance(part, str))
    model = _MODELS[tuple(parents)]
    if error["type"] == "extra_forbidden":
        return f"{file}: {key}: is not a known key; {_advice(name, model)}"
    if error["type"] == "value_error":
        return f"{file}: {key}: {error['ctx']['error']}"
    if isinstance(location[-1], int):
        keys = ", ".join(_MODELS[*parents, name].model_fields)
        return f"{file}: {key}: is not a set of keys; give {keys}"
    wrong = _WRONG.get(error["type"], "cannot be used").format(**error.get("ctx", {}))
    return f"{file}: {key}: {wrong}; give {model.model_fields[name].description}"


def _advice(key: str, model: type[_Model]) -> str:
    if near := get_close_matches(key, model.model_fields, n=1):
        return f"did you mean {near[0]}?"
    return f"take it out; the keys here are {', '.join(model.model_fields)}"


def _variable(name: str) -> str:
    """`name` only where it reads like a variable's: a token of letters and digits is a valid name as well."""
    if re.fullmatch(r"[A-Z]+(_[A-Z0-9]+)+", name):
        return f"the environment variable {name}"
    return "the environment variable named there (not shown, it may be a token)"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _printable(line: str) -> str:
    """A line stays one line whatever a file name or a key in it holds."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
