"""Telling sites that something moved: only "scope X is at N", never data, so that nothing can be lost on the way.

Whoever listens holds the newest number of each of its scopes, and no more: a listener that reads slowly hears of
fewer numbers, and takes no more memory. Data goes by pull only.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import threading
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from agentdesk.centre.errors import Rejected
from agentdesk.centre.storage.contract import Database, Snapshot, StorageError
from agentdesk.centre.storage.rows import Site
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.decide import ORG
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.limits import MAX_ID, MAX_LIVE_SCOPES

HEARTBEAT_S = 15.0
"""How often a silent stream says that it is there, and looks whether its site may still hear."""

WAIT_S = 25.0
"""How long a long-poll waits for news."""

RETRY_MS = 1_000
"""What a stream tells about when to come again."""

PER_SITE = 4
"""Listeners of one site: a new one ends the oldest, which may hang on a line that is long gone."""

MOST = 4_000
"""Listeners of one process, if the system lets it open twice as many files."""

BUSY_RETRY_MS = 30_000
"""When to come again if there is no room for another listener."""

PRESENCE = "event: presence\ndata: {}\n\n"
"""What a stream tells when somebody came or went in a document that is open at the site: who it is has to be asked."""

Say = Callable[[str], Awaitable[None]]
Heads = Mapping[str, int]

AFTER = "the scopes to wait for, each with the number that is known, such as region/bj:12"

_KNOWN = re.compile(rf"(.{{1,{MAX_ID}}}):([0-9]{{1,15}})")


class Listener:
    """One who hears of a site's scopes; lives on the event loop."""

    def __init__(
        self, site: str, scopes: Collection[str], known: Heads, streams: bool = False, token_hash: str = ""
    ) -> None:
        self.site = site
        self.token_hash = token_hash
        self.streams = streams
        self.scopes = frozenset(scopes)
        self.over = False
        self._known = dict(known)
        self._news: dict[str, int] = {}
        self._called = False
        self._woken = asyncio.Event()

    def offer(self, heads: Heads) -> None:
        """Take in where scopes are; those of others, and numbers that were heard already, are left alone."""
        for scope, seq in heads.items():
            if scope in self.scopes and seq > self._known.get(scope, -1):
                self._known[scope] = self._news[scope] = seq
        if self._news:
            self._woken.set()

    def follow(self, scopes: Collection[str]) -> None:
        """Hear of these scopes from now on."""
        self.scopes = frozenset(scopes)
        self._news = {scope: seq for scope, seq in self._news.items() if scope in self.scopes}

    def call(self) -> None:
        """Say that somebody came or went in a document that its site has open."""
        self._called = True
        self._woken.set()

    def called(self) -> bool:
        """Tell whether it was called since it was asked last."""
        called, self._called = self._called, False
        return called

    def end(self) -> None:
        """Let it hear no more."""
        self.over = True
        self._woken.set()

    async def news(self, timeout: float) -> dict[str, int]:
        """Return what moved since the last call, as soon as there is any; nothing when the time is up or it is over."""
        if not self._news and not self._called and not self.over:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._woken.wait()
        self._woken.clear()
        news, self._news = self._news, {}
        return news


