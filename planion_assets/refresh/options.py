"""`RefreshOptions`: how one conference is refreshed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from planion_assets.config import AccountConfig, Config, NotConfiguredError
from planion_assets.feed.client import FeedClient
from planion_assets.feed.endpoints import SESSIONS
from planion_assets.keys import ConferenceKey
from planion_assets.tables.model import Publication, Zones

# The config is JSON, and so YAML as well: what the launchpad of Dagster's UI takes.
PARTITION_RUN = (
    'a run of this partition with the config {"ops": {"conference_tables": {"config": {"allow_shrink": true}}}}'
)
"""Which run in Dagster lets a conference shrink."""


@dataclass(frozen=True, slots=True)
class RefreshOptions:
    """How one conference is refreshed: the zones its times are read in, the endpoints, what is published.

    `min_rows_kept` is the fraction of the stored rows of a table that must stay, and one row at least, unless
    `allow_shrink`; `allowing_run` tells a person which run in Dagster allows a loss. `keep_change_files` is how many
    files of each change log stay as they are where older ones are compacted.
    """

    zones: Zones = field(default_factory=Zones)
    endpoints: tuple[str, ...] = (SESSIONS.name,)
    min_rows_kept: float = 0.5
    allow_shrink: bool = False
    allowing_run: str = PARTITION_RUN
    publication: Publication = field(default_factory=Publication)
    keep_change_files: int = 100


def publication_of(account: AccountConfig) -> Publication:
    """What the settings of an account publish."""
    return Publication(declined=account.publish_declined, custom_fields=account.publish_custom_fields)


def configured_options(settings: Config, key: ConferenceKey) -> RefreshOptions | None:
    """How the settings have a conference refreshed; None for one that they do not name."""
    try:
        zones = Zones(settings.feed.timezone, settings.conference(key).timezone)
    except NotConfiguredError:
        return None
    account = settings.account(key.account)
    return RefreshOptions(
        zones,
        account.endpoints,
        settings.feed.min_rows_kept,
        publication=publication_of(account),
        keep_change_files=settings.keep_change_files,
    )


OpenClient = Callable[[ConferenceKey], FeedClient]
OptionsOf = Callable[[ConferenceKey], RefreshOptions]
