"""The manager interface on the wire: `Key: value` lines, an empty line between messages; pure.

The other end is trusted with calls, not with memory: lines, fields and messages are bounded, and what doesn't
parse is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LINE_BYTES = 8 * 1024
"""Longer lines are cut, such as a caller's name of a megabyte."""

FIELDS = 200
"""Further fields of one message are dropped."""

VALUE_CHARS = 512
"""Longest value that is sent; the switch itself reads lines of 1,024 bytes."""

GREETING = b"Asterisk Call Manager/"

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Message:
    """One event or response: its fields by lower-case key. Of a repeated key the first value counts."""

    fields: Mapping[str, str]

    def get(self, key: str) -> str:
        """The value of a field (key in lower case), empty when there is none."""
        return self.fields.get(key, "")

    @property
    def event(self) -> str:
        """The event's name, empty for a response."""
        return self.get("event")

    @property
    def ok(self) -> bool:
        """Whether this is a response that says yes."""
        return self.get("response").lower() in {"success", "goodbye", "follows"}


class Parser:
    """Bytes in, messages out, wherever the bytes are cut; takes CRLF and LF, and replaces what isn't UTF-8."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._fields: dict[str, str] = {}

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete. The switch's greeting is a message with the key `greeting`."""
        messages: list[Message] = []
        first, *rest = data.split(b"\n")
        self._take(first)
        for piece in rest:
            self._end_line(messages)
            self._take(piece)
        return messages

    def _take(self, piece: bytes) -> None:
        self._line += piece[: LINE_BYTES - len(self._line)]

    def _end_line(self, messages: list[Message]) -> None:
        line = bytes(self._line).rstrip(b"\r")
        self._line.clear()
        if not line:
            if self._fields:
                messages.append(Message(self._fields))
                self._fields = {}
        elif line.startswith(GREETING) and not self._fields:
            messages.append(Message({"greeting": _text(line)}))
        else:
            key, colon, value = line.partition(b":")
            if colon and len(self._fields) < FIELDS:
                self._fields.setdefault(_text(key).lower(), _text(value))


def encode(action: str, fields: Iterable[tuple[str, str]], action_id: str) -> bytes:
    """An action in bytes. No value can end its line: control characters become spaces."""
    lines = [f"Action: {action}", f"ActionID: {action_id}"]
    for key, value in fields:
        if _KEY.fullmatch(key) is None:
            raise ValueError(f"no field of an action: {key!r}")
        lines.append(f"{key}: {harmless(value)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def harmless(value: str) -> str:
    """A value without line ends or other control characters, cut to `VALUE_CHARS`."""
    return "".join(c if c.isprintable() else " " for c in value[:VALUE_CHARS]).strip()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").strip()
