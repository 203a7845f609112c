"""The centre as a site reaches it over HTTP. Imported by the sync worker only: httpx and pydantic take a while."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from agentdesk import __version__
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.operation import Clock
from agentdesk.protocol.limits import MAX_ANSWER_BYTES, PROTOCOL
from agentdesk.protocol.messages import (
    Cursor,
    EnrolAnswer,
    EnrolRequest,
    ErrorAnswer,
    HelloAnswer,
    HelloRequest,
    LeaseSlip,
    LineageState,
    PushAnswer,
)
from agentdesk.store.intake import LINES, Standing
from agentdesk.store.lineages import Lineage, LineageStanding
from agentdesk.store.outbox import Answer, Waiting, Word
from agentdesk.store.site import Page, PulledDocument
from agentdesk.sync.core import Failure

M = TypeVar("M", bound=BaseModel)

GZIP_ABOVE = 2_048
"""Bytes from which a request body is compressed on its way to another machine."""

_TIMEOUT = httpx.Timeout(connect=5.0, read=60.0, write=60.0, pool=5.0)

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""After any other error the centre may have taken the request, or died of it."""

_FAILURES: Mapping[int, Failure] = {
    401: "unauthorised",
    403: "revoked",
    404: "absent",
    408: "busy",
    409: "forked",
    413: "too_large",
    422: "malformed",
    426: "upgrade",
    429: "busy",
    503: "busy",
}


