"""Which IANA time zone a text or the name of a place probably means. A guess is shown to a person, never used."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

_ABBREVIATIONS = {
    "HST": "Pacific/Honolulu",
    "AKST AKDT": "America/Anchorage",
    "PST PDT PT": "America/Los_Angeles",
    "MST MDT MT": "America/Denver",
    "CST CDT CT": "America/Chicago",
    "EST EDT ET": "America/New_York",
    "AST ADT": "America/Halifax",
    "BRT": "America/Sao_Paulo",
    "WET WEST": "Europe/Lisbon",
    "BST": "Europe/London",
    "CET CEST MEZ MESZ": "Europe/Berlin",
    "EET EEST": "Europe/Athens",
    "MSK": "Europe/Moscow",
    "GST": "Asia/Dubai",
    "IST": "Asia/Kolkata",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "AWST": "Australia/Perth",
    "AEST AEDT": "Australia/Sydney",
    "NZST NZDT": "Pacific/Auckland",
}
_BY_ABBREVIATION = {short: zone for shorts, zone in _ABBREVIATIONS.items() for short in shorts.split()}

# Names that mean one place wherever a congress is held; Portland, Birmingham and their like are left out.
_PLACES = {
    "America/New_York": "new york|boston|philadelphia|baltimore|washington, d\\.?c\\.?|atlanta|orlando|miami|charlotte|"
    "detroit|pittsburgh|indianapolis|atlantic city|new jersey|florida|massachusetts|pennsylvania|ohio|georgia",
    "America/Chicago": "chicago|san antonio|houston|dallas|austin|new orleans|nashville|minneapolis|milwaukee|"
    "st\\.? louis|saint louis|kansas city|texas|illinois|louisiana|minnesota|wisconsin",
    "America/Denver": "denver|salt lake city|albuquerque|colorado|utah",
    "America/Phoenix": "phoenix|scottsdale|tucson|arizona",
    "America/Los_Angeles": "los angeles|anaheim|san diego|san francisco|san jos[eé], ca|sacramento|seattle|las vegas|"
    "california|nevada",
    "Pacific/Honolulu": "honolulu|waikiki|hawaii",
    "America/Toronto": "toronto|montr[eé]al|ottawa",
    "America/Vancouver": "vancouver",
    "Europe/London": "london|glasgow|edinburgh|united kingdom",
    "Europe/Dublin": "dublin|ireland",
    "Europe/Lisbon": "lisbon|lisboa",
    "Europe/Madrid": "madrid|barcelona",
    "Europe/Paris": "paris|lyon|france",
    "Europe/Berlin": "berlin|hamburg|m[uü]nchen|munich|frankfurt|leipzig|dresden|cologne|germany",
    "Europe/Amsterdam": "amsterdam|rotterdam|netherlands",
    "Europe/Brussels": "brussels|belgium",
    "Europe/Zurich": "z[uü]rich|geneva|basel|switzerland",
    "Europe/Vienna": "vienna|wien|austria",
    "Europe/Rome": "rome|milan|milano|italy",
    "Europe/Copenhagen": "copenhagen|denmark",
    "Europe/Stockholm": "stockholm|sweden",
    "Asia/Dubai": "dubai|abu dhabi",
    "Asia/Singapore": "singapore",
    "Asia/Tokyo": "tokyo|yokohama|osaka|kyoto|japan",
    "Asia/Seoul": "seoul|busan|korea",
    "Asia/Hong_Kong": "hong kong",
    "Australia/Sydney": "sydney",
    "Australia/Melbourne": "melbourne",
}
_PLACE_PATTERNS = {zone: re.compile(rf"\b(?:{names})(?!\w)", re.IGNORECASE) for zone, names in _PLACES.items()}


def likely_zone(written: str, zones: Collection[str]) -> str | None:
    """The one of `zones` that is most like what a person wrote; None where none is.

    An abbreviation names the zone where most people mean it by: `CST` is Chicago's, not China's. Then a city's name,
    then the nearest spelling among names of the form `Area/City`: short ones, such as `UCT`, are near to everything.
    """
    short = re.sub(r"[.\s]", "", written).upper()
    if (zone := _BY_ABBREVIATION.get(short)) in zones:
        return zone
    cities = {name.lower(): name for name in sorted(zones) if "/" in name}
    plain = re.sub(r"\s+", "_", written.strip().lower())
    for lower, name in cities.items():
        if plain in (lower, lower.rpartition("/")[2]):
            return name
    near = get_close_matches(plain, cities, n=1)
    return cities[near[0]] if near else None


def summer_time_zone(zone: str) -> str | None:
    """The zone with summer time that is probably meant by EST or MST, which have none; None for other names."""
    return _BY_ABBREVIATION[zone] if zone in ("EST", "MST") else None


def zone_of_places(texts: Iterable[str]) -> str | None:
    """The time zone of the places that texts name; None where they name none, or places in several zones."""
    found = {zone for text in set(texts) for zone, pattern in _PLACE_PATTERNS.items() if pattern.search(text)}
    return found.pop() if len(found) == 1 else None
