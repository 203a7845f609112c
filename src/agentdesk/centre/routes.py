"""The HTTP face of the centre.

Bodies are read raw and validated in one step, as a push carries hundreds of operations; what they are is
documented beside each route all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from agentdesk import __version__
from agentdesk.centre.bodies import parse, read_body
from agentdesk.centre.callers import asked_by
from agentdesk.centre.forms import form_of
from agentdesk.centre.guard import address_of
from agentdesk.centre.live import AFTER, EventStream, known_heads
from agentdesk.centre.presence import There
from agentdesk.centre.push import Taken
from agentdesk.centre.replies import DESCRIBED, json_reply
from agentdesk.centre.service import Centre
from agentdesk.centre.sign_in_routes import sign_in_routes
from agentdesk.centre.snapshot_routes import snapshot_routes
from agentdesk.protocol.limits import MAX_ID, MAX_OPERATIONS, MAX_PUSH_BYTES, MAX_SMALL_BYTES, PROTOCOL
from agentdesk.protocol.messages import (
    EnrolAnswer,
    EnrolRequest,
    ErrorAnswer,
    Health,
    HelloAnswer,
    HelloRequest,
    PresenceAnswer,
    PresenceItem,
    PresenceRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RotateAnswer,
    RotateRequest,
    WaitAnswer,
)
from agentdesk.replica.tables import encode

_ACTOR = re.compile(rf'"actor":"([^"\\]{{1,{MAX_ID}}})"')
_ANYBODY: dict[int | str, dict[str, Any]] = {s: {"model": ErrorAnswer} for s in (413, 414, 421, 429, 431, 500, 503)}
_LIMITS = encode({"operations": MAX_OPERATIONS, "bytes": MAX_PUSH_BYTES})
_SITE: list[dict[str, list[str]]] = [{"token": [], "signature": []}]
_KEY: list[dict[str, list[str]]] = [{"signature": []}]
_EITHER = [*_SITE, *_KEY]


def routes(centre: Centre) -> APIRouter:
    """Return the routes of a centre."""
    router = APIRouter()

    @router.post("/v1/enrol", summary="Make a machine a site", **_documented(EnrolRequest, EnrolAnswer, _KEY))
    async def enrol(request: Request) -> Response:
        caller = centre.newcomer(asked_by(request))
        message = parse(EnrolRequest, await read_body(request, MAX_SMALL_BYTES, caller.digest))
        with centre.rates.enrolment(address_of(request.scope)):
            answer = await centre.enrol(caller, message)
        _note(request, site=answer.site)
        return Response(answer.model_dump_json(), media_type="application/json")

    @router.post("/v1/rotate", summary="Give a site its next key", **_documented(RotateRequest, RotateAnswer, _EITHER))
    async def rotate(request: Request) -> Response:
        asked = asked_by(request)
        known = "authorization" in asked.headers
        caller = await centre.admit(asked, keyless=True) if known else centre.newcomer(asked)
        message = parse(RotateRequest, await read_body(request, MAX_SMALL_BYTES, caller.digest))
        with centre.rates.enrolment(address_of(request.scope)):
            answer = await centre.rotate(caller, message)
        _note(request, site=answer.site)
        headers = {"cache-control": "no-store"}
        return Response(answer.model_dump_json(), 200, headers, "application/json")

    @router.post("/v1/hello", summary="Begin a session", **_documented(HelloRequest, HelloAnswer, _SITE))
    async def hello(request: Request) -> Response:
        caller = await centre.admit(asked_by(request))
        site = await centre.authenticate(caller)
        message = parse(HelloRequest, await read_body(request, MAX_SMALL_BYTES, caller.digest))
        answer = await centre.hello(site.id, message)
        _note(request, site=site.id, epoch=answer.epoch)
        return Response(answer.model_dump_json(), media_type="application/json")

    @router.post("/v1/push", summary="Deliver operations", **_documented(PushRequest, PushAnswer, _SITE))
    async def push(request: Request) -> Response:
        caller = await centre.admit(asked_by(request))
        body = await read_body(request, MAX_PUSH_BYTES, caller.digest)
        with centre.admission.turn(len(body)):
            message = parse(PushRequest, body)
            centre.rates.operations(caller.token.partition(".")[0], _made(message))
            taken, epoch = await centre.push(caller, message)
        _note(request, site=taken.site.id, operations=len(message.operations), **_counted(taken))
        return await json_reply(request, _push_text(taken, epoch, centre.means.now()))

    @router.post("/v1/pull", summary="Fetch what is new", **_documented(PullRequest, PullAnswer, _SITE))
    async def pull(request: Request) -> Response:
        caller = await centre.admit(asked_by(request))
        message = parse(PullRequest, await read_body(request, MAX_SMALL_BYTES, caller.digest))
        site, text = await centre.pull(caller, message)
        _note(request, site=site, bytes=len(text))
        return await json_reply(request, text, form_of(message.lines).media)

    @router.get("/v1/live", summary="Hear what moves, as server-sent events", **_heard(None))
    async def live(request: Request) -> Response:
        site = await centre.authenticate(await centre.admit(asked_by(request)))
        _note(request, site=site.id)
        return EventStream(centre.live, centre.live.enter(site))

    @router.get("/v1/wait", summary="Wait until something moves", **_heard(WaitAnswer))
    async def wait(
        request: Request, after: Annotated[list[str], Query(default_factory=list, description=AFTER)]
    ) -> Response:
        site = await centre.authenticate(await centre.admit(asked_by(request)))
        _note(request, site=site.id)
        heads = await centre.live.wait(centre.live.enter(site, known_heads(after)))
        headers = {"cache-control": "no-store"}
        return Response(WaitAnswer(heads=heads).model_dump_json(), 200, headers, "application/json")

    @router.post("/v1/presence", summary="Say who is where", **_documented(PresenceRequest, PresenceAnswer, _SITE))
    async def presence(request: Request) -> Response:
        caller = await centre.admit(asked_by(request))
        site = await centre.authenticate(caller)
        message = parse(PresenceRequest, await read_body(request, MAX_SMALL_BYTES, caller.digest))
        here = [There(one.scope, one.id, one.agent, one.name, one.writing) for one in message.here]
        centre.live.call(centre.presences.say(site.id, site.name, here, site.scopes))
        others = centre.presences.others(site.id, site.scopes)
        there = [PresenceItem(**asdict(one), site=name) for name, one in others]
        _note(request, site=site.id)
        headers = {"cache-control": "no-store"}
        return Response(PresenceAnswer(there=there).model_dump_json(), 200, headers, "application/json")

    @router.get("/healthz", summary="Is the centre up?", response_model=Health, responses=_ANYBODY)
    async def healthz() -> Health:
        epoch = await centre.epoch()
        now = centre.means.now()
        return Health(status="ok", version=__version__, protocol=PROTOCOL, epoch=epoch, server_time=now)

    router.include_router(snapshot_routes(centre))
    router.include_router(sign_in_routes(centre))
    return router


def _made(message: PushRequest) -> dict[str, int]:
    """Return how many operations of a batch each agent made, as far as their heads say so at a glance."""
    actors = (_ACTOR.search(head) for head, _, _ in message.operations)
    return Counter("" if found is None else found[1] for found in actors)


def _push_text(taken: Taken, epoch: str, now: int) -> str:
    verdicts = ",".join(
        f'{{"id":{encode(r.id)},"seq":{r.seq},"verdict":"{r.verdict}","reasons":{r.reasons},'
        f'"scope":{encode(r.scope)},"change":{encode(r.change)}}}'
        for r in taken.verdicts
    )
    return (
        f'{{"epoch":"{epoch}","verdicts":[{verdicts}],"last_seq":{taken.last_seq},'
        f'"proof":"{taken.proof}","durable":{taken.durable},'
        f'"server_time":{now},"limits":{_LIMITS}}}'
    )


def _counted(taken: Taken) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for receipt in taken.verdicts:
        counts[receipt.verdict] = counts.get(receipt.verdict, 0) + 1
    return {"verdicts": counts, **({"alarms": list(taken.alarms)} if taken.alarms else {})}


def _note(request: Request, **facts: Any) -> None:
    """Remember facts for the request's line in the log."""
    request.scope.setdefault("agentdesk.facts", {}).update(facts)


