"""What the centre says of itself is what it does: requests made of its own description, and answers held against it.

Whatever comes, signed by a site or by nobody, it answers without a fault, and nothing that isn't described.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import MagicMock

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agentdesk.centre import live
from agentdesk.centre.live import Listener, Live, Say
from agentdesk.centre.server import create_app
from agentdesk.sync.signing import Credentials, SiteAuth
from tests.centre.kit import Site, World, build_world
from tests.sync.histories import Inside

EXAMPLES = 12
"""Requests of each sort that are signed; of others a third as many. In all they take seconds."""


HELD = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# what is described doesn't depend on a database
OPERATIONS = sorted(
    f"{method.upper()} {path}"
    for path, methods in create_app(MagicMock()).openapi()["paths"].items()
    for method in methods
)
OPEN = {"GET /healthz"}
"""What answers also those who sign nothing."""
NOTHING_TO_GET_WRONG = {"GET /healthz", "GET /v1/live", "GET /v1/snapshots"}
OTHER_KEYS = {"POST /v1/enrol", "POST /v1/rotate", "POST /v1/sign-in", "POST /v1/pin"}
"""What names a key or a password itself, and refuses another one than it knows."""

AnyCase = Case[Any]
Ask = Callable[[AnyCase], httpx.Response]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = build_world(tmp_path_factory.mktemp("described"))
    yield made
    made.centre.database.close()


@pytest.fixture(scope="module")
def app(world: World) -> Iterator[Any]:
    async def briefly(_live: Live, _listener: Listener, say: Say) -> None:
        await say("retry: 1000\n\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "WAIT_S", 0.0)
        patch.setattr(Live, "stream", briefly)
        yield create_app(world.centre.database, world.means)


@pytest.fixture(scope="module")
def schema(app: Any) -> Any:
    return schemathesis.openapi.from_dict(app.openapi(), config=SchemathesisConfig())


@pytest.fixture(scope="module")
def site(world: World) -> Site:
    return world.site()


def asking(world: World, app: Any, auth: httpx.Auth | None) -> Ask:
    """Return what sends a case as it was made, signed or not; time passes between any two."""
    client = httpx.Client(transport=Inside(app), base_url="http://centre")

    def ask(case: AnyCase) -> httpx.Response:
        world.clock.now += 1_000
        made = case.as_transport_kwargs(base_url="http://centre")
        sent: dict[str, Any] = {
            name: made[name] for name in ("method", "url", "params", "headers", "cookies", "json") if name in made
        }
        headers = {name: value for name, value in dict(sent.pop("headers", None) or {}).items() if value is not None}
        # the signature is the client's to make: what is made up here would only be found to be none
        if auth is not None:
            headers = {n: v for n, v in headers.items() if n.lower() not in {"signature", "authorization"}}
        cookies = sent.pop("cookies", None) or {}
        if cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        data = made.get("data")
        if isinstance(data, str | bytes):
            sent["content"] = data
        elif data is not None:
            sent["data"] = data
        raw = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in headers.items()]
        return client.request(headers=raw, auth=auth, **sent)

    return ask


def tried(schema: Any, label: str, mode: GenerationMode, ask: Ask, examples: int) -> list[int]:
    """Send some requests of a sort, hold each answer against the description, and return the statuses."""
    method, path = label.split()
    statuses: list[int] = []

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), deadline=None)
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def check(case: AnyCase) -> None:
        # what no client can put on the wire never comes to the centre
        with contextlib.suppress(httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError):
            answer = ask(case)
            answer.elapsed = timedelta()
            statuses.append(answer.status_code)
            case.validate_response(answer, checks=HELD)

    check()
    return statuses


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_it_answers_as_it_says(
    world: World, app: Any, schema: Any, site: Site, label: str, mode: GenerationMode, signed: bool
) -> None:
    newcomer = SiteAuth(Credentials("", bytes(32)), world.clock.wall_ms)
    auth = (newcomer if label == "POST /v1/enrol" else site.auth) if signed else None
    if mode is GenerationMode.NEGATIVE and label in NOTHING_TO_GET_WRONG:
        return
    statuses = tried(schema, label, mode, asking(world, app, auth), EXAMPLES if signed else EXAMPLES // 3)

    assert statuses
    if not signed and label not in OPEN:
        assert set(statuses) <= {401, 404, 405, 413, 414, 431}
    elif label not in OTHER_KEYS:
        assert 401 not in statuses
