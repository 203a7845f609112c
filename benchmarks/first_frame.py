"""The first useful frame of the desk in a real terminal, against an empty Textual application's.

Both run in a pseudo-terminal; the clock starts with the process and stops when the frame has been written: for the
desk the status line and open work, with the keys live.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from statistics import median

from benchmarks.measure import Figure
from benchmarks.world import AGENT, make_site

ROUNDS = 7
CUSTOMERS = 10_000
MARK = b"my open work"
EMPTY = Path(__file__).with_name("empty_app.py")
EMPTY_MARK = b"EMPTY-APP-READY"
LIMIT_S = 30.0
WHERE, ANSWER = b"\x1b[6n", b"\x1b[1;2R"
"""A terminal that is asked where its cursor is answers at once; the desk asks once how wide some characters are."""


def run(folder: Path) -> list[Figure]:
    """Measure both in turn; the aim is 1.3 x the empty application."""
    data = folder / "site"
    make_site(data, CUSTOMERS).close()
    ours = [sys.executable, "-m", "agentdesk", "desk", "--data", str(data), "--agent", AGENT, "--language", "en"]
    bare = [sys.executable, str(EMPTY)]
    pairs = [(_frame(ours, MARK), _frame(bare, EMPTY_MARK)) for _ in range(ROUNDS + 1)][1:]
    desk, empty = median(a for a, _ in pairs), median(b for _, b in pairs)
    ratio = median(a / b for a, b in pairs)
    return [Figure("first useful frame", desk * 1000, "ms", empty * 1000, ratio, "≤ 1.3 x")]


def _frame(command: list[str], mark: bytes) -> float:
    """Start a program in a terminal of 120 x 40 and return the seconds until its output holds a mark."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    # both run as they would on a user's machine, with compiled modules kept
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
        close_fds=True,
        # its own terminal: when the bench is stopped, the terminal goes and the program with it
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - the bench has one thread
    )
    os.close(slave)
    seen = b""
    try:
        while time.perf_counter() - begun < LIMIT_S:
            ready, _, _ = select.select([master], [], [], 0.5)
            if not ready:
                continue
            try:
                drawn = os.read(master, 65_536)
            except OSError:
                break
            if WHERE in drawn:
                os.write(master, ANSWER)
            seen += drawn
            if mark in seen:
                return time.perf_counter() - begun
        text = seen[-400:].decode(errors="replace")
        raise RuntimeError(f"{command[1]} showed no {mark.decode()} within {LIMIT_S:.0f} s; it wrote: {text!r}")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(master)