class RequestFailed(Exception):
    """A request was not answered with 2xx; `failure` is for the core, the message for a person."""

    def __init__(
        self,
        failure: Failure,
        message: str,
        retry_after_ms: int | None = None,
        expect: int | None = None,
        limits: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after_ms = retry_after_ms
        self.expect = expect
        self.limits = limits


@dataclass(frozen=True, slots=True)
class Pushed:
    """The answer to a push; `limits` are operations and bytes, `offset` this clock's lead in ms.

    `epoch` is the identity of the logs in which the answers' changes stand, `word` says how far the centre is.
    """

    answers: tuple[Answer, ...]
    limits: tuple[int, int]
    offset: int
    epoch: str = ""
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a site tells at the beginning of a session."""

    epoch: str
    lineages: tuple[Lineage, ...]
    cursors: Mapping[str, tuple[str, int, str]]
    leases: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Greeted:
    """The answer to a greeting; `limits` are operations and bytes, `offset` this clock's lead in ms."""

    standing: Standing
    limits: tuple[int, int]
    offset: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """The answer to a pull; `reset` are scopes whose cursor is not of the centre's log, `granted` those of the site."""

    pages: tuple[Page, ...]
    reset: tuple[str, ...]
    denied: tuple[str, ...]
    more: bool
    offset: int
    granted: tuple[str, ...] = ()


class CentreClient:
    """A connection to the centre for one site."""

    def __init__(self, url: str, token: str, clock: Clock, transport: httpx.BaseTransport | None = None) -> None:
        self._clock = clock
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT, transport=transport)
        # to pack what stays on this machine costs more than it saves
        self._packs = self._http.base_url.host not in ("127.0.0.1", "::1", "localhost")

    @property
    def http(self) -> httpx.Client:
        """Return the connection itself, for whoever reads an answer piece by piece."""
        return self._http

    def close(self) -> None:
        self._http.close()

    def enrol(self, code: str, name: str, machine: str, lineage: str = "") -> EnrolAnswer:
        """Make this machine a site, whose first lineage is that; raises RequestFailed."""
        request = EnrolRequest(code=code, name=name, machine=machine, lineage=lineage)
        answer, _ = self._post("/v1/enrol", request.model_dump_json().encode())
        return _read(EnrolAnswer, answer)

    def hello(self, greeting: Greeting) -> Greeted:
        """Begin a session: find out what either side has lost; raises RequestFailed."""
        request = HelloRequest(
            program=__version__,
            epoch=greeting.epoch,
            lineages=[
                LineageState(
                    lineage=one.lineage,
                    seq=one.seq,
                    answered=one.answered,
                    answered_hash=one.answered_hash,
                    proof=one.proof,
                    marks=list(one.marks),
                    current=one.current,
                )
                for one in greeting.lineages
            ],
            cursors={s: Cursor(epoch=e, seq=n, hash=h) for s, (e, n, h) in greeting.cursors.items()},
            leases=[LeaseSlip.model_validate(lease) for lease in greeting.leases],
        )
        body, middle = self._post("/v1/hello", request.model_dump_json().encode())
        answer = _read(HelloAnswer, body)
        standings = tuple(
            LineageStanding(one.lineage, one.last_seq, one.last_hash, one.common, one.durable, one.shared)
            for one in answer.lineages
        )
        standing = Standing(answer.epoch, answer.number, tuple(answer.granted), standings)
        limits = (answer.limits.operations, answer.limits.bytes)
        return Greeted(standing, limits, middle - answer.server_time)

    def push(self, waiting: Waiting) -> Pushed:
        """Send a batch and return its verdicts; raises RequestFailed."""
        sent = {"wall": self._clock.wall_ms(), "mono": self._clock.mono_ms(), "boot": self._clock.boot}
        content = json.dumps(
            {
                "protocol": PROTOCOL,
                "lineage": waiting.lineage,
                "after_seq": waiting.after_seq,
                "after_hash": waiting.after_hash,
                "proof": waiting.proof,
                "unread": waiting.unread,
                "operations": [(head, salt, body or "") for head, salt, body in waiting.operations],
                "sent": sent,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        body, middle = self._post("/v1/push", content)
        answer = _read(PushAnswer, body)
        answers = tuple(
            Answer(v.id, v.seq, v.verdict, tuple(Reason(r.code, r.values) for r in v.reasons), v.scope, v.change)
            for v in answer.verdicts
        )
        limits = (answer.limits.operations, answer.limits.bytes)
        word = Word(answer.last_seq, answer.proof, answer.durable)
        return Pushed(answers, limits, middle - answer.server_time, answer.epoch, word)

    def pull(self, cursors: Mapping[str, tuple[str, int, str]], rows: int) -> Pulled:
        """Fetch what came after the cursors; raises RequestFailed."""
        wanted = {s: {"epoch": e, "seq": n, "hash": h} for s, (e, n, h) in cursors.items()}
        asked = {"protocol": PROTOCOL, "cursors": wanted, "limit": rows, "lines": LINES}
        body, middle = self._post("/v1/pull", json.dumps(asked).encode())
        try:
            # pages can hold thousands of documents: read them straight, without a model for each
            answer = _read_lines(body) if body.startswith(b'{"lines":') else json.loads(body)
            pages = tuple(_page(p) for p in answer["pages"] if not p.get("reset") and not p.get("denied"))
            return Pulled(
                pages,
                tuple(p["scope"] for p in answer["pages"] if p.get("reset")),
                tuple(p["scope"] for p in answer["pages"] if p.get("denied")),
                any(p.get("more") or p.get("reset") for p in answer["pages"]),
                middle - int(answer["server_time"]),
                tuple(answer.get("granted") or ()),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RequestFailed("server", f"the centre's answer can't be read: {error}") from None

    def _post(self, path: str, content: bytes) -> tuple[bytes, int]:
        """Send a request; return the answer's body and the wall clock in the middle of the exchange, ms."""
        headers = {"Content-Type": "application/json"}
        if self._packs and len(content) > GZIP_ABOVE:
            content, headers["Content-Encoding"] = gzip.compress(content, 1), "gzip"
        before = self._clock.wall_ms()
        try:
            with self._http.stream("POST", path, content=content, headers=headers) as response:
                body = within(response, MAX_ANSWER_BYTES)
        except httpx.HTTPError as error:
            raise RequestFailed(
                "unreachable" if isinstance(error, NEVER_SENT) else "dropped",
                f"the centre can't be reached: {str(error) or type(error).__name__}",
            ) from None
        if response.is_success:
            return body, (before + self._clock.wall_ms()) // 2
        raise failed(response, body)


def within(response: httpx.Response, most: int) -> bytes:
    """Return an answer's body as it comes, unpacked; raises RequestFailed once it is more than `most` bytes."""
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > most:
            raise RequestFailed("server", f"the centre's answer is larger than {most} bytes: nothing of it is taken")
        pieces.append(piece)
    return b"".join(pieces)


def failed(response: httpx.Response, body: bytes | None = None) -> RequestFailed:
    """Return what an answer that isn't 2xx means; `body` is what came with it, if it was read piece by piece."""
    failure = _FAILURES.get(response.status_code, "server")
    retry = response.headers.get("Retry-After", "")
    after = int(retry) * 1000 if retry.isascii() and retry.isdigit() and len(retry) < 10 else None
    try:
        said = ErrorAnswer.model_validate_json(response.content if body is None else body).error
    except ValidationError:
        return RequestFailed(failure, f"the centre answered {response.status_code}", after)
    if said.code == "gap":
        failure = "gap"
    if said.retry_after_ms is not None:
        after = said.retry_after_ms
    elif after is None and said.retry_after is not None:
        after = said.retry_after * 1000
    limits = (said.limits.operations, said.limits.bytes) if said.limits else None
    return RequestFailed(failure, said.message, after, said.expect, limits)


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestFailed("server", f"the centre's answer can't be read: {error.error_count()} faults") from None


def _page(page: Mapping[str, Any]) -> Page:
    rows = []
    for row in page["rows"]:
        key = Key(row["scope"], row["id"])
        if row["action"] == "leave":
            rows.append(PulledDocument(key, None))
        else:
            revs = {name: (rev, lineage) for name, (rev, lineage) in row["revs"].items()}
            rows.append(
                PulledDocument(key, Document(row["scope"], row["id"], row["type"], row["rev"], row["data"], revs))
            )
    counted = page.get("documents") if not page.get("more") else None
    tally = None if counted is None else (counted, page["total"])
    return Page(page["scope"], page["epoch"], page["upto"], page["hash"], tuple(rows), tally, page.get("raw", ()))


def _read_lines(body: bytes) -> dict[str, Any]:
    """Return an answer in lines as if it were JSON, but for documents: those are rows for the replica (`raw`)."""
    lines = body.decode().split("\n")
    answer: dict[str, Any] = json.loads(lines[0])
    at, pages = 1, []
    for _ in range(answer["pages"]):
        if at >= len(lines):
            raise ValueError("pages are missing")
        page = json.loads(lines[at])
        end = at + 1 + 3 * page.get("count", 0)
        index = json.loads(f"[{','.join(lines[at + 1 : end : 3])}]")
        rows = zip(index, lines[at + 2 : end : 3], lines[at + 3 : end : 3], strict=True)
        page["raw"] = tuple((*columns, data, revs) for columns, data, revs in rows if len(columns) > 2)
        page["rows"] = [{"scope": i[0], "id": i[1], "action": "leave"} for i in index if len(i) == 2]
        pages.append(page)
        at = end
    if at != len(lines):
        raise ValueError("lines are missing or too many")
    json.loads(lines[-1])  # cut off within it, an answer has as many lines as a whole one
    return {**answer, "pages": pages}
