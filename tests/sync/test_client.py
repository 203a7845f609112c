from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from agentdesk.domain.operation import GENESIS
from agentdesk.domain.verdict import Verdict
from agentdesk.store.intake import LINES
from agentdesk.store.outbox import Waiting
from agentdesk.sync.client import CentreClient, RequestFailed
from agentdesk.sync.core import Failure
from agentdesk.sync.signing import Credentials, SiteAuth
from tests.domain.world import NOW, REGION, FakeClock

BATCH = Waiting("lineage-1", 0, GENESIS, (("head", "salt", "body"),))


def client(answer: Callable[[httpx.Request], httpx.Response], clock: FakeClock | None = None) -> CentreClient:
    clock = clock or FakeClock()
    auth = SiteAuth(Credentials("secret", bytes(32)), clock.wall_ms)
    return CentreClient("https://centre.example", auth, clock, httpx.MockTransport(answer))


def failed(answer: Callable[[httpx.Request], httpx.Response], pull: bool = False) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        client(answer).pull({}, 10) if pull else client(answer).push(BATCH)
    return caught.value


def pushed(**changes: Any) -> dict[str, Any]:
    verdict = {"id": "o1", "seq": 1, "verdict": "flagged", "reasons": [{"code": "x", "values": {"n": 1}}],
               "scope": REGION, "change": 12}  # fmt: skip
    return {"epoch": "e1", "verdicts": [verdict], "last_seq": 1, "server_time": NOW - 500, **changes}


def test_a_push_carries_texts_clocks_and_token_and_brings_verdicts() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=pushed(limits={"operations": 9, "bytes": 99}))

    found = client(answer, FakeClock()).push(BATCH)
    (request,) = seen
    assert (request.url.path, request.headers["Authorization"]) == ("/v1/push", "Bearer secret")
    sent = json.loads(request.content)
    assert sent["operations"] == [["head", "salt", "body"]]
    assert sent["sent"] == {"wall": NOW, "mono": 1_000, "boot": "boot-1"}
    (one,) = found.answers
    assert (one.operation, one.seq, one.verdict, one.scope, one.change) == ("o1", 1, Verdict.FLAGGED, REGION, 12)
    assert [(r.code, r.values) for r in one.reasons] == [("x", {"n": 1})]
    assert (found.limits, found.offset, found.epoch) == ((9, 99), 500, "e1")


def test_a_large_push_is_compressed() -> None:
    texts = (("head" * 1000, "salt", "汉字" * 1000),)

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Content-Encoding"] == "gzip"
        assert len(request.content) < 2_048
        assert json.loads(gzip.decompress(request.content))["operations"] == [list(texts[0])]
        return httpx.Response(200, json=pushed())

    client(answer).push(Waiting("lineage-1", 0, GENESIS, texts))


def test_the_clocks_error_is_taken_from_the_middle_of_the_exchange() -> None:
    clock = FakeClock()

    def answer(_request: httpx.Request) -> httpx.Response:
        clock.pass_ms(400)
        return httpx.Response(200, json=pushed(server_time=NOW + 200 - 3000))

    assert client(answer, clock).push(BATCH).offset == 3000


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (httpx.ConnectError, "unreachable"),
        (httpx.ConnectTimeout, "unreachable"),
        (httpx.ReadTimeout, "dropped"),
        (httpx.WriteError, "dropped"),
        (httpx.ReadError, "dropped"),
        (httpx.RemoteProtocolError, "dropped"),
    ],
)
def test_a_line_that_was_never_there_and_one_that_broke_are_told_apart(
    error: type[httpx.TransportError], failure: Failure
) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error("")

    found = failed(answer)
    assert found.failure == failure
    assert str(found) == f"the centre can't be reached: {error.__name__}"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (401, "unauthorised"), (403, "revoked"), (408, "busy"), (409, "forked"), (413, "too_large"),
        (422, "malformed"), (426, "upgrade"), (429, "busy"), (500, "server"), (502, "server"), (503, "busy"),
        (504, "server"), (404, "absent"), (418, "server"),
    ],
)  # fmt: skip
def test_each_status_is_a_failure_that_the_core_knows(status: int, failure: Failure) -> None:
    found = failed(lambda _: httpx.Response(status, text="<html>a proxy</html>"))
    assert (found.failure, str(found)) == (failure, f"the centre answered {status}")


def test_the_centre_says_what_it_wants() -> None:
    def said(status: int, headers: dict[str, str] | None = None, **body: Any) -> RequestFailed:
        error = {"error": {"code": "x", "message": "do this", **body}}
        return failed(lambda _: httpx.Response(status, json=error, headers=headers))

    gap = said(409, code="gap", expect=7)
    assert (gap.failure, gap.expect, str(gap)) == ("gap", 7, "do this")
    assert said(429, {"Retry-After": "30"}).retry_after_ms == 30_000
    assert said(503, retry_after=5).retry_after_ms == 5_000
    assert said(503, {"Retry-After": "tomorrow"}).retry_after_ms is None
    assert said(503, {"Retry-After": "9" * 5_000}).retry_after_ms is None
    assert said(413, limits={"operations": 3, "bytes": 5}).limits == (3, 5)


UNREADABLE = (
    "", "[]", "{}", "null", "<html>", '{"verdicts": 7}', '{"pages": [{}], "server_time": 1}',
    '{"pages": [7], "server_time": 1}', '{"pages": [], "server_time": "x"}',
)  # fmt: skip


@pytest.mark.parametrize("body", UNREADABLE)
@pytest.mark.parametrize("pull", [True, False])
def test_an_answer_that_cant_be_read_is_a_fault_of_the_server(body: str, pull: bool) -> None:
    found = failed(lambda _: httpx.Response(200, text=body), pull)
    assert found.failure == "server"
    assert "can't be read" in str(found)


def test_a_pull_brings_pages_resets_and_whether_there_is_more() -> None:
    row = {"scope": REGION, "id": "d1", "type": "note", "rev": 12, "action": "put", "data": {"text": "x"},
           "revs": {"*": [12, "lineage-2"]}}  # fmt: skip
    gone = {"scope": REGION, "id": "d2", "type": "note", "rev": 3, "action": "leave", "data": None, "revs": None}
    pages: list[dict[str, Any]] = [
        {"scope": REGION, "epoch": "e1", "upto": 12, "hash": "h", "more": False, "rows": [row, gone]},
        {"scope": "org", "epoch": "e1", "reset": True},
        {"scope": "department/x", "denied": True},
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        cursors = {REGION: {"epoch": "e1", "seq": 3, "hash": "h3"}}
        assert sent == {"protocol": 1, "cursors": cursors, "limit": 10, "lines": LINES}
        return httpx.Response(200, json={"pages": pages, "granted": [], "server_time": NOW})

    found = client(answer).pull({REGION: ("e1", 3, "h3")}, 10)
    (page,) = found.pages
    assert (page.scope, page.epoch, page.upto, page.digest) == (REGION, "e1", 12, "h")
    first, second = page.rows
    assert first.document is not None
    assert (first.document.data, first.document.revs) == ({"text": "x"}, {"*": (12, "lineage-2")})
    assert (second.key.id, second.document) == ("d2", None)
    assert (found.reset, found.denied, found.more) == (("org",), ("department/x",), True)
