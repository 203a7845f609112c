"""The line between sites and centre: what is sent arrives late, twice, cut off, or not at all.

`Wire` is the transport of a site's own httpx client, so that requests and answers are bytes as they would be. The
process that asks waits as a fiber; the world goes on until an answer, a fault or its time-out wakes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

import httpx

from agentdesk.simulate.disks import Process
from agentdesk.simulate.server import Headers, Reply, Request, lowered

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Desk
    from agentdesk.simulate.world import World

CONNECT_MS = 5_000
READ_MS = 60_000
FILES = "/v1/snapshots/"
PARTIAL = 206
"""The status of a piece of a file."""

PIECE = 300
"""How many bytes of a file come at a time."""

TOGETHER_MS = 4
"""Requests that arrive within this time share a commit at the centre now and then."""


@dataclass(slots=True)
class Weather:
    """How bad the line is just now: probabilities for each request, latency in ms."""

    drop_request: float = 0.0
    drop_answer: float = 0.0
    duplicate: float = 0.0
    truncate_request: float = 0.0
    truncate_answer: float = 0.0
    refuse: float = 0.0
    """A proxy answers in the centre's place: 401, 403, 408, 413, 429, 500, 502, 503."""
    fail_after: float = 0.0
    """The centre does the work, and a 500 goes back."""
    slow: float = 0.0
    latency_ms: int = 20
    no_push: bool = False
    """Every push is refused by a proxy, while pulls go through."""
    down: bool = False


class Exchange:
    """One request on its way, and how it came out: an answer, or an exception for the one who asked."""

    __slots__ = ("done", "outcome", "process")

    def __init__(self, process: Process) -> None:
        self.process = process
        self.done = False
        self.outcome: Reply | Exception | None = None


