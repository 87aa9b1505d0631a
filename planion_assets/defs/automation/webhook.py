"""Posting a message to a webhook: one request of JSON, over urllib. Knows neither Dagster nor the feed.

A webhook's address is a secret: it is in no message and no traceback.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from planion_assets.guide import GuidedError, Heading
from planion_assets.loopback import is_loopback

TIMEOUT = 10.0  # seconds to wait for a connection, and for each piece of the answer


class WebhookError(GuidedError):
    """A message that did not arrive, with the reason and without the address."""

    heading = Heading.WEBHOOK


def post(address: str, message: Mapping[str, Any], timeout: float = TIMEOUT) -> None:
    """Post a message as JSON. Raises `WebhookError` unless the answer is a 2xx; there is no second try."""
    request = urllib.request.Request(  # noqa: S310 - the settings take https and loopback http only
        address, json.dumps(message).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if is_loopback(urlsplit(address).hostname):
        # A proxy of the environment is for the outside world.
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout) as response:
            response.read(1)
    except urllib.error.HTTPError as error:
        error.close()
        raise WebhookError(f"the webhook answered {error.code}") from None
    except urllib.error.URLError as error:
        raise WebhookError(f"the webhook cannot be reached ({type(error.reason).__name__})") from None
    except (OSError, HTTPException, ValueError) as error:
        raise WebhookError(f"the webhook cannot be reached ({type(error).__name__})") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET, and the message would be lost without a word."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: the redirect's own status is then the answer."""
