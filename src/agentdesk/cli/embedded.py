"""A centre in a process of its own, for as long as the process that started it lives.

The child's standard input is a pipe that only this process holds: when it ends, in whatever way, the pipe ends, and
the child with it (`agentdesk serve --while-stdin`). A child that breaks is started again on the same port.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from agentdesk.cli.errors import CommandError

HOST = "127.0.0.1"
READY_S = 60.0
STOP_S = 5.0
AGAIN_S = 1.0
"""How long a broken centre is left alone before it is started again."""

LOG = "centre.log"
NOTICES = "notices.jsonl"
"""Where the texts to customers go: nobody sends them on."""


def free_port(wanted: int | None = None) -> int:
    """Return a port of the loopback address that is free now: the wanted one, if it is."""
    for port in (wanted or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise CommandError("no port of this machine is free: end some programs and try again")


class EmbeddedCentre:
    """A centre over a database on a port of this machine; `start` returns at once, `wait` when it takes requests."""

    def __init__(self, database_url: str, port: int, folder: Path) -> None:
        self.url = f"http://{HOST}:{port}"
        self._log = folder / LOG
        # -P: what lies in the folder that somebody happens to be in is not the program
        self._command = [sys.executable, "-P", "-m", "agentdesk", "serve", "--database", database_url]
        self._command += ["--host", HOST, "--port", str(port), "--while-stdin"]
        self._command += ["--notices", str(folder / NOTICES)]
        # nothing in a demo is real, and the network says so in each of its proofs
        self._command += ["--provision", "simulated"]
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._failed = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="centre", daemon=True)

    @property
    def pid(self) -> int | None:
        """Return the process id of the centre that runs now."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Start the centre, and keep it running."""
        self._log.unlink(missing_ok=True)
        self._keeper.start()

    def wait(self, seconds: float = READY_S) -> None:
        """Wait until the centre takes requests; raises CommandError when it doesn't come up."""
        until = time.monotonic() + seconds
        while not self._ready.wait(0.05):
            if self._failed.is_set() or time.monotonic() > until:
                raise CommandError(f"the centre did not come up: {self._last_words()} (see {self._log})")

    def stop(self) -> None:
        """End the centre in order; returns when it has ended."""
        self._stopping.set()
        with self._lock:
            child = self._child
        if child is not None:
            if child.stdin is not None:
                child.stdin.close()  # the child's sign to end
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
        if self._keeper.is_alive():
            self._keeper.join(STOP_S)

    def _keep(self) -> None:
        """Run one child after the other until `stop`; one that never came up is not tried again."""
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                self._child = child = self._spawn()
            assert child.stdout is not None  # it is a pipe
            for line in child.stdout:
                if line.startswith("centre ready"):
                    self._ready.set()
            child.wait()
            _close(child)
            if not self._ready.is_set():
                self._failed.set()
                return
            if self._stopping.wait(AGAIN_S):
                return

    def _spawn(self) -> subprocess.Popen[str]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                # what the terminal sends to the desk's group of processes is not meant for the centre
                start_new_session=True,
            )

    def _last_words(self) -> str:
        try:
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it said nothing"


def _close(child: subprocess.Popen[str]) -> None:
    """Let go of the pipes to a child that has ended."""
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
