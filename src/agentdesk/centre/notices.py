"""Sending texts to customers through what the operator configures: a spool file, or a command.

The centre itself speaks to no SMS gateway. It hands each text over as one line of JSON with the document's id and the
try: a spool's line is on disk before it counts as sent, and is not written again when a server died in between; who
reads the spool, or the command, sees by the id what he has sent already. Without a sender texts stay queued.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from agentdesk.centre.timing import Prepare
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from agentdesk.domain.times.timers import Timer, draft_of
from agentdesk.domain.work.notices import FAILED

NOTICES = "AGENTDESK_NOTICES"
"""Names the environment variable that says where texts go."""

COMMAND_S = 20.0
"""How long a command may take for one text: less than a worker has for what it claimed."""

NOBODY_MS = 600_000
"""How long what nobody sends waits for another look."""

TAIL = 4_000_000
"""How much of a spool's end is looked through for what was written before a server died, bytes."""


class Sender(Protocol):
    """What takes texts; `name` is kept with each."""

    name: str

    def send(self, line: Mapping[str, Any], again: bool) -> str | None:
        """Take a text; returns what went wrong, or None. `again`: it may have been taken before."""


class Spool:
    """Appends a line for each text to a file, for another program to send."""

    def __init__(self, path: Path) -> None:
        self.name = "spool"
        self._path = path
        self._lock = threading.Lock()

    def send(self, line: Mapping[str, Any], again: bool) -> str | None:
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            with self._lock:
                if again and self._has(str(line["key"])):
                    return None
                self._append(text)
        except OSError as error:
            return f"{self._path.name}: {error.strerror or error}"
        return None

    def _append(self, text: bytes) -> None:
        new = not self._path.exists()
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            left = text
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)
        if new:
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _has(self, key: str) -> bool:
        """Tell whether a text is in the spool whole; half a line that a power cut left is ended here."""
        if not self._path.exists():
            return False
        with self._path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            tail = file.read()
            if tail and not tail.endswith(b"\n"):
                file.write(b"\n")
        mark = json.dumps(key, ensure_ascii=False).encode()
        return any(mark in line and _is_whole(line) for line in tail.split(b"\n"))


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


class Command:
    """Runs a command for each text, which reads it as a line of JSON; what it ends with but 0 is a failure."""

    def __init__(self, words: list[str]) -> None:
        self.name = Path(words[0]).name
        self._words = words

    def send(self, line: Mapping[str, Any], again: bool) -> str | None:
        text = json.dumps({**line, "again": again}, ensure_ascii=False) + "\n"
        try:
            done = subprocess.run(self._words, input=text.encode(), capture_output=True, timeout=COMMAND_S, check=False)
        except subprocess.TimeoutExpired:
            return f"{self.name} took longer than {COMMAND_S:.0f} s"
        except OSError as error:
            return f"{self.name}: {error.strerror or error}"
        if done.returncode == 0:
            return None
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return f"{self.name} ended with {done.returncode}" + (f": {said[-1][:200]}" if said else "")


def sender_of(setting: str | None) -> Sender | None:
    """Return the sender of a setting: `command:WORDS` runs one, anything else is a spool file; None for none."""
    if not setting:
        return None
    if setting.startswith("command:"):
        words = shlex.split(setting.removeprefix("command:"))
        return Command(words) if words else None
    return Spool(Path(setting))


def sending(sender: Sender | None, now: Callable[[], int]) -> Prepare:
    """Return what is done before a text's operation: it is handed over, and the operation says what came of it."""

    def prepare(document: Document, timer: Timer, tries: int) -> Draft | int:
        if sender is None:
            return now() + NOBODY_MS
        data = document.data
        line = {"key": f"{document.id} {timer.rung}", "id": document.id, "about": data.get("about"), "to": data["to"]}
        line |= {"text": data["text"], "at": data.get("at"), "try": (data.get("tries") or 0) + 1}
        problem = sender.send(line, tries > 1)
        if problem is None:
            return draft_of(document, timer, by=sender.name)
        return replace(draft_of(document, timer, problem=problem), kind=FAILED)

    return prepare
