"""Programs that are measured from outside: started, waited for, their CPU time read, and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from agentdesk.centre.storage.opening import KEY, is_postgresql

START_S = 120.0
END_S = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A program in a process of its own that writes `{"url": …}` to a file once it takes requests."""

    def __init__(self, folder: Path, name: str, command: Sequence[str], cwd: Path | None = None) -> None:
        self._ready = folder / f"{name}.ready"
        self._log = folder / f"{name}.log"
        self._ready.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--ready-file", str(self._ready)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=cwd,
            )
        try:
            self.url = self._wait()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu(self) -> float:
        """Return the CPU seconds that the program and what it started have used."""
        return cpu_of(self.pid)

    def stop(self) -> None:
        """End the program in order, or without where it doesn't."""
        self.process.terminate()
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _wait(self) -> str:
        until = time.monotonic() + START_S
        while True:
            with suppress(OSError, ValueError, KeyError):
                url: str = json.loads(self._ready.read_text())["url"]
                return url
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self._log.name} didn't start: {self._log.read_text(errors='replace')[-800:]}")
            time.sleep(0.02)


def centre(folder: Path, database: str, *more: str, name: str = "centre") -> Server:
    """Start `agentdesk serve` over a database; the centre's secret lies in the folder, as `make_world` has it."""
    keys = ["--key-file", str(folder / KEY)] if is_postgresql(database) else []
    command = [sys.executable, "-m", "agentdesk", "serve", "--database", database, "--port", "0", "--while-stdin"]
    return Server(folder, name, [*command, *keys, *more], cwd=folder)


def module(folder: Path, name: str, *arguments: str) -> Server:
    """Start one of the benchmarks' own programs."""
    return Server(folder, name, [sys.executable, "-m", f"benchmarks.{name}", *arguments])


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process with all its threads and children, also those that have ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total = (int(fields[13]) + int(fields[14])) / _TICKS  # children that have ended
        total += max((int(fields[11]) + int(fields[12])) / _TICKS, _exact(pid))
        return total + sum(map(cpu_of, _children(pid)))
    return 0.0


def _exact(pid: int) -> float:
    """Return the CPU seconds of the threads that run now: finer than a tick, where the system says."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError, ValueError, IndexError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found
