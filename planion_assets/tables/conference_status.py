"""The table `conference_status`: one row per conference, made from all conferences' files and not from items.

Belongs here: its columns. What is in them comes from `planion_assets.freshness`.
"""

from planion_assets.tables.model import BOOLEAN, FLOAT64, INSTANT, INT32, TEXT, Column, TableSpec
from planion_assets.tables.shared_columns import OWNER_COLUMNS

CONFERENCE_STATUS = TableSpec(
    name="conference_status",
    description=(
        "Every conference, configured or stored, with how old its content is, when it was last read, what of it cannot "
        "be used, and the verdicts on that, two of which are those of the checks `session_updated_at_is_fresh` and "
        "`feed_is_read`. One file for all conferences, for whoever watches them without Dagster: alert on a row whose "
        "`level` is error."
    ),
    columns=(
        *OWNER_COLUMNS,
        Column("checked_at", INSTANT, "When this row was true."),
        Column(
            "level", TEXT, "The worst of `freshness_level`, `reading_level` and `quality_level`: ok, warn or error."
        ),
        Column("configured", BOOLEAN, "Whether the settings name the conference."),
        Column("over", BOOLEAN, "Whether the conference is over: its last session, or `active_until`, has passed."),
        Column("ends_at", INSTANT, "When it is over; everywhere on earth, where its time zone is not configured."),
        Column("sessions", INT32, "Number of stored sessions; null where none are stored yet."),
        Column("links", INT32, "Number of stored engagements; null where none are stored yet."),
        Column("newest_session_updated_at", INSTANT, "The newest `session_updated_at` of its sessions."),
        Column("age_hours", FLOAT64, "Hours from that to `checked_at`."),
        Column("limit_hours", FLOAT64, "The age that `freshness` was measured against; the configured limit."),
        Column("last_read_at", INSTANT, "Its last successful, verified read, whether or not anything had changed."),
        Column("last_change_at", INSTANT, "The read that brought the content that is stored."),
        Column("freshness", TEXT, "Verdict of `session_updated_at_is_fresh`, such as fresh, stale or over."),
        Column("freshness_level", TEXT, "How bad that is: ok, warn or error."),
        Column("freshness_reason", TEXT, "Why, and what to do."),
        Column("reading", TEXT, "Verdict of `feed_is_read`: read, failing, late, never read, over, not configured."),
        Column("reading_level", TEXT, "How bad that is: ok, warn or error."),
        Column("reading_reason", TEXT, "Why, and what to do."),
        Column("failing_since", INSTANT, "The first failed refresh since the last good one; null where that was good."),
        Column("failed_attempts", INT32, "Number of refreshes that failed since the last good one."),
        Column("failure_reason", TEXT, "Why the last one failed; null where it did not."),
        Column("rejected_items", INT32, "Number of stored items that are no sessions; null where none are stored yet."),
        Column(
            "unreadable_values",
            INT32,
            "Number of values of `sessions` and `session_speakers` that cannot be read as their type, and are null; "
            "null where none are stored yet.",
        ),
        Column(
            "quality",
            TEXT,
            "Whether what is stored can be used: usable, or the worst that was found (rejected items, unreadable "
            "values, no timestamps, no speakers, unreadable); not stored or not configured.",
        ),
        Column("quality_level", TEXT, "How bad that is: ok, warn or error; of a conference that is over, never error."),
        Column("quality_reason", TEXT, "Everything that was found, and what to do."),
    ),
    key=("account", "conference"),
    preview=("account", "conference", "level", "freshness", "reading", "quality"),
    # It shows what is on the disk, also of conferences that no table has: as an asset downstream of tables that are
    # materialized all day Dagster would call it out of step with them for ever.
    upstream=(),
)
