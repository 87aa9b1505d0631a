"""Names of accounts and conferences: what they may hold, the partition key of two, the file name of one."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote

SEPARATOR = "|"
MAX_PATH_NAME = 200  # characters; file systems stop at 255, and suffixes must fit as well

# Dagster writes a selection as "[first...last],other": a key that holds one of these cannot be chosen.
_NOT_IN_A_PARTITION_KEY = (SEPARATOR, ",", "[", "]", "...")
_UNPRINTABLE = {
    "Cc": "control character",  # C0, DEL and C1
    "Zl": "line separator",
    "Zp": "paragraph separator",
    "Cs": "lone surrogate",
}
_RESERVED_ON_WINDOWS = re.compile(r"(CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9])(\.|\Z)", re.IGNORECASE | re.ASCII)
_QUOTED_CHARACTERS = 40  # characters of a name that a message repeats


@dataclass(frozen=True, slots=True, order=True)
class ConferenceKey:
    """One conference of one account. `str(key)` is its partition key, `ACCOUNT|CONFERENCE`.

    Raises ValueError when a name cannot be used (see `name_problem`): `parse(str(key)) == key` holds always.
    """

    account: str
    conference: str

    def __post_init__(self) -> None:
        for part, name in (("account", self.account), ("conference", self.conference)):
            if problem := name_problem(name):
                raise ValueError(f"{part} {problem}")

    def __str__(self) -> str:
        return f"{self.account}{SEPARATOR}{self.conference}"

    @classmethod
    def parse(cls, text: str) -> "ConferenceKey":
        """The key that a partition key names. Raises ValueError, in words for the person who wrote `text`."""
        found = text.count(SEPARATOR)
        if found != 1:
            raise ValueError(
                f"{quoted(text)} is not a partition key: it holds '{SEPARATOR}' {found} times, not once; "
                f"write ACCOUNT{SEPARATOR}CONFERENCE, for example AAA{SEPARATOR}AM2024"
            )
        try:
            return cls(*text.split(SEPARATOR))
        except ValueError as error:
            raise ValueError(f"{quoted(text)} is not a partition key: {error}") from None


def quoted(text: str) -> str:
    """`text` quoted for a message of one line: unprintable characters escaped, a long text cut."""
    return repr(text if len(text) <= _QUOTED_CHARACTERS else text[: _QUOTED_CHARACTERS - 1] + "…")


def name_problem(name: str) -> str | None:
    """Why `name` cannot be the name of an account or a conference, with the remedy; None when it can.

    Names are the vendor's, which promises nothing about them. Refused are those that a partition key, a file name or
    one line of a message cannot hold; every other is used as it is.
    """
    if not name.strip():
        return "is blank; write the name as Planstone gave it"
    for character in name:
        if kind := _UNPRINTABLE.get(unicodedata.category(character)):
            return f"{quoted(name)} holds the {kind} U+{ord(character):04X}; take it out"
    for character in (name[0], name[-1]):
        if character.isspace():
            return f"{quoted(name)} begins or ends with white space (U+{ord(character):04X}); take it out"
    for characters in _NOT_IN_A_PARTITION_KEY:
        if characters in name:
            return (
                f"{quoted(name)} holds '{characters}', which a partition key cannot carry; "
                "take it out, or ask Planstone for a name without it"
            )
    if (length := len(path_name(name))) > MAX_PATH_NAME:
        return (
            f"{quoted(name)} is too long for a file name: {length} characters when percent-encoded, at most "
            f"{MAX_PATH_NAME}; ask Planstone for a shorter name"
        )
    return None


def path_name(name: str) -> str:
    """`name` percent-encoded as one path component that every file system and reader takes; no two names share one.

    `name` is one that `name_problem` accepts. Raises UnicodeEncodeError for a lone surrogate.
    Letter case is kept: on a disk that ignores case, names that differ only in case are one file.
    """
    component = quote(name, safe="").replace("~", "%7E")  # a shell reads a leading "~" as a home folder
    if name.startswith(".") or name.endswith("."):
        component = component.replace(".", "%2E")  # ".", "..", hidden files; Windows drops a dot at the end
    # Spark and Arrow pass over files and folders that begin with "_", without a word.
    if name.startswith("_") or _RESERVED_ON_WINDOWS.match(name):
        component = f"%{ord(name[0]):02X}{component[1:]}"
    return component


def name_from_path(component: str) -> str:
    """The name that `path_name` encoded as `component`."""
    return unquote(component)
