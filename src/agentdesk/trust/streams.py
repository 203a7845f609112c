"""A long content encrypted in chunks, each bound to its place: it can be kept, cut off and fetched on in pieces.

AES-256-GCM under a key that is used for one content alone, so that the number of a chunk is all that its nonce needs;
a byte of the nonce says which chunk is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár).
Chunks that are left out, doubled, put elsewhere or taken from another content, and an end that isn't one, don't open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
CHUNK = 1 << 16
"""Bytes of content in each chunk but the last."""
TAG = 16
"""Bytes by which a chunk grows."""


class Forged(ValueError):
    """What came isn't what was encrypted, or not with this key."""


def sealed_size(size: int) -> int:
    """Return how many bytes a content of so many becomes."""
    return size + TAG * max(1, -(-size // CHUNK))


class Sealer:
    """Encrypts one content with a key that nothing else is encrypted with; `about` is bound to it."""

    def __init__(self, key: bytes, about: bytes) -> None:
        self._cipher = _cipher(key)
        self._about = about
        self._number = 0
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what some more content becomes."""
        rest = self._rest
        rest += data
        while len(rest) > CHUNK:  # one is kept back, as it may be the last
            chunk = bytes(rest[:CHUNK])
            del rest[:CHUNK]
            yield self._seal(chunk, last=False)

    def finish(self) -> bytes:
        """Return the last of it."""
        return self._seal(bytes(self._rest), last=True)

    def _seal(self, chunk: bytes, last: bool) -> bytes:
        nonce = _nonce(self._number, last)
        self._number += 1
        return self._cipher.encrypt(nonce, chunk, self._about)


class Opener:
    """Decrypts what became of one content, of exactly `size` bytes, as it comes."""

    def __init__(self, key: bytes, about: bytes, size: int) -> None:
        self._cipher = _cipher(key)
        self._about = about
        self._left = size
        self._number = 0
        self._rest = bytearray()

    @property
    def finished(self) -> bool:
        """Tell whether the last chunk was opened."""
        return self._number > 0 and not self._left

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what some more bytes open to; raises Forged."""
        rest = self._rest
        rest += data
        if len(rest) > self._left:
            raise Forged("there is more behind its end")
        while self._left:
            size = min(CHUNK + TAG, self._left)
            if len(rest) < size:
                return
            chunk = bytes(rest[:size])
            del rest[:size]
            self._left -= size
            yield self._open(chunk, last=not self._left)

    def _open(self, chunk: bytes, last: bool) -> bytes:
        from cryptography.exceptions import InvalidTag

        nonce = _nonce(self._number, last)
        self._number += 1
        try:
            return self._cipher.decrypt(nonce, chunk, self._about)
        except (InvalidTag, ValueError):
            raise Forged(f"its part {self._number} isn't what was encrypted") from None


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # takes a while to import

    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return AESGCM(key)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
