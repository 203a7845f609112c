"""A key that only another key opens (AES-256-GCM), bound to what is said beside it."""

from __future__ import annotations

KEY_BYTES = 32
NONCE_BYTES = 12


class WrongKey(Exception):
    """A wrapped key isn't opened by this key, or what is said beside it was changed."""


def wrap(key: bytes, by: bytes, nonce: bytes, beside: bytes = b"") -> bytes:
    """Return a 32-byte key wrapped by another one; `beside` is readable and can't be changed. A nonce is used once."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(key) != KEY_BYTES or len(by) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("a key has 32 bytes and a nonce 12")
    return AESGCM(by).encrypt(nonce, key, beside)


def unwrap(wrapped: bytes, by: bytes, nonce: bytes, beside: bytes = b"") -> bytes:
    """Return the key inside; raises WrongKey."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(by) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise WrongKey("not a key")
    try:
        key = AESGCM(by).decrypt(nonce, wrapped, beside)
    except (InvalidTag, ValueError) as error:
        raise WrongKey("the key doesn't open this") from error
    if len(key) != KEY_BYTES:
        raise WrongKey("what is inside is no key")
    return key
