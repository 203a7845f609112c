"""What a demo's staff signs in with: made of the world's seed, so that no two worlds share any; shown to who looks.

Nothing here is secret, as nothing in such a world is real.
"""

from __future__ import annotations

from hashlib import blake2b

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read wrong."""

PIN_DIGITS = 6


def password_of(seed: int, agent: str) -> str:
    """Return an agent's password, such as `k7mq-3xwd`."""
    value = _value(seed, agent, "password")
    letters = []
    for _ in range(8):
        value, place = divmod(value, len(LETTERS))
        letters.append(LETTERS[place])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def pin_of(seed: int, agent: str) -> str:
    """Return a superior's PIN: six digits, neither a run nor the same again and again."""
    from agentdesk.trust.passwords import BadPassword, checked_pin

    turn = 0
    while True:
        pin = f"{_value(seed, agent, f'pin {turn}') % 10**PIN_DIGITS:0{PIN_DIGITS}}"
        try:
            return checked_pin(pin, PIN_DIGITS)
        except BadPassword:
            turn += 1


def _value(seed: int, agent: str, what: str) -> int:
    return int.from_bytes(blake2b(f"{seed}/{agent}/{what}".encode(), digest_size=16).digest(), "big")
