"""The one comparison of secrets: how long it takes tells nothing about where they differ."""

from __future__ import annotations

import hmac


def same_secret(said: str | bytes, known: str | bytes) -> bool:
    """Tell whether what somebody said is a secret that is known here; total, whatever characters were said.

    Tokens, codes, seals, proofs, marks and PINs are compared by this and never by `==`, which ends at the first
    character that differs. Only their lengths can be told from the time.
    """
    return hmac.compare_digest(_bytes(said), _bytes(known))


def _bytes(text: str | bytes) -> bytes:
    # half a character is part of no secret, but what is said may hold one
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
