"""Passwords and PINs: argon2id, what may be one, and when a hash is made again.

Hashes are PHC texts, which carry their own parameters. What is typed is normalised (NFKC), so that the same
characters of another keyboard or input method are the same password.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from unicodedata import normalize

from agentdesk.domain.comparing import same_secret

SHORTEST = 8
LONGEST = 128
"""How many characters a password has; no rule says of which sort they are."""
LONGEST_PIN = 64
SALT_BYTES = 16
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: passes over so many KiB of memory, in so many lanes."""

    passes: int
    memory_kib: int
    lanes: int

    def __post_init__(self) -> None:
        fits = 1 <= self.passes <= 16 and 1 <= self.lanes <= 16 and 8 * self.lanes <= self.memory_kib <= 1 << 20
        if not fits:
            raise ValueError(
                f"argon2 can't be asked for {self.passes} passes, {self.memory_kib} KiB, {self.lanes} lanes"
            )


CHECKING = Cost(passes=2, memory_kib=19_456, lanes=1)
"""For hashes that a server checks (OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane)."""

SEALING = Cost(passes=3, memory_kib=65_536, lanes=4)
"""For what may be stolen with the disk that it is on (RFC 9106, second recommendation: 64 MiB, three passes)."""

_COMMONEST = """
00000000 01234567 09876543 0987654321 11111111 11112222 11223344 112233445566 12121212 12312312 123123123 12341234
12344321 123456123456 123456789a 12345678a 1234567a 1234567q 123456abc 1234abcd 1234qwer 123qweasd 123qwezxc 135792468
14725836 147258369 147852369 159357258 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20082008 20202020 52013141
5201314a 520520520 521521521 55555555 66666666 666888999 777777777 78787878 789456123 87654321 88888888 98765432
987654321 99999999 a1234567 a12345678 a123456789 a1b2c3d4 aa123456 aaaaaaaa abc12345 abc123456 abcd1234 abcdefgh
admin123 admin1234 admin888 administrator agentdesk aini1314 anhuianhui asd123456 asdasdasd asdf1234 asdfasdf asdfghjk
asdfghjkl baseball changeme changeme1 chinamobile chinatelecom chinaunicom dragon123 football football1 google123
guangdong hello123 helloworld huawei123 iloveyou iloveyou1 internet jiangsu123 kefu10000 kefu10010 kefu10086 kefu1234
kefu12345 kefu123456 letmein1 liantong10010 master123 michael1 mima1234 mima123456 monkey123 nihao123 nihao123456
p@ssw0rd p@ssword passw0rd password password1 password12 password123 princess q1w2e3r4 q1w2e3r4t5 qazwsx123 qazwsxedc
qq123456 qq123456789 qwe123456 qwer1234 qwerasdf qwerty12 qwerty123 qwertyui qwertyuiop root1234 rootroot shanghai
shanghai123 starwars sunshine superman supervisor telecom10000 test1234 testtest trustno1 unicom10010 wang1234
welcome1 welcome123 whatever wo123456 woaini123 woaini1314 woaini520 woaini521 wodemima xiaoming123 yuyuyuyu zaq12wsx
zhang123 zhongguo zhongguo1 zxc123456 zxcvbnm, zxcvbnm1 zxcvbnm123 zxcvbnma zzzzzzzz
"""

COMMONEST = frozenset(_COMMONEST.split())
"""Passwords that are tried first by everybody who guesses, of eight characters and more."""

_READ = 4 * LONGEST
"""So much of what was typed is read; normalised it may become shorter."""

