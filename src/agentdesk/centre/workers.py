"""Several processes that serve one centre on one socket, over a database on a server.

The first process only watches: one that dies is started again, and all end with it, in whatever way it ends: each has
a pipe as its standard input that nobody else holds. What they are to do comes over that pipe, as a database's URL may
have a password in it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from agentdesk.centre.guard import Face
from agentdesk.centre.logs import log_to_stderr
from agentdesk.centre.own_key import open_signed
from agentdesk.centre.service import Centre
from agentdesk.centre.serving import ServeError, say_ready, serve_on
from agentdesk.centre.storage.contract import StorageError
from agentdesk.centre.tls import BadCertificate, Tls

log = logging.getLogger("agentdesk.centre")

LOOK_S = 0.1
"""How often it is looked whether all live."""
AGAIN_S = 1.0
"""How long a process that died is left alone before the next one takes its place."""
STOP_S = 12.0
"""How long one that was told to end may take."""


class Worker:
    """One serving process, and whether it takes requests yet."""

    def __init__(self, listening: socket.socket, task: str) -> None:
        self.ready = threading.Event()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            # -P: what lies in the folder that somebody happens to be in is not the program
            [sys.executable, "-P", "-m", "agentdesk.centre.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            pass_fds=[listening.fileno()],
            # what a terminal sends to all its processes is the first one's to pass on
            start_new_session=True,
        )
        assert self.process.stdin is not None  # it is a pipe
        # one that is killed before it was told anything is replaced like any other
        with suppress(BrokenPipeError):
            self.process.stdin.write(task + "\n")
            self.process.stdin.flush()
        threading.Thread(target=self._listen, name="worker", daemon=True).start()

    def end(self) -> None:
        """Tell it to end."""
        assert self.process.stdin is not None
        # what it was never told is still waiting to be written
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def wait(self, until: float) -> None:
        """Wait for its end, and make one at last."""
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                if line.startswith("centre ready"):
                    self.ready.set()


class Workers:
    """The process that watches; raises ServeError and StorageError."""

    def __init__(
        self,
        listening: socket.socket,
        url: str,
        database_url: str,
        key: Path | None,
        count: int,
        ready_file: Path | None,
        face: Face | None = None,
        tls: Tls | None = None,
    ) -> None:
        self._listening = listening
        self._url = url
        self._database_url = database_url
        self._key = key
        self._count = count
        self._ready_file = ready_file
        self._face = face or Face()
        self._tls = tls
        self._stopping = threading.Event()
        self._workers: list[Worker] = []

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        handlers = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        if self._tls is not None:
            handlers[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._renew)
        try:
            self._set_up()
            self._listening.listen(2048)
            self._workers = [self._start() for _ in range(self._count)]
            self._watch()
        finally:
            until = time.monotonic() + STOP_S
            for worker in self._workers:
                worker.end()
            for worker in self._workers:
                worker.wait(until)
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _set_up(self) -> None:
        """Bring the database up, and see that the key is the right one, once for all."""
        database = open_signed(self._database_url, self._key)
        try:
            Centre(database).start()
        finally:
            database.close()

    def _start(self) -> Worker:
        task = {"socket": self._listening.fileno(), "database": self._database_url, "face": asdict(self._face)}
        if self._key is not None:
            task["key"] = str(self._key)
        if self._tls is not None:
            task["tls"] = [str(self._tls.certificate), str(self._tls.key)]
        return Worker(self._listening, json.dumps(task))

    def _watch(self) -> None:
        said = False
        while not self._stopping.wait(LOOK_S):
            if not said and all(worker.ready.is_set() for worker in self._workers):
                say_ready(self._url, self._ready_file)
                said = True
            for number, worker in enumerate(self._workers):
                if worker.process.poll() is None:
                    continue
                if not said:
                    raise ServeError("a serving process ended before it was ready: its words are above")
                if time.monotonic() - worker.began > AGAIN_S:
                    log.error("worker ended", extra={"code": worker.process.returncode})
                    worker.end()
                    self._workers[number] = self._start()

    def _renew(self, _number: int, _frame: FrameType | None) -> None:
        """Have each process read the certificate again; one that isn't ready yet reads it anyway."""
        for worker in self._workers:
            if worker.ready.is_set() and worker.process.poll() is None:
                worker.process.send_signal(signal.SIGHUP)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _end_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """Serve as one of several processes: the task comes as a line of JSON over standard input."""
    task = json.loads(sys.stdin.buffer.readline())
    log_to_stderr()
    threading.Thread(target=_end_with_stdin, name="starter", daemon=True).start()
    try:
        with socket.socket(fileno=task["socket"]) as listening:
            face = Face(task["face"]["docs"], tuple(task["face"]["hosts"]), task["face"]["proxied"])
            tls = Tls(*map(Path, task["tls"])) if "tls" in task else None
            serve_on(listening, task["database"], Path(task["key"]) if "key" in task else None, face=face, tls=tls)
    except (StorageError, BadCertificate) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
