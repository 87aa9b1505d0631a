"""Checks of the people of the feed's Speakers method."""

from planion_assets.tables.quality.model import Check, Contents, Offender, Severity


def rejected(contents: Contents) -> list[Offender]:
    """The rejected people, in the table's order."""
    return list(contents.rows("rejected_people", "pid", "reason", "digest"))


def without_name(contents: Contents) -> list[Offender]:
    """The people with neither a first nor a last name, in the table's order."""
    people = contents.rows("speakers", "pid", "fname", "lname")
    return [(pid,) for pid, first, last in people if first is None and last is None]


NO_PERSON_IS_REJECTED = Check(
    name="no_person_is_rejected",
    table="rejected_people",
    severity=Severity.WARN,
    finds="Items of the Speakers method that are no row of `speakers`, for any reason",
    because="they are kept in `raw_speakers`; which of them is the person is for the vendor to say.",
    columns=("pid", "reason", "digest"),
    find=rejected,
    reads=("rejected_people",),
)
PEOPLE_ARE_NAMED = Check(
    name="people_are_named",
    table="speakers",
    severity=Severity.WARN,
    finds="People with neither a first nor a last name",
    because="a programme prints an empty line for whoever of them is published.",
    columns=("pid",),
    find=without_name,
    reads=("speakers",),
)