_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class BadPassword(ValueError):
    """A new password or PIN can't be one; `code` says why for the screen, the message says it in English.

    `short`, `long` (with `limit`), `common`, `name`, `digits`, `unreadable`, `same`.
    """

    def __init__(self, code: str, message: str, limit: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.limit = limit


def checked(password: str, agent: str = "", name: str = "") -> str:
    """Return a new password as it is; raises BadPassword for one that is too short, too long or the commonest."""
    plain = _plain(password)
    if not plain.isprintable():
        raise BadPassword("unreadable", "the password has characters that nobody can type again: choose others")
    if len(plain) < SHORTEST:
        raise BadPassword("short", f"a password has at least {SHORTEST} characters", SHORTEST)
    if len(plain) > LONGEST or len(password) > _READ:
        raise BadPassword("long", f"a password has at most {LONGEST} characters", LONGEST)
    folded = plain.casefold()
    if folded in COMMONEST or _is_pattern(folded):
        raise BadPassword("common", "this is one of the first passwords that anybody tries: choose another")
    if folded.strip("0123456789") in {agent.casefold(), name.casefold()} - {""} or folded == agent.casefold():
        raise BadPassword("name", "a password isn't one's own name or number: choose another")
    return password


def checked_pin(pin: str, shortest: int) -> str:
    """Return a new PIN as it is; raises BadPassword when it isn't digits, too short or the first that is guessed."""
    plain = _plain(pin)
    if not (plain.isascii() and plain.isdigit()):
        raise BadPassword("digits", "a PIN is made of digits")
    if len(plain) < shortest:
        raise BadPassword("short", f"a PIN has at least {shortest} digits", shortest)
    if len(plain) > LONGEST_PIN:
        raise BadPassword("long", f"a PIN has at most {LONGEST_PIN} digits", LONGEST_PIN)
    half = len(plain) // 2
    doubled = len(plain) % 2 == 0 and len(set(plain)) <= 3 and plain[:half] == plain[half:]
    if _is_pattern(plain) or doubled:
        raise BadPassword("common", "this is one of the first PINs that anybody tries: choose another")
    return pin


def hashed(password: str, salt: bytes, cost: Cost = CHECKING) -> str:
    """Return the argon2id hash of a password as a PHC text."""
    from argon2.low_level import Type, hash_secret

    made = hash_secret(_bytes(password), salt, cost.passes, cost.memory_kib, cost.lanes, KEY_BYTES, Type.ID)
    return made.decode("ascii")


def verify(encoded: str, password: str) -> bool:
    """Tell whether a password is the one of a PHC text; how long it takes doesn't depend on the answer."""
    from argon2.exceptions import InvalidHashError, VerificationError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret(encoded.encode("ascii"), _bytes(password), Type.ID)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def is_outdated(encoded: str, cost: Cost = CHECKING) -> bool:
    """Tell whether a PHC text was made with other parameters than are wanted now: then it is made again."""
    from argon2 import extract_parameters
    from argon2.exceptions import InvalidHashError
    from argon2.low_level import ARGON2_VERSION, Type

    try:
        made = extract_parameters(encoded)
    except InvalidHashError:
        return True
    known = (made.type, made.version, made.hash_len, made.time_cost, made.memory_cost, made.parallelism)
    return known != (Type.ID, ARGON2_VERSION, KEY_BYTES, cost.passes, cost.memory_kib, cost.lanes)


def derive(password: str, salt: bytes, cost: Cost = SEALING) -> bytes:
    """Return the 32 bytes that a password and a salt make; a key for `wrapping`, or a root for `for_site`."""
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(_bytes(password), salt, cost.passes, cost.memory_kib, cost.lanes, KEY_BYTES, Type.ID)


def for_site(root: bytes, site: str) -> bytes:
    """Return what one site recognises a derived root by: another site's tells nothing about it, nor the root."""
    return hmac.digest(root, b"agentdesk verifier\0" + site.encode(), sha256)


def word_of(root: bytes, *about: str) -> str:
    """Return what only somebody who typed the PIN can say about something, hex: `for_site` alone doesn't make it."""
    said = "\0".join(("agentdesk word", *about)).encode()
    return hmac.digest(root, said, sha256).hex()


def same(one: bytes, other: bytes) -> bool:
    """Tell whether two secrets are the same, in a time that doesn't depend on where they differ."""
    return same_secret(one, other)


def _plain(password: str) -> str:
    return normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    # half a character can be no part of a password, but a wrong one may have it
    return _plain(password[:_READ]).encode("utf-8", "surrogatepass")


def _is_pattern(text: str) -> bool:
    """Tell whether a text is one character again and again, or a run along the alphabet, digits or a row of keys."""
    if len(set(text)) <= 2 and (len(set(text)) == 1 or text == text[:2] * (len(text) // 2) or len(text) >= 8):
        return True
    runs = (row + row[:-1] for row in _ROWS)
    return any(text in run or text in run[::-1] for run in (*runs, "0123456789" * 7))
