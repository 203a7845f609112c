"""Requests that bear their site's signature: Ed25519 over a part of RFC 9421, with digests as in RFC 9530.

What is signed is a text of one form, so that there is one way only to write a request down: a line for each component
in the order of `COVERED`, of those that the request has, and the parameters. Both sides make it from what they see;
whoever changed method, path, query, body or one of those headers on the way, or took one out, made another text.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from agentdesk.domain.comparing import same_secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

WINDOW_S = 300
"""How far the moment of signing may be from the one of checking, seconds."""

KEY_BYTES = 32
PUBLIC_KEY = r"[A-Za-z0-9_-]{43}"
"""What a public key looks like as text."""

TIME_HEADER = "agentdesk-time"
"""With which a centre says what time it is (ms, UTC) to one that signed at another time."""

COVERED = (
    "@method",
    "@path",
    "@query",
    "authorization",
    "content-digest",
    "content-encoding",
    "if-range",
    "range",
)
"""What a signature covers, of what a request has; its method, path and query always."""

_LABEL = "site"
_STAMP = re.compile(
    rf'site=\([a-z@" -]{{0,200}}\);created=([0-9]{{1,12}});nonce="([A-Za-z0-9_-]{{8,64}})";'
    rf'keyid="({PUBLIC_KEY})";alg="ed25519"',
    re.ASCII,
)
_SIGNATURE = re.compile(r"site=:([A-Za-z0-9+/]{85}[AQgw]==):", re.ASCII)
"""64 bytes, written in the one way: the last character has but two bits of them."""
_PROOF = "agentdesk: this site's next key"


class BadSignature(ValueError):
    """A request isn't signed, or not as it came; says nothing about what was expected."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is on the wire: `path` and `query` are escaped, `headers` are named in small letters."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a request was signed (seconds, UTC, by the centre's clock), for which only time, and with which key."""

    created: int
    nonce: str
    key: str


@lru_cache(maxsize=64)
def public_key(private: bytes) -> str:
    """Return the public key of a private one of 32 random bytes, as text."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    raw = _private(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return urlsafe_b64encode(raw).decode().rstrip("=")


def is_key(text: str) -> bool:
    """Tell whether a text is a public key, written in the one way."""
    if re.fullmatch(PUBLIC_KEY, text, re.ASCII) is None:
        return False
    return urlsafe_b64encode(urlsafe_b64decode(text + "=")).decode().rstrip("=") == text


def content_digest(body: bytes) -> str:
    """Return the header that tells the digest of a body as it is sent."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def is_content(header: str, body: bytes) -> bool:
    """Tell whether a body is the one of a digest."""
    return same_secret(header, content_digest(body))


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of a request that a signature covers or is made of; one that came twice has both values."""
    found: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name = raw_name.decode("latin-1").lower()
        if name in _READ:
            value = raw_value.decode("latin-1").strip(" \t")
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


_READ = frozenset({*COVERED, "signature", "signature-input"})


def sign(asked: Asked, private: bytes, stamp: Stamp) -> dict[str, str]:
    """Return the headers to add to a request; `stamp.key` is the public key of the private one."""
    parameters = _parameters(asked, stamp)
    signature = _private(private).sign(_base(asked, parameters))
    return {
        "signature-input": f"{_LABEL}={parameters}",
        "signature": f"{_LABEL}=:{b64encode(signature).decode()}:",
    }


def stamp_of(asked: Asked) -> Stamp:
    """Return what a request says about its signature, which is still to be checked; raises BadSignature."""
    given = asked.headers.get("signature-input", "")
    found = _STAMP.fullmatch(given)
    if found is None:
        raise BadSignature("the request is not signed by a site")
    return Stamp(int(found[1]), found[2], found[3])


def check(asked: Asked, key: str) -> Stamp:
    """Return when and for which time a request was signed with a key; raises BadSignature."""
    from cryptography.exceptions import InvalidSignature

    stamp = stamp_of(asked)
    parameters = _parameters(asked, stamp)
    signature = _SIGNATURE.fullmatch(asked.headers.get("signature", ""))
    # one text only is the right one, also for what is covered
    exact = asked.headers.get("signature-input", "") == f"{_LABEL}={parameters}"
    if signature is None or not exact or not same_secret(stamp.key, key):
        raise BadSignature("the request is not signed with this site's key, or was changed on the way")
    try:
        _public(key).verify(b64decode(signature[1]), _base(asked, parameters))
    except (InvalidSignature, ValueError):
        raise BadSignature("the request is not signed with this site's key, or was changed on the way") from None
    return stamp


def prove(private: bytes, site: str) -> str:
    """Return the proof that whoever names a site's next key has it."""
    signature = _private(private).sign(_proof(public_key(private), site))
    return urlsafe_b64encode(signature).decode().rstrip("=")


def is_proof(proof: str, key: str, site: str) -> bool:
    """Tell whether a proof is one for this key and this site."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public(key).verify(urlsafe_b64decode(proof + "=" * (-len(proof) % 4)), _proof(key, site))
    except (InvalidSignature, ValueError):
        return False
    return True


def _proof(key: str, site: str) -> bytes:
    return f"{_PROOF}\n{site}\n{key}".encode()


def _components(asked: Asked) -> list[tuple[str, str]]:
    derived = {"@method": asked.method, "@path": asked.path, "@query": f"?{asked.query}"}
    values = ((name, derived.get(name, asked.headers.get(name))) for name in COVERED)
    return [(name, value) for name, value in values if value is not None]


def _parameters(asked: Asked, stamp: Stamp) -> str:
    covered = " ".join(f'"{name}"' for name, _ in _components(asked))
    return f'({covered});created={stamp.created};nonce="{stamp.nonce}";keyid="{stamp.key}";alg="ed25519"'


def _base(asked: Asked, parameters: str) -> bytes:
    lines = [f'"{name}": {value}' for name, value in _components(asked)]
    return "\n".join((*lines, f'"@signature-params": {parameters}')).encode("latin-1")


@lru_cache(maxsize=64)
def _private(private: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private)


@lru_cache(maxsize=4096)
def _public(key: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(key + "="))
