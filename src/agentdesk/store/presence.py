"""Who is in which ticket or promise now: lossy, in small files beside the site's own, never in a log.

Each desk writes one file, `presence/<key>.json`, while it has a document open; who syncs writes what the centre says
about other sites into `presence/elsewhere.json`. What is older than a few seconds doesn't count, so a desk that dies
leaves nothing behind that matters. The precious file is never written for it, and no error here stops anybody.

Files whose key begins with `near-` are for the desks of this site alone: the centre hears nothing of them. Who asks a
superior for help writes one, and so does a superior's desk, with what it answers.

Where the site's files are encrypted these are, too (AES-256-GCM, bound to the file's name), with a key made of the same
one: whoever opens the site says so here (`protect`), as these are read and written without it.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agentdesk.domain.documents import Key
from agentdesk.domain.language.forms import json_of
from agentdesk.domain.language.text import clean
from agentdesk.store.small_files import write_whole

FOLDER = "presence"
ELSEWHERE = "elsewhere"
NEAR = "near-"

STALE_MS = 15_000
"""How long a word counts that isn't said again, ms."""

SAY_MS = 5_000
"""How often a desk says again where it is, ms."""

MOST_BYTES = 30_000

NONCE_BYTES = 12

MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody in a document: who, at which site (empty: this one), and whether he is writing in it."""

    scope: str
    id: str
    agent: str
    name: str
    writing: bool = False
    site: str = ""
    words: str = ""
    """What he asks or answers; only near."""

    @property
    def key(self) -> Key:
        return Key(self.scope, self.id)


class Presence:
    """What one desk says, and what it hears of others."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder / FOLDER
        self._file = self._folder / f"{key}.json"

    def say(self, present: Present | None, at: int) -> None:
        """Say where this desk is at an instant of the wall clock, ms; None: nowhere."""
        self.say_all(() if present is None else (present,), at)

    def say_all(self, found: tuple[Present, ...], at: int) -> None:
        """Say several things at once; nothing: this desk is nowhere."""
        if found:
            _write(self._file, at, found)
            return
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def others(self, about: Key, at: int) -> tuple[Present, ...]:
        """Return who else is in a document, by name."""
        found = []
        for path in _files(self._folder):
            if path != self._file and not path.stem.startswith(NEAR):
                found += [one for one in _read(path, at) if one.key == about]
        return tuple(sorted(found, key=lambda one: (one.site, one.name)))


def here(folder: Path, at: int) -> tuple[Present, ...]:
    """Return where the desks of a site are: what the centre is told."""
    found: list[Present] = []
    for path in _files(folder / FOLDER):
        if path.stem != ELSEWHERE and not path.stem.startswith(NEAR):
            found += _read(path, at)
    return tuple(found)


def near(folder: Path, kind: str, at: int) -> tuple[Present, ...]:
    """Return what the desks of this site say to each other under a kind of key, by name."""
    found: list[Present] = []
    for path in _files(folder / FOLDER):
        if path.stem.startswith(f"{NEAR}{kind}-"):
            found += _read(path, at)
    return tuple(sorted(found, key=lambda one: (one.name, one.agent, one.id)))


def elsewhere(folder: Path, others: Iterable[Present], at: int) -> None:
    """Keep what the centre says about the desks of other sites."""
    _write(folder / FOLDER / f"{ELSEWHERE}.json", at, tuple(others))


def mark(folder: Path) -> int:
    """Return a figure that changes when somebody comes or goes: cheap to ask for."""
    try:
        return (folder / FOLDER).stat().st_mtime_ns
    except OSError:
        return 0


_keys: dict[Path, bytes] = {}


def protect(folder: Path, key: bytes | None) -> None:
    """Have what is said in a site's folder encrypted from now on, or not, as its other files are."""
    if key is None:
        _keys.pop(folder, None)
    else:
        _keys[folder] = hmac.digest(key, b"presence", "sha256")


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.json"))
    except OSError:
        return []


def _write(path: Path, at: int, found: tuple[Present, ...]) -> None:
    content = json.dumps({"at": at, "present": [asdict(one) for one in found]}, ensure_ascii=False)
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, _sealed(path, content))


def _read(path: Path, at: int) -> list[Present]:
    """Return what a file says; nothing where it is old, cut off, or somebody else's."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        with path.open("rb") as file:
            content: Any = json_of(_opened(path, file.read(MOST_BYTES)))
        if abs(at - int(content["at"])) <= STALE_MS:
            return [
                Present(
                    *(str(one["scope"]), str(one["id"]), str(one["agent"]), clean(str(one["name"]), 80)),
                    *(bool(one.get("writing")), clean(str(one.get("site") or ""), 80)),
                    clean(str(one.get("words") or ""), MOST_WORDS),
                )
                for one in content["present"]
            ]
    return []


def _sealed(path: Path, content: str) -> str:
    key = _keys.get(path.parent.parent)
    if key is None:
        return content
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # takes a while to import

    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, content.encode(errors="replace"), path.name.encode())
    return base64.b64encode(nonce + sealed).decode()


def _opened(path: Path, content: bytes) -> bytes:
    """Return what was written into a file; raises ValueError where it wasn't encrypted so."""
    key = _keys.get(path.parent.parent)
    if key is None:
        return content
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = base64.b64decode(content, validate=True)
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], path.name.encode())
    except InvalidTag:
        raise ValueError("not encrypted with this site's key") from None
