"""Which spellings of a date, a timestamp and a time of day are read: the tables `DATES` and `CLOCKS`, and no others.

Each names its moment without doubt. `11/03/2024` does not: it is a day of March or of November; `7` is no time of day.
What a spelling says is worked out in `timestamps.py` and `times.py`. Pure.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a moment: a pattern, and examples of what it takes."""

    pattern: str
    examples: tuple[str, ...]

    def match(self, text: str) -> re.Match[str] | None:
        """The match of the whole text."""
        return re.fullmatch(self.pattern, text, re.IGNORECASE | re.ASCII)


_SECONDS = r"(?::(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
_HALF = r"(?: ?(?P<half>[ap])\.? ?m\.?)"
_TIME = rf"(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}}|[0-9](?=:)){_SECONDS}{_HALF}?"
# A name, an offset or both, in brackets or with words for them in brackets behind; those words alone leave a doubt.
_ZONE = (
    r"(?:(?P<open>\()?(?=[a-z+-])(?P<zone>[a-z]+)?(?P<offset>[+-][0-9]{2}(?::?[0-9]{2})?)?"
    r"(?(open)\)|(?: ?(?:\([^()]*\)|\[[^\[\]]*\]))?))?"
)
_STAMP = rf"(?:,? {_TIME}(?: ?{_ZONE}))?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?"
_WORD = r"(?P<word>[a-z]{3,9})\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?"

DATES = (
    # ISO 8601 and what databases write.
    Spelling(
        r"(?P<year>[0-9]{4})(?P<dash>[-/.])(?P<month>[0-9]{1,2})(?P=dash)(?P<day>[0-9]{1,2})"
        rf"(?:(?:T|,? ){_TIME}(?: ?{_ZONE}))?",
        ("2024-11-03", "2024-3-1", "2024/11/03", "2024-11-03T00:00:00", "2024-01-31 15:30:43.123456Z"),
    ),
    # ISO 8601's basic format. Read in another order the year would be one before 1300.
    Spelling(
        r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
        rf"(?:(?:T|(?=[0-9]{{6}}(?![0-9])))(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?P<second>[0-9]{{2}})?{_ZONE})?",
        ("20241103", "20240131T153043Z", "20240131153043"),
    ),
    # RFC 1123, 850 and 2822, and words.
    Spelling(
        rf"{_WEEKDAY}{_DAY}(?: of)?[ /-]{_WORD},?[ /-](?P<year>[0-9]{{4}}|[0-9]{{2}}){_STAMP}",
        ("Sun, 03 Nov 2024 00:00:00 GMT", "3-Nov-24", "3rd of November 2024", "3. Nov 2024"),
    ),
    # C's asctime, JavaScript and words.
    Spelling(
        rf"{_WEEKDAY}{_WORD} {_DAY}(?:,? (?P<year>[0-9]{{4}}))?"
        rf"(?:,?(?: at)? {_TIME}(?: ?{_ZONE})(?: (?P<last>[0-9]{{4}}))?)?",
        ("Nov 3, 2024", "Sunday, November 3rd, 2024 at 7:30 pm", "Sun Nov 3 07:30:00 2024"),
    ),
    Spelling(
        rf"(?P<year>[0-9]{{4}})[ /-]{_WORD}[ /-](?P<day>[0-9]{{1,2}}){_STAMP}",
        ("2024-Nov-03", "2024 November 3"),
    ),
    # Day and month in either order, where one order alone is a date or both are the same one.
    Spelling(
        rf"(?P<one>[0-9]{{1,2}})(?P<dash>[-/.])(?P<other>[0-9]{{1,2}})(?P=dash)(?P<year>[0-9]{{4}}){_STAMP}",
        ("12/31/2024", "31.12.2024", "11/11/2024"),
    ),
)
"""Of dates, and of timestamps: a date with a time of day and perhaps a zone."""

_NAMED_ZONE = (
    r"z|utc|gmt|ut|[ecmp][sd]?t|ak[sd]?t|[hans][sd]t|wes?t|ces?t|ees?t|bst|ist|jst|kst|msk|sgt|hkt|a[ew][sd]?t|ac[sd]t"
    r"|nz[sd]?t|sast|[wce]at|gst|pkt|ict|wib|myt|pht|brt|art|clt|cot|pet|local(?: time)?|[a-z_]+/[a-z_/-]+"
    r"|(?:eastern|central|mountain|pacific|atlantic|alaska|hawaii)(?: (?:standard|daylight))?(?: time)?"
)
_OFFSET = r"[0-9]{1,2}(?::?[0-9]{2})?"
# The clock on the wall is the venue's, whatever zone is named behind it. `09:30-10:30` names none: it is two times.
_WALL = rf"(?: ?(?:\((?:{_NAMED_ZONE})\)|(?:{_NAMED_ZONE})|\+{_OFFSET}|(?:utc|gmt)[+-]{_OFFSET}))?"
_TWELVE = r"(?:12(?::00(?::00)?)?"

CLOCKS = (
    Spelling(
        rf"T?(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})(?::[0-9]{{2}}(?:[.,][0-9]+)?(?:-{_OFFSET})?)?"
        rf"(?: ?(?P<half>[ap])\.? ?(?:m\.?)?)?{_WALL}",
        ("07:30 pm", "7:30PM", "7:30 p.m.", "7:30 p", "19:30", "19:30:00.000", "00:30 am", "24:00", "9:00 AM CST"),
    ),
    Spelling(
        rf"(?P<hour>[0-9]{{1,2}})(?:\.?(?P<minute>[0-9]{{2}}))?{_HALF}{_WALL}",
        ("7 pm", "7.30 pm", "730 pm"),
    ),
    Spelling(
        r"(?P<hour>[0-9]{1,2})(?:[:.]?(?P<minute>[0-9]{2}))? ?(?:h|hrs?\.?|hours|uhr|o'clock)"
        r"|(?P<french>[0-9]{1,2}) ?h ?(?P<minutes>[0-9]{2})",
        ("19:30 h", "1930 hrs", "19.30 Uhr", "19 Uhr", "19h30"),
    ),
    Spelling(
        rf"{_TWELVE}(?: ?p\.?m\.?)? ?)?\(?(?P<noon>noon|midday)\)?{_WALL}",
        ("noon", "12 noon", "12:00 noon", "12:00 pm (noon)"),
    ),
    Spelling(
        rf"{_TWELVE}(?: ?a\.?m\.?)? ?)?\(?(?P<midnight>midnight)\)?{_WALL}",
        ("midnight", "12 midnight", "12:00 am (midnight)"),
    ),
)
"""Of times of day. A timestamp without a zone is one too."""
