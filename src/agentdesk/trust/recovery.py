"""A site's data key, sealed for the centre: what opens a vault when nobody is left who knows a password of it.

The centre derives a key pair (X25519) from its secret and gives out the public half. A site seals its data key with
that and keeps it in its vault; only who has the centre's secret and the vault opens it, and neither ever goes to the
other over the line. The form is that of HPKE's base mode in one suite: an ephemeral key, HKDF-SHA256 over the agreement
and both public keys, AES-256-GCM under a key that is used once.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from agentdesk.trust.wrapping import KEY_BYTES, NONCE_BYTES, WrongKey, unwrap, wrap

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

_PAIR = b"agentdesk recovery pair"
_SEAL = b"agentdesk recovery seal"
_ABOUT = b"agentdesk vault centre"


def public_half(secret: bytes) -> bytes:
    """Return the public key, 32 bytes, with which sites seal for the centre that has this secret."""
    return _private(_derived(secret, b"", _PAIR)).public_key().public_bytes_raw()


def mark_of(public: bytes) -> str:
    """Return what people compare a public key by at both ends: 64 bits of its hash."""
    return blake2b(public, digest_size=8).hexdigest()


def seal(key: bytes, public: bytes, ephemeral: bytes) -> bytes:
    """Return a data key sealed for a public key; `ephemeral` are 32 random bytes, used once. Raises WrongKey."""
    mine = _private(ephemeral)
    own = mine.public_key().public_bytes_raw()
    return own + wrap(key, _agreed(mine, public, own, public), bytes(NONCE_BYTES), _ABOUT)


def unseal(sealed: bytes, secret: bytes) -> bytes:
    """Return the data key that was sealed for the centre with this secret; raises WrongKey."""
    mine = _private(_derived(secret, b"", _PAIR))
    theirs = sealed[:KEY_BYTES]
    return unwrap(
        sealed[KEY_BYTES:],
        _agreed(mine, theirs, theirs, mine.public_key().public_bytes_raw()),
        bytes(NONCE_BYTES),
        _ABOUT,
    )


def _agreed(mine: X25519PrivateKey, theirs: bytes, ephemeral: bytes, public: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    except ValueError as error:
        raise WrongKey("not a public key") from error
    return _derived(shared, ephemeral + public, _SEAL)


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt, info).derive(secret)


def _private(raw: bytes) -> X25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(raw)
