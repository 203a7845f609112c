"""The centre as an ASGI application."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from starlette.staticfiles import StaticFiles

from agentdesk import __version__
from agentdesk.centre.authors import Means
from agentdesk.centre.guard import Bearing, Face, Guard
from agentdesk.centre.replies import answer_errors, unexpected
from agentdesk.centre.routes import routes
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.contract import Database
from agentdesk.protocol.messages import (
    EnrolRequest,
    HelloRequest,
    PresenceRequest,
    PullRequest,
    PushRequest,
    RotateRequest,
)
from agentdesk.protocol.sign_in import PinRequest, SignInRequest

log = logging.getLogger("agentdesk.centre")

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>agentdesk centre</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """\
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""
"""In a file of its own: the page may run no script that stands in it."""

_MODELS = (
    EnrolRequest,
    RotateRequest,
    HelloRequest,
    PushRequest,
    PullRequest,
    PresenceRequest,
    SignInRequest,
    PinRequest,
)
"""The bodies that are read raw."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def create_app(database: Database, means: Means | None = None, face: Face | None = None) -> FastAPI:
    """Return the application over a database that was set up before (`Centre.start`)."""
    face = face or Face()
    centre = Centre(database, means)
    app = FastAPI(
        title="agentdesk centre",
        version=__version__,
        description="Operations in, verdicts and changes out.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if face.docs else None,
    )
    app.state.centre = centre
    app.include_router(routes(centre))
    answer_errors(app)
    if face.docs:
        _serve_docs(app)
    _describe(app)
    # the one that was added last is passed first
    app.add_middleware(Guard, centre=centre, face=face)
    app.add_middleware(RequestLog)
    app.add_middleware(Bearing)
    return app


class RequestLog:
    """One line in the log for each request: what it was and what became of it, nothing of what it said.

    What nobody expected ends here, with an answer.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            reply = unexpected(scope["path"], error)
            if status == 0:
                await reply(scope, receive, sending)
        finally:
            facts = dict(scope.get("agentdesk.facts", {}))
            if "agentdesk.code" in scope:
                facts["code"] = scope["agentdesk.code"]
            log.log(
                logging.WARNING if facts.get("alarms") or status >= 500 else logging.INFO,
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"][:100],
                    "status": status,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                    **facts,
                },
            )


def _serve_docs(app: FastAPI) -> None:
    """Serve the documentation page from what is installed: a call floor may reach no other host."""
    from swagger_ui_bundle import swagger_ui_path

    app.mount("/docs/assets", StaticFiles(directory=str(swagger_ui_path)), name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(_PAGE, media_type="text/html")

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")


def _describe(app: FastAPI) -> None:
    """Add what FastAPI can't see: the bodies that are read raw, and the bearer token."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version="3.0.3",
                description=app.description,
                routes=app.routes,
            )
            components = schema.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            for model in _MODELS:
                own = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(own.pop("$defs", {}))
                schemas[model.__name__] = own
            components["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer"},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature",
                    "description": "the site's Ed25519 signature (RFC 9421), with Signature-Input and Content-Digest",
                },
            }
            app.openapi_schema = _older(schema)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _older(node: Any) -> Any:
    """Return a schema in the words of OpenAPI 3.0, the newest that the installed documentation page reads."""
    if isinstance(node, list):
        return [_older(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _older(value) for key, value in node.items()}
    options = result.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        del result["anyOf"]
        result |= {"nullable": True, **(rest[0] if len(rest) == 1 else {"anyOf": rest})}
    if "prefixItems" in result:
        kinds = result.pop("prefixItems")
        result["items"] = kinds[0] if all(kind == kinds[0] for kind in kinds) else {"anyOf": kinds}
    for bound, plain in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
        if isinstance(result.get(bound), int | float):
            result |= {plain: result[bound], bound: True}
    if "const" in result:
        result["enum"] = [result.pop("const")]
    return result
