"""A line between site and centre that can be cut, or lose the answer to what it carried."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class BadLine:
    """A TCP relay on a port of its own; `lose_answers` drops that many answers after the centre gave them.

    An answer is dropped when its first bytes arrive: the request has then been carried out, and the connection ends
    without a word to the site. With `cut_streams` no stream of news stands for long; `sever` ends all that is open.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lose_answers = 0
        self.lost = 0
        self.cut = False
        self.cut_streams = False
        self.streams = 0
        self._open: set[socket.socket] = set()
        self._listening: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.close()

    def sever(self) -> None:
        """End every connection that is open now."""
        with self._lock:
            ends = list(self._open)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def is_open(self) -> bool:
        """Tell whether any stream of news goes through it."""
        with self._lock:
            return bool(self._listening)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._relay, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._relay, args=(far, near, True), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if self.cut or (answers and self._loses()):
                    break
                sink.sendall(data)
                if not answers and data.startswith(b"GET /v1/live"):
                    self.streams += 1
                    self._listening.add(source)
                    if self.cut_streams:
                        threading.Timer(0.2, self._end, (source, sink)).start()
        self._end(source, sink)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with self._lock:
            self._open.difference_update(ends)
            self._listening.difference_update(ends)

    def _loses(self) -> bool:
        with self._lock:
            if self.lose_answers <= 0:
                return False
            self.lose_answers -= 1
            self.lost += 1
            return True


class NarrowLine(BadLine):
    """A line that gives a prepared snapshot slowly, breaks off in it, or spoils a byte of it.

    `rate` is bytes a second, 0 for no limit. `breaks` and `spoils` are numbers of bytes into an answer that carries
    a piece of a snapshot; each happens once. `carried` counts the bytes of such answers.
    """

    def __init__(self, port: int) -> None:
        self.rate = 0
        self.breaks: list[int] = []
        self.spoils: list[int] = []
        self.carried = 0
        super().__init__(port)

    def _relay(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        if not answers:
            super()._relay(source, sink, answers)
            return
        inside = -1
        with contextlib.suppress(OSError):
            while data := source.recv(4_096):
                if self.cut:
                    break
                head = data.rfind(b"application/octet-stream")
                if head >= 0:
                    inside = 0
                elif inside >= 0:
                    inside += len(data)
                    self.carried += len(data)
                    if self.breaks and inside >= self.breaks[0]:
                        self.breaks.pop(0)
                        break
                    if self.spoils and inside >= self.spoils[0]:
                        self.spoils.pop(0)
                        data = data[:-1] + bytes([data[-1] ^ 0x10])
                sink.sendall(data)
                if self.rate and inside >= 0:
                    time.sleep(len(data) / self.rate)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