class Network:
    """All lines of the world; each site has its own weather."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = Random(f"{world.seed}/network")
        self.weather: dict[str, Weather] = {}
        self._arrived: list[tuple[Desk, Request, Exchange | None, Weather]] = []

    def of(self, site: str) -> Weather:
        return self.weather.setdefault(site, Weather())

    def exchange(self, desk: Desk, request: Request) -> Reply:
        """Send a request and wait for its answer; called in a fiber. Raises what httpx raises."""
        world, dice = self._world, self._dice
        weather = self.of(desk.machine.name)
        here = Exchange(desk.process)
        world.watch.asks(desk, request.path)
        there = self._delay(weather)
        if weather.down:
            if dice.random() < 0.7:
                world.tally["no line"] += 1
                self._later(there, desk, here, httpx.ConnectError("no route"))
            else:
                world.tally["connect time-out"] += 1
                self._later(CONNECT_MS, desk, here, httpx.ConnectTimeout("no answer"))
        elif dice.random() < weather.drop_request:
            world.tally["request lost"] += 1
            self._lost(desk, here)
        elif weather.no_push and request.path == "/v1/push":
            world.tally["push refused"] += 1
            self._later(there, desk, here, Reply(503, (), b"no"))
        elif dice.random() < weather.refuse:
            self._refuse(desk, here, there)
        else:
            if dice.random() < weather.truncate_request:
                world.tally["request cut off"] += 1
                cut = int(dice.random() * (len(request.body) + 1))
                request = replace(request, body=request.body[:cut])
            if dice.random() < weather.duplicate:
                world.tally["request doubled"] += 1
                self._arrive(desk, request, None, there + dice.randrange(1, 20_000), weather)
            self._arrive(desk, request, here, there, weather)
            world.timeline.after(READ_MS, lambda: self._end(desk, here, httpx.ReadTimeout("no answer in time")))
        while not here.done:
            desk.wait()
        outcome = here.outcome
        if request.path.startswith(FILES) and not (isinstance(outcome, Reply) and outcome.status == PARTIAL):
            world.watch.fetch_broken(desk.machine, "lost")
        if isinstance(outcome, Exception):
            raise outcome
        assert outcome is not None
        return outcome

    def _delay(self, weather: Weather) -> int:
        delay = 1 + int(self._dice.expovariate(1 / weather.latency_ms))
        if self._dice.random() < weather.slow:
            self._world.tally["slow message"] += 1
            delay += self._dice.randrange(1_000, 30_000)
        return delay

    def _later(self, ms: int, desk: Desk, exchange: Exchange, outcome: Reply | Exception) -> None:
        self._world.timeline.after(ms, lambda: self._end(desk, exchange, outcome))

    def _lost(self, desk: Desk, exchange: Exchange) -> None:
        """Let a line die under a request: it is noticed soon, or not before the time-out."""
        dice = self._dice
        if dice.random() < 0.8:
            self._later(dice.randrange(50, 3_000), desk, exchange, httpx.ReadError("connection reset"))
        else:
            self._later(READ_MS, desk, exchange, httpx.ReadTimeout("no answer in time"))

    def _refuse(self, desk: Desk, exchange: Exchange, ms: int) -> None:
        status = self._dice.choice((401, 403, 408, 413, 429, 429, 500, 502, 503, 503))
        self._world.tally[f"answered {status} by a proxy"] += 1
        headers: Headers = ((b"content-type", b"text/html"),)
        if status in (429, 503) and self._dice.random() < 0.5:
            headers = (*headers, (b"retry-after", str(self._dice.randrange(1, 20)).encode()))
        self._later(ms, desk, exchange, Reply(status, headers, b"<html>no</html>"))

    def _arrive(self, desk: Desk, request: Request, exchange: Exchange | None, ms: int, weather: Weather) -> None:
        def arrived() -> None:
            if not self._arrived:
                wait = TOGETHER_MS if self._dice.random() < 0.3 else 0
                self._world.timeline.after(wait, self._handle)
            self._arrived.append((desk, request, exchange, weather))

        self._world.timeline.after(ms, arrived)

    def _handle(self) -> None:
        """Let the centre answer what has arrived."""
        arrived, self._arrived = self._arrived, []
        server = self._world.server
        if not server.up:
            for desk, _, exchange, _ in arrived:
                if exchange is not None:
                    self._later(1, desk, exchange, httpx.ConnectError("connection refused"))
            return
        if len(arrived) > 1:
            self._world.tally["commit shared"] += 1
        if any(exchange is None for _, _, exchange, _ in arrived):
            # what comes twice would be refused as a replay; it comes to a process that doesn't know of the first
            server.forget_nonces()
        replies = server.answer([request for _, request, _, _ in arrived])
        for (desk, request, exchange, weather), reply in zip(arrived, replies, strict=True):
            if reply is not None:
                self._world.watch.answered(desk.machine.name, request, reply)
            if exchange is not None:
                self._reply(desk, exchange, reply, weather)

    def _reply(self, desk: Desk, exchange: Exchange, reply: Reply | None, weather: Weather) -> None:
        dice, tally = self._dice, self._world.tally
        if reply is None:
            tally["answer died with the centre"] += 1
            self._lost(desk, exchange)
        elif dice.random() < weather.drop_answer:
            tally["answer lost"] += 1
            self._lost(desk, exchange)
        elif dice.random() < weather.fail_after:
            tally["500 after the work"] += 1
            self._later(self._delay(weather), desk, exchange, Reply(500, (), b"upstream went away"))
        else:
            if reply.body and dice.random() < weather.truncate_answer:
                tally["answer cut off"] += 1
                if reply.status == PARTIAL:
                    self._world.watch.fetch_broken(desk.machine, "cut off")
                headers = tuple((name, value) for name, value in reply.headers if name != b"content-length")
                short = reply.body[: int(dice.random() * len(reply.body))]
                # who sent it is gone, or a proxy takes what came for the whole
                reply = Reply(reply.status, headers, short, broken=reply.status == PARTIAL and dice.random() < 0.5)
            self._later(self._delay(weather), desk, exchange, reply)

    def _end(self, desk: Desk, exchange: Exchange, outcome: Reply | Exception) -> None:
        if not exchange.done:
            exchange.done = True
            exchange.outcome = outcome
            desk.wake(exchange.process)


class Wire(httpx.BaseTransport):
    """The transport of one process's client."""

    def __init__(self, network: Network, desk: Desk) -> None:
        self._network = network
        self._desk = desk

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent = Request(request.url.path, lowered(request.headers.raw), request.read(), request.method)
        reply = self._network.exchange(self._desk, sent)
        self._desk.process.point("before taking an answer in")
        return httpx.Response(reply.status, headers=list(reply.headers), stream=_Body(reply, self._desk.process))


class _Body(httpx.SyncByteStream):
    """The body of an answer as it comes: in pieces, between which a process may die and a line break."""

    def __init__(self, reply: Reply, process: Process) -> None:
        self._reply = reply
        self._process = process

    def __iter__(self) -> Iterator[bytes]:
        body = self._reply.body
        if self._reply.status != PARTIAL:
            yield body  # it is taken in whole, or not at all
        else:
            for first in range(0, len(body), PIECE):
                yield body[first : first + PIECE]
                self._process.point("within a file")
        if self._reply.broken:
            raise httpx.ReadError("connection reset")
