"""The routes at which a site finds prepared snapshots of its scopes, and fetches them piece by piece."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from agentdesk.centre.callers import asked_by
from agentdesk.centre.errors import Rejected
from agentdesk.centre.replies import DESCRIBED
from agentdesk.centre.sending import file_reply
from agentdesk.centre.service import Centre
from agentdesk.centre.snapshots import Kept, newest, shelf_of, standing
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import ErrorAnswer
from agentdesk.protocol.snapshots import SnapshotsAnswer

BYTES = "application/octet-stream"


def snapshot_routes(centre: Centre) -> APIRouter:
    """Return the routes of a centre's snapshots."""
    router = APIRouter()

    async def offered(scopes: tuple[str, ...]) -> list[Kept]:
        """Return what a site may fetch: file names are only ever compared with these."""
        shelf = shelf_of(centre.database)
        found = await asyncio.wrap_future(centre.database.read(lambda snapshot: standing(snapshot, shelf)))
        return [m for m in found if m.scope in scopes]

    @router.get("/v1/snapshots", summary="Which scopes can be fetched whole", **_documented(SnapshotsAnswer))
    async def snapshots(request: Request) -> Response:
        site = await centre.authenticate(await centre.admit(asked_by(request)))
        shelf = shelf_of(centre.database)
        found = [shelf.offered(kept) for kept in newest(await offered(site.scopes)).values()]
        answer = SnapshotsAnswer(snapshots=[one for one in found if one], server_time=centre.means.now())
        # with keys in it
        return Response(answer.model_dump_json(), media_type="application/json", headers={"cache-control": "no-store"})

    @router.get("/v1/snapshots/{name}", summary="Fetch a scope whole, or a range of it", **_documented(None))
    async def snapshot(request: Request, name: str) -> Response:
        site = await centre.authenticate(await centre.admit(asked_by(request)))
        request.scope.setdefault("agentdesk.facts", {}).update(site=site.id)
        manifest = next((m for m in await offered(site.scopes) if m.name == name), None)
        try:
            if manifest is not None:
                path = shelf_of(centre.database).path(manifest)
                return file_reply(request, path, manifest.size, manifest.sha256, BYTES)
        except FileNotFoundError:
            pass  # a newer one has just taken its place
        raise Rejected(ErrorCode.NOT_FOUND, "there is no such snapshot any more: ask which there are")

    return router


def _documented(answer: type[SnapshotsAnswer] | None) -> dict[str, Any]:
    errors: dict[int | str, dict[str, Any]] = {
        s: {"model": ErrorAnswer} for s in (401, 403, 404, 413, 414, 421, 429, 431, 500, 503)
    }
    security: dict[str, Any] = {"openapi_extra": {"security": [{"token": [], "signature": []}]}}
    if answer is not None:
        return {"response_model": answer, "responses": errors, **security}
    file: dict[str, Any] = {"content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}}
    return {
        "response_class": Response,
        "responses": {
            **dict.fromkeys(errors, DESCRIBED),
            200: file,
            206: file,
            416: {"description": "a range beyond the end"},
        },
        **security,
    }