def _documented(
    request: type[BaseModel], answer: type[BaseModel], security: list[dict[str, list[str]]] | None = None
) -> dict[str, Any]:
    """Return the arguments that describe a route whose body is read raw."""
    body = {"required": True, "content": {"application/json": {"schema": _reference(request)}}}
    extra: dict[str, Any] = {"requestBody": body}
    statuses = [403, 408, 413, 414, 415, 421, 422, 426, 429, 431, 500, 503]
    if security:
        extra["security"] = security
        statuses.append(401)
    if request is PushRequest:
        statuses.append(409)
    errors: dict[int | str, dict[str, Any]] = {status: {"model": ErrorAnswer} for status in sorted(statuses)}
    return {"response_model": answer, "responses": errors, "openapi_extra": extra}


def _heard(answer: type[BaseModel] | None) -> dict[str, Any]:
    """Return the arguments that describe a route on which a site waits for news; None answers with events."""
    errors: dict[int | str, dict[str, Any]] = {
        status: {**DESCRIBED} for status in (401, 403, 413, 414, 421, 422, 429, 431, 500, 503)
    }
    if answer is not None:
        return {"response_model": answer, "responses": errors, "openapi_extra": {"security": _SITE}}
    errors[200] = {"content": {EventStream.media_type: {"schema": {"type": "string"}}}}
    return {
        "status_code": 200,
        "response_class": EventStream,
        "responses": errors,
        "openapi_extra": {"security": _SITE},
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
