"""The table `published_session_learning_objectives`: those of the sessions that the public may see."""

from planion_assets.tables.published_sessions import published_part
from planion_assets.tables.session_learning_objectives import SESSION_LEARNING_OBJECTIVES

PUBLISHED_SESSION_LEARNING_OBJECTIVES = published_part(
    SESSION_LEARNING_OBJECTIVES,
    name="published_session_learning_objectives",
    description=(
        "The learning objectives of the published sessions, one row each, those beyond the contract's ten included."
    ),
)
