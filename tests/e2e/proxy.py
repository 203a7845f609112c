"""A line between site and centre that can be cut, or lose the answer to what it carried."""

from __future__ import annotations

import contextlib
import socket
import threading


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
