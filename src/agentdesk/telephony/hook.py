"""A loopback HTTP door through which other programs on this machine make the desk ring.

    POST /calls                     {"number": …, "name": …, "queue": …, "call_id": …}
    POST /calls/{id}/{moment}       {"target": …, "transfer": "blind"|"warm", "reason": …}

The address and the bearer token stand in `hooks/desk-<pid>.json` of the site's folder, for its owner alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from agentdesk.domain.comparing import same_secret
from agentdesk.telephony.hand import HandSource
from agentdesk.telephony.model import CallMoment, TransferKind
from agentdesk.telephony.source import CannotDo
from agentdesk.telephony.wire import (
    HEAD_BYTES,
    Head,
    Refused,
    finish,
    json_object,
    read_body,
    read_head,
    response,
)

HOST = "127.0.0.1"
CONNECTIONS = 16
REQUEST_S = 5.0


class HookSource(HandSource):
    """Calls that other programs on this machine announce."""

    def __init__(
        self,
        data_dir: Path,
        *,
        now_ms: Callable[[], int],
        agent: str | None = None,
        name: str = "hook",
        request_s: float = REQUEST_S,
    ) -> None:
        super().__init__(name, now_ms, agent=agent)
        self._request_s = request_s
        self._file = data_dir / "hooks" / f"desk-{os.getpid()}.json"
        self._token = secrets.token_urlsafe(32)
        self._serving: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Serves until it is cancelled; the file tells the address meanwhile."""
        server = await asyncio.start_server(self._serve, HOST, 0, limit=HEAD_BYTES)
        port = server.sockets[0].getsockname()[1]
        try:
            self._write_file(f"http://{HOST}:{port}")
            await super().listen()
            await asyncio.Event().wait()
        finally:
            server.close()
            self._remove_file()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    # ------------------------------------------------------------ one request

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # it runs in one
        self._serving.add(task)
        try:
            answer = await self._answer(reader, writer)
            if answer is not None:
                await finish(reader, writer, answer)
        finally:
            self._serving.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        if len(self._serving) > CONNECTIONS:
            return response(503, {"error": "too many requests at once, try again"})
        try:
            async with asyncio.timeout(self._request_s):
                head = await read_head(reader)
                if head is None:
                    return None
                self._check(head, writer.get_extra_info("sockname")[1])
                body = json_object(head, await read_body(reader, head))
            status, value = await self._route(head, body)
            return response(status, value)
        except Refused as refused:
            extra = {401: ("WWW-Authenticate: Bearer",), 405: ("Allow: POST",)}.get(refused.status, ())
            return response(refused.status, {"error": str(refused)}, extra)
        except CannotDo as error:
            return response(409, {"error": str(error)})
        except TimeoutError:
            return response(408, {"error": "the request came too slowly"})
        except OSError:
            return None

    def _check(self, head: Head, port: int) -> None:
        """A browser page can reach a loopback port, too, also under a name of its own that points here."""
        if head.headers.get("host") not in {f"{HOST}:{port}", f"localhost:{port}"} or "origin" in head.headers:
            raise Refused(403, "only programs on this machine may ring")
        kind, _, token = head.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not same_secret(token.strip(), self._token):
            raise Refused(401, "the token is wrong: read it from the file in the folder hooks/")

    async def _route(self, head: Head, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        match [unquote(part) for part in head.path.split("/")[1:]]:
            case ["calls"] if head.method == "POST":
                return await self._ring(body)
            case ["calls", call_id, moment] if head.method == "POST":
                return await self._move(call_id, moment, body)
            case ["calls"] | ["calls", _, _]:
                raise Refused(405, "only POST is understood here")
        raise Refused(404, "there is POST /calls and POST /calls/{id}/{moment}")

    async def _ring(self, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        said = _texts(body, "number", "name", "queue", "call_id")
        try:
            call_id, new = await self.ring(
                said["number"] or "", name=said["name"], queue=said["queue"], call_id=said["call_id"]
            )
        except CannotDo as error:
            raise Refused(400, str(error)) from None
        return 201 if new else 200, {"call_id": call_id, "new": new, "pid": os.getpid()}

    async def _move(self, call_id: str, moment: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        if moment not in set(CallMoment):
            raise Refused(404, f"no such moment: there are {', '.join(CallMoment)}")
        if self.book.get(call_id) is None:
            raise Refused(404, "there is no such call here")
        said = _texts(body, "target", "transfer", "reason")
        transfer = said["transfer"]
        if transfer is not None and transfer not in set(TransferKind):
            raise Refused(400, "transfer is blind or warm")
        if moment == CallMoment.ENDED:
            await self.end(call_id, said["reason"] or "caller")
        else:
            await self.move(
                call_id,
                CallMoment(moment),
                transfer=None if transfer is None else TransferKind(transfer),
                target=said["target"],
                reason=said["reason"],
            )
        return 200, {"call_id": call_id, "state": self._call(call_id).state.value}

    # ------------------------------------------------------------ the file

    def _write_file(self, url: str) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        note = {
            "url": url,
            "token": self._token,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "agent": self.agent,
            "started": self._now(),
        }
        draft = self._file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(note, file)
        draft.replace(self._file)

    def _remove_file(self) -> None:
        try:
            mine = self._token in self._file.read_text()
        except OSError:
            return
        if mine:
            self._file.unlink(missing_ok=True)


def _texts(body: dict[str, object], *names: str) -> dict[str, str | None]:
    """The fields of a request, each a text or absent. Raises `Refused` for others: a typo is noticed."""
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise Refused(400, f"unknown field {unknown[0][:40]!r}: there are {', '.join(names)}")
    texts: dict[str, str | None] = {}
    for name in names:
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            raise Refused(400, f"{name} is a text")
        texts[name] = value
    return texts
