"""The shape of planion.yaml: what each key is for, its default and its limits.

Messages, the example file and the feed's own limits follow these models, or a test holds them to it. Single values are
checked in setting_values.py.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from planion_assets.config.constants import FEED_URL
from planion_assets.config.data_address import DATA, checked_data
from planion_assets.config.endpoint_names import SCHEMA as ENDPOINT
from planion_assets.config.endpoint_names import checked_endpoint_name, checked_endpoints, has_rivals
from planion_assets.config.model_base import ADDRESS, TEXT, VARIABLE, Model, bounded
from planion_assets.config.setting_values import (
    DATE_PATTERN,
    DURATION_OR_NEVER_PATTERN,
    DURATION_PATTERN,
    checked_dagster_url,
    checked_name,
    checked_timezone,
    checked_url,
    checked_variable_name,
    not_empty,
    parse_date,
    parse_duration,
    parse_duration_or_never,
)
from planion_assets.config.storage_config import StorageConfig

WARN_UPDATE_AGE = timedelta(hours=36)
ERROR_UPDATE_AGE = timedelta(days=14)

# What the schema of the file (json_schema.py) can say of values that only a function checks.
_NAME: dict[str, Any] = {**TEXT, "pattern": r"^(?!\s|.*\s$|.*\.\.\.)[^|,\[\]]+$"}
_LIST: dict[str, Any] = {"minItems": 1}
_ENDPOINTS: dict[str, Any] = {"contains": {"const": "sessions"}, "uniqueItems": True}

Location = tuple[str | int, ...]  # of a value in the file: its keys and list indexes from the top
Duration = Annotated[timedelta, BeforeValidator(parse_duration, Annotated[str, Field(pattern=DURATION_PATTERN)])]
DurationOrNever = Annotated[
    timedelta | None, BeforeValidator(parse_duration_or_never, Annotated[str, Field(pattern=DURATION_OR_NEVER_PATTERN)])
]
Date = Annotated[date, BeforeValidator(parse_date, Annotated[str, Field(pattern=DATE_PATTERN)])]
EndpointName = Annotated[str, AfterValidator(checked_endpoint_name), Field(json_schema_extra=ENDPOINT)]
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


class FeedConfig(Model):
    """Where the feed is, how a token is sent to it, and the bounds of reading it."""

    # Before `url`, whose validation reads it.
    allow_http: bool = Field(
        default=False, description="true to let tokens go unencrypted to other machines, false unless given"
    )
    url: str = Field(
        default=FEED_URL, description=f"the address of the feed, {FEED_URL} unless given", json_schema_extra=ADDRESS
    )
    auth: Literal["basic", "header"] = Field(
        default="basic",
        description="basic (the token is the user name, the password blank) or header (the token is the "
        "whole Authorization header); basic unless given",  # feed-facts.md, Access
    )
    timezone: Annotated[str, AfterValidator(checked_timezone)] = Field(
        default="UTC", description="the IANA name of the zone of the feed's own timestamps; UTC unless given"
    )
    connect_timeout: float = bounded("the seconds to wait for a connection", 10.0, 0.1, 300)
    read_timeout: float = bounded("the seconds to wait for data of one page", 30.0, 0.1, 3600)
    walk_timeout: float = bounded("the seconds for one walk over all pages of a conference", 300.0, 1, 86400)
    max_retry_after: float = bounded(
        "the seconds to wait at most where the feed asks to (Retry-After)", 120.0, 0, 86400
    )
    max_pages: int = bounded("the number of pages that one walk may read", 1000, 1, 100_000)
    max_page_mib: int = bounded("the size of one page's decoded body in MiB", 64, 1, 1024)
    max_walk_mib: int = bounded("the size of all pages of one walk in MiB", 512, 1, 65536)
    max_requests_per_account: int = bounded("the number of requests of one account under way at once", 4, 1, 16)
    max_requests: int = bounded("the number of requests under way at once", 16, 1, 64)
    max_attempts: int = bounded("the number of tries of one page", 5, 1, 20)
    # At least 2: only two walks that agree show a whole snapshot (feed-facts.md, Pages).
    max_walks: int = bounded("the number of walks within which two in a row must agree", 4, 2, 20)
    min_rows_kept: float = bounded("the fraction of the stored rows that must be listed and usable", 0.5, 0, 1)

    @field_validator("url")
    @classmethod
    def _checked_url(cls, url: str, info: ValidationInfo) -> str:
        # An allow_http that is itself wrong has its own line; it is no reason to complain about the address.
        return checked_url(url, allow_http=info.data.get("allow_http", True))


class MaxUpdateAge(Model):
    """How long ago the newest `session_updated_at` of a conference may be before a warning and before an error.

    `Config.update_age_limits` joins what a conference, the file and the defaults give.
    """

    warn: Duration | None = bounded("the age that is a warning", WARN_UPDATE_AGE, _MINUTE, 3650 * _DAY, inherited=True)
    error: Duration | None = bounded("the age that is an error", ERROR_UPDATE_AGE, _MINUTE, 3650 * _DAY, inherited=True)

    @field_validator("error")
    @classmethod
    def _not_before_the_warning(cls, error: timedelta | None, info: ValidationInfo) -> timedelta | None:
        warn = info.data.get("warn")
        if error is not None and warn is not None and error < warn:
            raise ValueError("is less than warn; give the longer of the two to error")
        return error


class ConferenceConfig(Model):
    """One conference of an account."""

    conference: Annotated[str, AfterValidator(checked_name)] = Field(
        description="the conference container ID, as Planstone gave it", json_schema_extra=_NAME
    )
    timezone: Annotated[str, AfterValidator(checked_timezone)] | None = Field(
        default=None,
        description="the IANA name of the venue's time zone, for example America/Chicago; "
        "without it, venue times have no UTC instant beside them",
    )
    active_until: Date | None = Field(
        default=None,
        description="the last day on which the conference is looked after, for example 2027-06-30; it is over "
        "when its last session has ended, if that is earlier or nothing is given",
    )
    max_update_age: MaxUpdateAge = Field(
        default=MaxUpdateAge(),
        description="warn and error, each a duration such as 36h; those of the file unless given",
    )


class AccountConfig(Model):
    """One account: the variable that holds its token, and its conferences in the order of the file."""

    account: Annotated[str, AfterValidator(checked_name)] = Field(
        description="the account acronym, as Planstone gave it", json_schema_extra=_NAME
    )
    token_env: Annotated[str, AfterValidator(checked_variable_name)] = Field(
        description="the name of the environment variable that holds the account's API token, for example "
        "PLANION_TOKEN_AAA",
        json_schema_extra=VARIABLE,
    )
    endpoints: Annotated[tuple[EndpointName, ...], AfterValidator(checked_endpoints)] = Field(
        default=("sessions",),
        description="the methods of the feed to read: sessions, and where the contract includes them speakers and any "
        "other by its name as the vendor spells it, such as abstracts, ePosters and disclosures; sessions unless given",
        json_schema_extra=_ENDPOINTS,
    )
    publish_declined: bool = Field(
        default=True,
        description="false to leave people who declined out of published/, whatever the feed says of them; true unless "
        "given",
    )
    publish_custom_fields: tuple[str, ...] | None = Field(
        default=None,
        description="the names of the organiser's own fields that published/ has, whatever their case and spacing; "
        "[] for none, all unless given",
    )
    conferences: Annotated[tuple[ConferenceConfig, ...], AfterValidator(not_empty)] = Field(
        description="the conferences to read, at least one", json_schema_extra=_LIST
    )


def _one_method_a_table(accounts: tuple[AccountConfig, ...]) -> tuple[AccountConfig, ...]:
    if has_rivals(name for account in accounts for name in account.endpoints):
        raise ValueError(
            "names methods in `endpoints` of two accounts that would be one table, as e-posters and E_Posters would; "
            "spell them alike"
        )
    return accounts


class File(Model):
    """The shape of planion.yaml."""

    feed: FeedConfig = Field(default=FeedConfig(), description="how the feed is read")
    data: Annotated[Path | str, BeforeValidator(checked_data, str)] = Field(
        default=Path("data"),
        description="the folder of the Parquet files, or an address in an object store, such as s3://bucket/prefix; "
        "data unless given",
        json_schema_extra=DATA,
    )
    storage: StorageConfig = Field(
        default=StorageConfig(),
        description="how the object store of data is reached, beyond what the cloud's own "
        "variables say; not used where data is a folder",
    )
    accounts: Annotated[tuple[AccountConfig, ...], AfterValidator(not_empty), AfterValidator(_one_method_a_table)] = (
        Field(description="the accounts to read, at least one", json_schema_extra=_LIST)
    )
    # The feed itself changes no oftener (feed-facts.md, Access).
    refresh_interval: Duration = bounded("the time from one refresh to the next", 15 * _MINUTE, _MINUTE, 7 * _DAY)
    refresh_runs: int = bounded("the number of runs into which accounts are divided for a scheduled refresh", 1, 1, 64)
    max_partitions_per_run: int = bounded(
        "the number of conferences that a run of a backfill takes at most", 100_000, 1, 100_000
    )
    max_update_age: MaxUpdateAge = Field(
        default=MaxUpdateAge(), description="warn and error, each a duration such as 36h; 36h and 14d unless given"
    )
    keep_change_files: int = bounded(
        "the number of the newest files of each change log of a conference that are kept as they are; once there are "
        "more than as many older ones, those are compacted into one",
        100, 1, 100_000,
    )  # fmt: skip
    keep_runs: Duration = bounded("how long Dagster keeps what it noted of a run", 30 * _DAY, _DAY, 3650 * _DAY)
    verify_interval: DurationOrNever = bounded(
        "the time from one verification of all stored files to the next, or never",
        7 * _DAY, _DAY, 3650 * _DAY,
    )  # fmt: skip
    failure_webhook_env: Annotated[str, AfterValidator(checked_variable_name)] | None = Field(
        default=None,
        description="the name of the environment variable that holds the address to which alerts are posted, for "
        "example PLANION_FAILURE_WEBHOOK; alerts are only logged without it",
        json_schema_extra=VARIABLE,
    )
    dagster_url: Annotated[str, AfterValidator(checked_dagster_url)] | None = Field(
        default=None,
        description="the address of Dagster's UI, for example https://dagster.example.com; alerts then link to the "
        "run, and name its ID without it",
        json_schema_extra=ADDRESS,
    )
