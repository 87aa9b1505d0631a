"""A feed server with made-up conferences, for a first run without a token and for tests.

Everything the feed of sessions-feed.md shows is here in small: accounts, tokens, conferences, pages, and
content that moves on when asked to. No real people, places or addresses; no import from the rest of the
project, so that what reads the feed is tested against something that does not share its mistakes.
"""

from planion_assets.sandbox.content import SEED, Sandbox
from planion_assets.sandbox.plans import CONFERENCES, SPEAKERS_OF, TIMEZONES, TOKENS
from planion_assets.sandbox.server import SandboxServer
from planion_assets.sandbox.spelling import json_text
from planion_assets.sandbox.wire import CODE

__all__ = ["CODE", "CONFERENCES", "SEED", "SPEAKERS_OF", "TIMEZONES", "TOKENS", "Sandbox", "SandboxServer", "json_text"]
