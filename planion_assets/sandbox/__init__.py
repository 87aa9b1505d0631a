"""A feed server with made-up conferences, for a first run without a token and for tests.

It has what the feed of sessions-feed.md has: accounts, tokens, conferences, pages, and content that changes on request.
No real people, places or addresses. Nothing is imported from the rest of the project, so that the reader of the feed is
tested against something that does not share its mistakes.
"""

from planion_assets.sandbox.content import SEED, Sandbox
from planion_assets.sandbox.plans import CONFERENCES, SPEAKERS_OF, TIMEZONES, TOKENS
from planion_assets.sandbox.server import SandboxServer
from planion_assets.sandbox.spelling import json_text
from planion_assets.sandbox.wire import CODE

__all__ = ["CODE", "CONFERENCES", "SEED", "SPEAKERS_OF", "TIMEZONES", "TOKENS", "Sandbox", "SandboxServer", "json_text"]
