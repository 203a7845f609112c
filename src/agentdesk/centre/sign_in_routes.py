"""The routes at which agents sign in, and superiors set their PIN; a site asks for them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from agentdesk.centre.bodies import parse, read_body
from agentdesk.centre.callers import asked_by
from agentdesk.centre.service import Centre
from agentdesk.protocol.limits import MAX_SMALL_BYTES
from agentdesk.protocol.messages import ErrorAnswer
from agentdesk.protocol.sign_in import PinAnswer, PinRequest, SignInAnswer, SignInRequest

_HEADERS = {"cache-control": "no-store"}


def sign_in_routes(centre: Centre) -> APIRouter:
    """Return the routes of signing in at a centre."""
    router = APIRouter()

    @router.post("/v1/sign-in", summary="Sign an agent in", **_documented(SignInRequest, SignInAnswer))
    async def sign_in(request: Request) -> Response:
        caller = await centre.admit(asked_by(request))
        site = await centre.authenticate(caller)
        message = parse(SignInRequest, await read_body(request, MAX_SMALL_BYTES, caller.digest))
        _note(request, site.id, message.agent)
        centre.rates.sign_in(site.id)
        answer = await centre.credentials.sign_in(site, message)
        return Response(answer.model_dump_json(), 200, _HEADERS, "application/json")

    @router.post("/v1/pin", summary="Set a superior's PIN", **_documented(PinRequest, PinAnswer))
    async def pin(request: Request) -> Response:
        caller = await centre.admit(asked_by(request))
        site = await centre.authenticate(caller)
        message = parse(PinRequest, await read_body(request, MAX_SMALL_BYTES, caller.digest))
        _note(request, site.id, message.agent)
        centre.rates.sign_in(site.id)
        answer = await centre.credentials.set_pin(site, message)
        return Response(answer.model_dump_json(), 200, _HEADERS, "application/json")

    return router


def _note(request: Request, site: str, agent: str) -> None:
    """Have the log say who tried; the line's status says whether he was let in."""
    request.scope.setdefault("agentdesk.facts", {}).update(site=site, agent=agent)


def _documented(request: type[BaseModel], answer: type[BaseModel]) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{request.__name__}"}}}}
    statuses = (401, 403, 408, 413, 414, 415, 421, 422, 426, 429, 431, 500, 503)
    errors: dict[int | str, dict[str, Any]] = {status: {"model": ErrorAnswer} for status in statuses}
    extra = {"requestBody": {"required": True, **body}, "security": [{"token": [], "signature": []}]}
    return {"response_model": answer, "responses": errors, "openapi_extra": extra}
