"""Where a centre may be: what a site sends must not be read on the way."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


class BadAddress(ValueError):
    """No site speaks to an address like this; the message is one line that says what to give."""


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself, by its name alone: no other is asked about it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_address(url: str) -> str:
    """Return a centre's address as it is; raises BadAddress for one to which nothing may be sent in the open."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise BadAddress(f"{url!r} is no address of a centre: it begins with https:// (or http:// on one machine)")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadAddress(f"plain HTTP to {host} could be read by anybody on the way: give https://{parts.netloc}")
    return url
