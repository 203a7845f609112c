"""A program in a pseudo-terminal, timed from the key to the last byte that it drew for it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

DOWN, UP, ESCAPE = "\x1b[B", "\x1b[A", "\x1b"
LIMIT_S = 60.0
QUIET_S = 0.06
"""So long nothing is drawn any more: what a key brought about stands on the screen."""
WHERE, ANSWER = b"\x1b[6n", b"\x1b[1;2R"
"""A terminal that is asked where its cursor is answers at once; the desk asks once how wide some characters are."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a program drew: ms until the last byte of it, and how many bytes."""

    ms: float
    size: int


class Terminal:
    """A program in a terminal of 120 x 40; when the benchmark is stopped the terminal goes, and the program with it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        # it runs as it would on a user's machine, with compiled modules kept
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        self._name = " ".join(command[1:4])
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            close_fds=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - the bench has one thread
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    @property
    def pid(self) -> int:
        return self.process.pid

    def key(self, keys: str) -> Drawn:
        """Press keys and wait until what they brought about is drawn; raises RuntimeError where nothing is."""
        self.settle()
        begun = time.perf_counter()
        os.write(self._master, keys.encode())
        return self._burst(begun, keys)

    def until(self, mark: str, since: float) -> float:
        """Return the seconds from an instant of `perf_counter` until a text is drawn, in one piece."""
        seen, wanted = b"", mark.encode()
        while time.perf_counter() - since < LIMIT_S:
            seen += self._read(0.5)
            if wanted in seen:
                return time.perf_counter() - since
            if self.process.poll() is not None:
                break
        text = seen[-400:].decode(errors="replace")
        raise RuntimeError(f"{self._name} showed no {mark!r} within {LIMIT_S:.0f} s; it wrote: {text!r}")

    def settle(self, quiet_s: float = QUIET_S) -> None:
        """Wait until nothing is drawn any more."""
        until = time.perf_counter() + LIMIT_S
        while self._read(quiet_s) and time.perf_counter() < until:
            pass

    def _burst(self, begun: float, what: str) -> Drawn:
        last, size = 0.0, 0
        while time.perf_counter() - begun < LIMIT_S:
            data = self._read(QUIET_S if size else LIMIT_S)
            if not data:
                break
            last, size = time.perf_counter(), size + len(data)
        if not size:
            raise RuntimeError(f"{self._name} drew nothing after {what!r}")
        return Drawn((last - begun) * 1000, size)

    def _read(self, seconds: float) -> bytes:
        """Return what comes within so long, or nothing."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self._master, 65_536)
        except OSError:
            return b""
        if WHERE in data:
            os.write(self._master, ANSWER)
        return data
