"""Whether a host is this machine, for settings, the feed and webhooks."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Whether a host is a loopback address, or `localhost`. Other names are not resolved."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