class Live:
    """Who listens at this process, and what they hear; used on one event loop."""

    def __init__(self, database: Database, most: int | None = None) -> None:
        self._database = database
        self._most = _room() if most is None else most
        self._loop: asyncio.AbstractEventLoop | None = None
        self._no_more: Callable[[], None] | None = None
        self._stopped = False
        self._listeners: dict[str, list[Listener]] = {}
        self._by_scope: dict[str, set[Listener]] = {}
        self._lock = threading.Lock()
        self._moved: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(len(of_site) for of_site in self._listeners.values())

    def stop(self) -> None:
        """End all streams and waits now: the server stops."""
        self._stopped = True
        if self._no_more is not None:
            self._no_more()
            self._no_more = None
        for of_site in self._listeners.values():
            for listener in of_site:
                listener.end()

    def enter(self, site: Site, known: Heads | None = None) -> Listener:
        """Return a new listener of a site, who has to `leave`; raises Rejected when no more fit.

        With `known` it hears of those scopes only, of what is beyond those numbers.
        """
        of_site = self._listeners.get(site.id, [])
        if len(of_site) >= PER_SITE:
            self.leave(of_site[0])
        if self._stopped or len(self) >= self._most:
            what = "the server is about to stop" if self._stopped else "as many listen here as can"
            raise Rejected(ErrorCode.BUSY, f"{what}: come again later", retry_after_ms=BUSY_RETRY_MS)
        if self._no_more is None:
            self._loop = asyncio.get_running_loop()
            self._no_more = self._database.listen(self._told)
        scopes = site.scopes if known is None else [scope for scope in site.scopes if scope in known]
        listener = Listener(site.id, scopes, known or {}, streams=known is None, token_hash=site.token_hash)
        self._listeners.setdefault(site.id, []).append(listener)
        self._index(listener, listener.scopes)
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        listener.end()
        of_site = self._listeners.get(listener.site, [])
        if listener in of_site:
            of_site.remove(listener)
        if not of_site:
            self._listeners.pop(listener.site, None)
        self._unindex(listener)

    def call(self, sites: Iterable[str]) -> None:
        """Say to sites that somebody came or went where their desks are; who only polls asks by himself soon."""
        for site in sites:
            for listener in self._listeners.get(site, ()):
                if listener.streams:
                    listener.call()

    async def stream(self, listener: Listener, say: Say) -> None:
        """Say where a site's scopes are, and what moves, until it is closed or the server stops."""
        loop = asyncio.get_running_loop()
        try:
            await say(f"retry: {RETRY_MS}\n\n")
            listener.offer(await self._heads(listener.scopes))
            beat = loop.time() + HEARTBEAT_S
            while not listener.over:
                news = await listener.news(beat - loop.time())
                # what closes a site, or gives it another key, moves this scope
                if ORG in news and not await self._may_hear(listener):
                    return
                if news:
                    await say(_events(news.items()))
                if listener.called():
                    await say(PRESENCE)
                if loop.time() >= beat:
                    beat = loop.time() + HEARTBEAT_S
                    if not await self._may_hear(listener):
                        return
                    await say(":\n\n")
        except StorageError:
            return  # it is told where things are when it comes again

    async def wait(self, listener: Listener) -> dict[str, int]:
        """Return the numbers of the scopes that are beyond what a listener knows; empty after WAIT_S.

        Raises Rejected for a site that was closed meanwhile.
        """
        try:
            listener.offer(await self._heads(listener.scopes))
            news = await listener.news(WAIT_S)
            if not listener.over and not await self._is_open(listener):
                raise Rejected(ErrorCode.REVOKED, "this site was closed at the centre, or has a newer key")
            return news
        finally:
            self.leave(listener)

    async def _heads(self, scopes: Collection[str]) -> dict[str, int]:
        found = await asyncio.wrap_future(self._database.read(lambda snapshot: snapshot.scopes(scopes)))
        return {scope: head.seq for scope, head in found.items()}

    async def _may_hear(self, listener: Listener) -> bool:
        """Tell whether a site is still open, and let its listener hear of the scopes that it is granted now."""
        site = await self._is_open(listener)
        if site is None:
            return False
        if listener.scopes != frozenset(site.scopes) and not listener.over:
            new = frozenset(site.scopes) - listener.scopes
            self._unindex(listener)
            listener.follow(site.scopes)
            self._index(listener, listener.scopes)
            listener.offer(await self._heads(new))
        return True

    async def _is_open(self, listener: Listener) -> Site | None:
        """Return a listener's site; None where it was closed, or goes by another token since."""

        def look(snapshot: Snapshot) -> Site | None:
            return snapshot.site(listener.site)

        site = await asyncio.wrap_future(self._database.read(look))
        return None if site is None or site.revoked or not same_secret(site.token_hash, listener.token_hash) else site

    def _index(self, listener: Listener, scopes: Iterable[str]) -> None:
        for scope in scopes:
            self._by_scope.setdefault(scope, set()).add(listener)

    def _unindex(self, listener: Listener) -> None:
        for scope in listener.scopes:
            listeners = self._by_scope.get(scope)
            if listeners is not None:
                listeners.discard(listener)
                if not listeners:
                    del self._by_scope[scope]

    # from the database's thread to the event loop

    def _told(self, moved: Heads) -> None:
        with self._lock:
            first = not self._moved
            for scope, seq in moved.items():
                self._moved[scope] = max(seq, self._moved.get(scope, 0))
        if first and self._loop is not None:
            # a loop that is closed has nobody left who listens
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._spread)

    def _spread(self) -> None:
        with self._lock:
            moved, self._moved = self._moved, {}
        for scope, seq in moved.items():
            for listener in self._by_scope.get(scope, ()):
                listener.offer({scope: seq})


class EventStream(Response):
    """An answer that goes on for as long as somebody listens and there may be something to say."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, listener: Listener) -> None:
        # a proxy on the way that collects answers, or packs them, would hold the news back
        super().__init__(headers={"cache-control": "no-store, no-transform", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._live = live
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say(text: str) -> None:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

        tasks: list[asyncio.Task[None]] = []
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            telling = asyncio.create_task(self._live.stream(self._listener, say))
            tasks = [telling, asyncio.create_task(_gone(receive))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._live.leave(self._listener)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def known_heads(after: Collection[str]) -> dict[str, int]:
    """Return the numbers that a long-poll knows, from texts like `region/bj:12`; raises Rejected."""
    if len(after) > MAX_LIVE_SCOPES:
        raise Rejected(ErrorCode.MALFORMED, f"after: at most {MAX_LIVE_SCOPES} scopes")
    known: dict[str, int] = {}
    for text in after:
        found = _KNOWN.fullmatch(text)
        if found is None:
            raise Rejected(ErrorCode.MALFORMED, "after: give each scope and its number, such as region/bj:12")
        known[found[1]] = int(found[2])
    return known


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _events(news: Iterable[tuple[str, int]]) -> str:
    return "".join(
        f"event: head\ndata: {json.dumps({'scope': scope, 'seq': seq}, separators=(',', ':'))}\n\n"
        for scope, seq in sorted(news)
    )


def _room() -> int:
    """Return how many listeners one process has room for: each takes an open file, and others are needed too."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if files == resource.RLIM_INFINITY else min(MOST, files // 2)
