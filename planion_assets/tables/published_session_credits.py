"""The table `published_session_credits`: the credits of the sessions that the public may see."""

from planion_assets.tables.published_sessions import published_part
from planion_assets.tables.session_credits import SESSION_CREDITS

PUBLISHED_SESSION_CREDITS = published_part(
    SESSION_CREDITS,
    name="published_session_credits",
    description=(
        "The credits that the published sessions give, one row per real bucket, those beyond the contract's ten "
        "included."
    ),
)
