"""Connections to the centre: over TLS, or to this machine itself. Imported by the sync worker only."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache
from pathlib import Path

import httpx

from agentdesk.trust.addresses import check_address

MOST_BYTES = 1 << 20
"""Bytes of a file with certificates that are read."""
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----", re.ASCII)


class BadAuthority(ValueError):
    """What was given as a certificate authority is none."""


def authority(file: Path) -> str:
    """Return the certificates of an authority, as PEM, from a file; raises BadAuthority."""
    try:
        text = file.read_bytes()[:MOST_BYTES].decode("ascii", "replace")
    except OSError as error:
        raise BadAuthority(f"can't read {file} ({error.strerror}): give the certificate of the centre's CA") from None
    found = _CERTIFICATE.findall(text)
    if not found:
        raise BadAuthority(f"{file} has no certificate in it: give the PEM file of the centre's CA")
    pem = "\n".join(found) + "\n"
    _trusting(pem)
    return pem


def connection(
    url: str,
    auth: httpx.Auth | None,
    timeout: httpx.Timeout,
    ca: str = "",
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """Return a connection to a centre whose certificate an authority (PEM; empty: those known here) has signed.

    A redirection is not followed, so that no request goes anywhere else. Raises BadAddress for a centre to which
    anybody could listen, and BadAuthority.
    """
    if transport is not None:
        return httpx.Client(base_url=url, auth=auth, timeout=timeout, transport=transport)
    plain = check_address(url).startswith("http:")
    # what stays on this machine goes through nobody's proxy, and meets no certificate: to read all authorities that are
    # known here takes 50 ms
    trusted = False if plain else _trusting(ca)
    return httpx.Client(base_url=url, auth=auth, timeout=timeout, verify=trusted, trust_env=not plain)


@lru_cache(maxsize=4)
def _trusting(ca: str) -> ssl.SSLContext:
    """Return what trusts one authority and no other, or those known here (empty); TLS 1.2 or later."""
    try:
        context = ssl.create_default_context(cadata=ca) if ca else httpx.create_ssl_context()
    except (ssl.SSLError, ValueError) as error:
        raise BadAuthority(f"the certificate of the centre's authority can't be read: {error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
