"""The collections of the feed. All are paged and verified in the same way, whatever their items hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A collection below the API root.

    `names_owner` is true where every row names its account and conference. `identifier` is the member that tells its
    items apart, in whatever letter case its key is written (`planion_assets.members`).
    """

    name: str
    identifier: str
    names_owner: bool


SESSIONS = Endpoint("sessions", "schedid", names_owner=True)
# No sample of a person is public (feed-facts.md, Items): a row may leave its owner out, and must not name another.
SPEAKERS = Endpoint("speakers", "pid", names_owner=False)

ENDPOINTS = {endpoint.name: endpoint for endpoint in (SESSIONS, SPEAKERS)}
"""The collections of whose items something is known."""


def endpoint_of(name: str) -> Endpoint:
    """The collection of that name. Of any other nothing is known but that its items have Eve's `_id`."""
    return ENDPOINTS.get(name) or Endpoint(name, "_id", names_owner=False)
