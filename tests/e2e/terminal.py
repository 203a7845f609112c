"""A real terminal of a given size that runs a program: type keys, read the screen as a person would."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte


class Terminal:
    """A program in a pseudo-terminal, with the screen that its output draws."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        lines: int = 24,
        environment: Mapping[str, str] | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TEXTUAL", "COV"))}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**kept, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **(environment or {})},
            start_new_session=True,
            close_fds=True,
            preexec_fn=prepare,  # noqa: PLW1509 - no thread of the tests holds a lock here
        )
        os.close(slave)
        self._master = master

    def type(self, keys: str) -> None:
        """Send keys as a keyboard would."""
        os.write(self._master, keys.encode())

    def read(self, seconds: float = 0.05) -> None:
        """Take in what the program has drawn by now, waiting at most so long for more."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self._master], [], [], left)
            if not ready:
                return
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            if not data:
                return
            self.raw += data
            self._stream.feed(data)

    def text(self) -> str:
        """Return the screen as lines of text; a wide character stands once."""
        # pyte leaves an empty cell behind a wide character
        return "\n".join(
            "".join(self._screen.buffer[y][x].data for x in range(self._screen.columns)).rstrip()
            for y in range(self._screen.lines)
        )

    def wait_for(self, *texts: str, seconds: float = 90.0) -> str:
        """Wait until the screen shows all the texts, and return it; fails with the screen when it doesn't."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read(0.1)
            shown = self.text()
            if all(text in shown for text in texts):
                return shown
            if self.process.poll() is not None:
                self.read(0.2)
                break
        raise AssertionError(f"the screen never showed {texts}; it shows:\n{self.text()}")

    def kill(self) -> None:
        """End the program the hard way, as a power cut would, and let go of the terminal."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """End the program whatever state it is in, and close the terminal."""
        self.kill()
        with contextlib.suppress(OSError):
            os.close(self._master)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
