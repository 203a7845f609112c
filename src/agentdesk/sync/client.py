"""The centre as a site reaches it over HTTP. Imported by the sync worker only: httpx and pydantic take a while."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
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
    RotateAnswer,
    RotateRequest,
)
from agentdesk.store.intake import LINES, Page, PulledDocument, Standing
from agentdesk.store.lineages import Lineage, LineageStanding
from agentdesk.store.outbox import Answer, Waiting, Word
from agentdesk.store.site import Site
from agentdesk.sync.connecting import connection
from agentdesk.sync.core import Failure
from agentdesk.sync.rotating import renew
from agentdesk.sync.signing import Credentials, SiteAuth, auth_of
from agentdesk.trust.addresses import is_loopback
from agentdesk.trust.signatures import public_key

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
    """A request was not answered with 2xx; `failure` is for the core, the message for a person, `code` the centre's."""

    def __init__(
        self,
        failure: Failure,
        message: str,
        retry_after_ms: int | None = None,
        expect: int | None = None,
        limits: tuple[int, int] | None = None,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
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
    """The answer to a greeting; `limits` are operations and bytes, `offset` this clock's lead in ms.

    `recovery` is the key for which the site is to seal its own (base64url): empty on a line without a certificate, as
    anybody on this machine may answer there while the centre doesn't.
    """

    standing: Standing
    limits: tuple[int, int]
    offset: int
    recovery: str = ""


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
    """A connection to the centre for one site; `auth` signs its requests.

    `ca` is the authority that signs the centre's certificate (PEM). Raises BadAddress and BadAuthority.
    """

    def __init__(
        self, url: str, auth: SiteAuth, clock: Clock, transport: httpx.BaseTransport | None = None, ca: str = ""
    ) -> None:
        self._clock = clock
        self._auth = auth
        self._http = connection(url, auth, _TIMEOUT, ca, transport)
        # to pack what stays on this machine costs more than it saves
        self._packs = not is_loopback(self._http.base_url.host)
        self.renew: Callable[[], bool] | None = None
        """Looks for other credentials when those of this site are refused; tells whether there are any."""

    @property
    def http(self) -> httpx.Client:
        """Return the connection itself, for whoever reads an answer piece by piece."""
        return self._http

    @property
    def auth(self) -> SiteAuth:
        """Return what signs here."""
        return self._auth

    def close(self) -> None:
        self._http.close()

    def enrol(self, code: str, name: str, machine: str, lineage: str = "") -> EnrolAnswer:
        """Make this machine a site that signs with `auth`'s key, whose first lineage is that; raises RequestFailed."""
        key = public_key(self._auth.credentials.key)
        request = EnrolRequest(public_key=key, code=code, name=name, machine=machine, lineage=lineage)
        body, middle = self._post("/v1/enrol", request.model_dump_json().encode())
        answer = _read(EnrolAnswer, body)
        self._lead(middle, answer.server_time)
        return answer

    def rotate(self, signed_with: Credentials, key: str, proof: str, site: str, code: str) -> RotateAnswer:
        """Ask for a new token that goes with a new public key; raises RequestFailed."""
        request = RotateRequest(public_key=key, proof=proof, site=site, code=code)
        answer, _ = self._post("/v1/rotate", request.model_dump_json().encode(), self._auth.like(signed_with))
        return _read(RotateAnswer, answer)

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
        recovery = answer.recovery if self._http.base_url.scheme == "https" else ""
        return Greeted(standing, limits, self._lead(middle, answer.server_time), recovery)

    def ask(self, path: str, request: BaseModel, answer: type[M]) -> M:
        """Ask the centre for one thing, and return its answer; raises RequestFailed."""
        body, middle = self._post(path, request.model_dump_json().encode())
        found = _read(answer, body)
        server_time = getattr(found, "server_time", None)
        if isinstance(server_time, int):
            self._lead(middle, server_time)
        return found

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
        return Pushed(answers, limits, self._lead(middle, answer.server_time), answer.epoch, word)

    def pull(self, cursors: Mapping[str, tuple[str, int, str]], rows: int) -> Pulled:
        """Fetch what came after the cursors; raises RequestFailed."""
        wanted = {s: {"epoch": e, "seq": n, "hash": h} for s, (e, n, h) in cursors.items()}
        asked = {"protocol": PROTOCOL, "cursors": wanted, "limit": rows, "lines": LINES}
        body, middle = self._post("/v1/pull", json.dumps(asked).encode())
        try:
            _check_characters(body)
            # pages can hold thousands of documents: read them straight, without a model for each
            answer = _read_lines(body) if body.startswith(b'{"lines":') else json.loads(body)
            pages = tuple(_page(p) for p in answer["pages"] if not p.get("reset") and not p.get("denied"))
            return Pulled(
                pages,
                tuple(p["scope"] for p in answer["pages"] if p.get("reset")),
                tuple(p["scope"] for p in answer["pages"] if p.get("denied")),
                any(p.get("more") or p.get("reset") for p in answer["pages"]),
                self._lead(middle, int(answer["server_time"])),
                tuple(answer.get("granted") or ()),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RequestFailed("server", f"the centre's answer can't be read: {error}") from None

    def _lead(self, middle: int, server_time: int) -> int:
        """Return how far this clock is ahead of the centre's, ms; what is signed from now on goes by that."""
        self._auth.lead_ms = middle - server_time
        return middle - server_time

    def _post(self, path: str, content: bytes, auth: SiteAuth | None = None) -> tuple[bytes, int]:
        """Send a request; return the answer's body and the wall clock in the middle of the exchange, ms."""
        headers = {"Content-Type": "application/json"}
        if self._packs and len(content) > GZIP_ABOVE:
            content, headers["Content-Encoding"] = gzip.compress(content, 1), "gzip"
        for again in (False, True):
            before = self._clock.wall_ms()
            try:
                signed = auth or self._auth
                with self._http.stream("POST", path, content=content, headers=headers, auth=signed) as response:
                    body = within(response, MAX_ANSWER_BYTES)
            except httpx.HTTPError as error:
                raise unreached(error) from None
            if response.is_success:
                return body, (before + self._clock.wall_ms()) // 2
            if again or auth is not None or response.status_code != 401 or self.renew is None or not self.renew():
                break
        raise failed(response, body)


def client_of(site: Site, transport: httpx.BaseTransport | None = None, nonces: str = "") -> CentreClient:
    """Return a site's own connection, which finds out by itself when its key was changed."""
    auth = auth_of(site, nonces)
    client = CentreClient(site.identity.url, auth, site.clock, transport, site.identity.ca)
    client.renew = lambda: renew(site, auth, client)
    return client


def unreached(error: httpx.HTTPError) -> RequestFailed:
    """Return what it means that there is no answer."""
    said = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in said:
        what = said.partition("certificate verify failed: ")[2].rpartition(" (_ssl")[0] or "not known here"
        return RequestFailed("unreachable", f"the centre's certificate is not good: {what}")
    failure: Failure = "unreachable" if isinstance(error, NEVER_SENT) else "dropped"
    return RequestFailed(failure, f"the centre can't be reached: {said}")


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
    return RequestFailed(failure, said.message, after, said.expect, limits, said.code)


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestFailed("server", f"the centre's answer can't be read: {error.error_count()} faults") from None


def _check_characters(body: bytes) -> None:
    """Raise ValueError for half a character: an escape may be one, and no database takes it.

    Ours writes none, so that to look for the beginning of one is nearly always all.
    """
    for start in (b"\\ud", b"\\uD"):
        for line in body.split(b"\n") if start in body else ():
            if start in line:
                json.dumps(json.loads(line), ensure_ascii=False).encode()


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
