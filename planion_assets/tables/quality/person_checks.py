"""Checks of the people of the feed's Speakers method."""

from planion_assets.tables.quality.model import Contents, Offender, check


@check(
    table="rejected_people",
    finds="Items of the Speakers method that are no row of `speakers`, for any reason",
    because="they are kept in `raw_speakers`; which of them is the person is for the vendor to say.",
    columns=("pid", "reason", "digest"),
)
def no_person_is_rejected(contents: Contents) -> list[Offender]:
    return list(contents.rows("rejected_people", "pid", "reason", "digest"))


@check(
    table="speakers",
    finds="People with neither a first nor a last name",
    because="a programme prints an empty line for whoever of them is published.",
    columns=("pid",),
)
def people_are_named(contents: Contents) -> list[Offender]:
    people = contents.rows("speakers", "pid", "fname", "lname")
    return [(pid,) for pid, first, last in people if first is None and last is None]
