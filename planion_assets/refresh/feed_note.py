"""Which feed a data folder is of: noted in it (`.status/.feed.json`) when it is first written, and compared ever after.

So a lost or another planion.yaml, or PLANION_DATA at the wrong folder, never replaces the tables of one feed by those
of another.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from planion_assets.config import Config, ConfigError
from planion_assets.config.constants import SANDBOX_SOURCE
from planion_assets.guide import Heading
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.stores import files_of
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.file_names import key_of_file
from planion_assets.storage.files import Files
from planion_assets.storage.locks import LockTimeoutError

NOTE = ".status/.feed.json"  # no account has a folder of that name: a leading dot is encoded in one
_LISTED = 3  # conferences that a message names at most
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as a folder's note names it. `address` is blank for the sandbox, which is served at any."""

    address: str
    sandbox: bool = False

    def __str__(self) -> str:
        return SANDBOX_SOURCE if self.sandbox else f"the feed {self.address}"


def feed_of(settings: Config) -> Feed:
    """The feed that the settings read."""
    return Feed("", sandbox=True) if settings.uses_sandbox_content else Feed(normalised(settings.feed.url))


def normalised(url: str) -> str:
    """An address in the one spelling of its feed: host in lower case, no default port, no slash at the end."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def check(settings: Config) -> None:
    """Raise ConfigError where the data folder shows another feed than the settings read. Writes nothing."""
    _checked(settings, adopt=False)


def claim(settings: Config, *, adopt: bool = False) -> None:
    """Note the feed in a data folder that shows none yet; before the first table is written.

    A folder that has the note of another feed is refused. One with tables and no note gets one, unless the feed is the
    sandbox, or all its conferences are the sandbox's. With `adopt` a person says that the tables are those of the feed
    that is read, although the note has another address or cannot be read.

    Raises ConfigError, also where the disk refuses. Two processes may do this at once.
    """
    if not _checked(settings, adopt=adopt):
        return
    files, feed = files_of(settings), feed_of(settings)
    content = json.dumps({"feed": feed.address, "sandbox": feed.sandbox}).encode() + b"\n"
    try:
        if adopt:
            files.replace(NOTE, lambda file: file.write(content))
        elif not files.create(NOTE, content):
            _checked(settings, adopt=False)  # another process was first
    except LockTimeoutError as error:
        raise _refused(files, f"is being noted by {error}; let it end, then try again") from None
    except OSError as error:
        raise _refused(files, refusal(error)) from None


def _checked(settings: Config, *, adopt: bool) -> bool:
    """Whether the feed is to be noted. Raises ConfigError where the folder shows another, or might."""
    files, feed = files_of(settings), feed_of(settings)
    if adopt and feed.sandbox:
        raise ConfigError("--adopt: the sandbox: cannot take over a data folder; leave --adopt out")
    try:
        noted = _noted(files)
    except (ValueError, RecursionError):
        if adopt:
            return True
        does = "move the folder away" if feed.sandbox else _ADOPT
        raise _refused(
            files, f"{files.address(NOTE)} is no note of a feed; where the tables are of {feed}, {does}"
        ) from None
    except OSError as error:
        raise _refused(files, refusal(error)) from None
    if noted is None:
        _check_unnoted(files, feed, settings, adopt=adopt)
        return True
    if noted == feed:
        return False
    if noted.sandbox or feed.sandbox:
        raise _refused(files, f"shows {noted}, and {feed} is to be read: {_MIXED}")
    if not adopt:
        raise _refused(
            files, f"shows {noted}, and {feed} is to be read; {_OTHER}, or, where both are one feed, {_ADOPT}"
        )
    return True


_ADOPT = "run `planion refresh --adopt` once"
_OTHER = "give another folder (`data` in the settings, or PLANION_DATA)"
_MIXED = f"made-up tables and real ones never share a folder; {_OTHER}"


def _check_unnoted(files: Files, feed: Feed, settings: Config, *, adopt: bool) -> None:
    """Raise ConfigError where a folder without a note may not get one: where it has tables, perhaps of another feed."""
    if adopt:
        return
    try:
        # Every file of a table, and every link to another folder, in which there may be some.
        tables = [name for name in files.list("") if name.endswith((".parquet", "/"))]
    except OSError as error:
        raise _refused(files, refusal(error)) from None  # what cannot be read is not empty
    if tables and feed.sandbox:
        raise _refused(files, f"holds tables whose feed is not noted, and {feed} is to be read: {_MIXED}")
    own = (name for name in tables if name.startswith(("sessions/", "raw_sessions/")))
    stored = {key for name in own if (key := key_of_file(name))}
    if not stored:
        return
    # Imported here: a folder that has a note needs no sandbox.
    from planion_assets.sandbox import CONFERENCES

    sandbox_keys = {ConferenceKey(*names) for names in CONFERENCES}
    if stored <= sandbox_keys and stored.isdisjoint(settings.keys()):
        names = ", ".join(map(str, sorted(stored)[:_LISTED]))
        raise _refused(
            files,
            f"holds conferences of the sandbox alone ({names}), and {feed} is to be read; {_OTHER}, or, where they are "
            f"yours, {_ADOPT}",
        )


def _noted(files: Files) -> Feed | None:
    """The feed that is noted; None where none is. Raises OSError, and ValueError for a file that is no note."""
    try:
        content = files.read(NOTE)
    except FileNotFoundError:
        return None
    match json.loads(content):
        case {"feed": str(address), "sandbox": bool(sandbox)} if sandbox or address:
            return Feed("", sandbox=True) if sandbox else Feed(normalised(address))
    raise ValueError


def _refused(files: Files, reason: str) -> ConfigError:
    return ConfigError(f"{files.address('')}: the data folder: {reason}", heading=Heading.OTHER_FEED)
