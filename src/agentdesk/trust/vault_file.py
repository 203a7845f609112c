"""The file of a vault: what is in it, and how it is read and written so that a crash leaves the old or the new one."""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentdesk.domain.tries import NONE, Patience, Tries
from agentdesk.trust.passwords import Cost

FILE = "vault.json"
LOCK = "vault.lock"
VERSION = 1
_LARGEST = 4 << 20
_FURTHEST = 2**53


class VaultError(Exception):
    """A vault can't be read or written; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key, wrapped by what somebody knows (`cost` and `salt`) or has."""

    nonce: bytes
    key: bytes
    salt: bytes = b""
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One agent: the data key wrapped by his password, until when (ms UTC), since when, and his wrong tries.

    `tried` counts all tries that he ever made here; `known` is the latest instant that a sign-in here proved.
    """

    agent: str
    valid_until: int
    admitted_at: int
    wrapped: Wrapped
    tries: Tries = NONE
    tried: int = 0
    known: int = 0

    def beside(self) -> bytes:
        """Return what is bound to the wrapped key: nobody prolongs it or gives it to another agent."""
        return json.dumps(["agentdesk vault", VERSION, self.agent, self.valid_until, self.admitted_at]).encode()


@dataclass(frozen=True, slots=True)
class Content:
    """All that is in a vault; `mark` tells its data key from any other without telling anything about it."""

    mark: bytes
    patience: Patience = field(default_factory=Patience)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    machine: Wrapped | None = None
    centre: bytes = b""
    """The data key sealed for the centre (`trust.recovery`); empty where it wasn't."""
    sealed_for: bytes = b""
    """The centre's public key that it was sealed for; empty where that wasn't written down."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change a folder's vault; raises VaultError."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise VaultError(f"{folder / LOCK} can't be used ({error.strerror}): it has to be yours alone") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def load(folder: Path) -> Content | None:
    """Return what is in a folder's vault, None where there is none; raises VaultError."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VaultError(f"{path} can't be read ({error.strerror}): it has to be yours alone") from error
    try:
        if len(text) > _LARGEST:
            raise ValueError("too large")
        data = json.loads(text)
        if data["version"] > VERSION:
            raise VaultError(f"{path} was written by a newer program: use that one")
        patience = data["patience"]
        entries = [_entry(one) for one in data["entries"]]
        return Content(
            _bytes(data["mark"]),
            Patience(_int(patience["tries"]), tuple(_int(d) for d in patience["delays_ms"]), _int(patience["lock_ms"])),
            {entry.agent: entry for entry in entries},
            _wrapped(data["machine"]) if data["machine"] is not None else None,
            _bytes(data.get("centre", "")),
            _bytes(data.get("sealed_for", "")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise VaultError(f"{path} is damaged: put back a copy of it, or enrol again (docs/SECURITY.md)") from error


def save(folder: Path, content: Content) -> None:
    """Write a vault in one step, on disk before it returns; whoever calls has it `locked`. Raises VaultError."""
    path, part = folder / FILE, folder / f"{FILE}.part"
    data = {
        "version": VERSION,
        "mark": _text(content.mark),
        "patience": {
            "tries": content.patience.tries,
            "delays_ms": list(content.patience.delays_ms),
            "lock_ms": content.patience.lock_ms,
        },
        "machine": _wrapped_data(content.machine) if content.machine else None,
        "centre": _text(content.centre),
        "sealed_for": _text(content.sealed_for),
        "entries": [_entry_data(entry) for _, entry in sorted(content.entries.items())],
    }
    try:
        part.unlink(missing_ok=True)  # of a process that died here
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise VaultError(
            f"{path} can't be written ({error.strerror}): free some space or look at whose it is"
        ) from error


def _entry(data: Any) -> Entry:
    tries = data["tries"]
    wrapped = _wrapped(data["wrapped"])
    if wrapped.cost is None or not isinstance(data["agent"], str):
        raise ValueError("an entry without an agent or the cost of its key")
    return Entry(
        data["agent"],
        _int(data["valid_until"]),
        _int(data["admitted_at"]),
        wrapped,
        Tries(_int(tries["failures"]), _int(tries["at"]), _int(tries["until"])),
        _int(data["tried"]),
        _int(data["known"]),
    )


def _entry_data(entry: Entry) -> dict[str, Any]:
    return {
        "agent": entry.agent,
        "valid_until": entry.valid_until,
        "admitted_at": entry.admitted_at,
        "wrapped": _wrapped_data(entry.wrapped),
        "tries": {"failures": entry.tries.failures, "at": entry.tries.at, "until": entry.tries.until},
        "tried": entry.tried,
        "known": entry.known,
    }


def _wrapped(data: Any) -> Wrapped:
    cost = data["cost"]
    return Wrapped(
        _bytes(data["nonce"]),
        _bytes(data["key"]),
        _bytes(data["salt"]),
        Cost(_int(cost["passes"]), _int(cost["memory_kib"]), _int(cost["lanes"])) if cost is not None else None,
    )


def _wrapped_data(wrapped: Wrapped) -> dict[str, Any]:
    cost = wrapped.cost
    return {
        "nonce": _text(wrapped.nonce),
        "key": _text(wrapped.key),
        "salt": _text(wrapped.salt),
        "cost": {"passes": cost.passes, "memory_kib": cost.memory_kib, "lanes": cost.lanes} if cost else None,
    }


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _FURTHEST:
        raise ValueError("not a figure")
    return value


def _bytes(value: Any) -> bytes:
    return b64decode(value, validate=True)


def _text(value: bytes) -> str:
    return b64encode(value).decode("ascii")
