"""Makes a running desk of a site ring: what `agentdesk call NUMBER`, a softphone or a `tel:` link uses."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agentdesk.telephony.source import TelephonyError

TIMEOUT_S = 3.0
ANSWER_BYTES = 64 * 1024


class NoDesk(TelephonyError):
    """No desk of this site runs on this machine, or not the one that was meant."""


class SeveralDesks(TelephonyError):
    """More than one desk could ring, and none was named."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A running desk's door: `started` in ms, UTC; `token` opens it."""

    path: Path
    pid: int
    port: int
    token: str
    agent: str | None
    started: int


@dataclass(frozen=True, slots=True)
class Ring:
    """A desk that rings; `new` is False when it knew this call already."""

    pid: int
    agent: str | None
    call_id: str
    new: bool


def ring(
    data_dir: Path,
    number: str,
    *,
    name: str | None = None,
    queue: str | None = None,
    call_id: str | None = None,
    agent: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Ring:
    """Makes the desk of `agent` ring, or the only one there is.

    Raises `NoDesk`, `SeveralDesks`, or another `TelephonyError` when the desk refuses or doesn't answer.
    """
    running = desks(data_dir)
    while running:
        meant = [desk for desk in running if agent in {None, desk.agent}]
        if not meant:
            raise NoDesk(f"no desk of {agent} runs on this site")
        if len(meant) > 1 and agent is None:
            names = ", ".join(desk.agent or str(desk.pid) for desk in meant)
            raise SeveralDesks(f"{len(meant)} desks run on this site, say which shall ring: {names}")
        desk = max(meant, key=lambda d: d.started)
        asked = {"number": number, "name": name, "queue": queue, "call_id": call_id}
        answer = _post(desk, {k: v for k, v in asked.items() if v is not None}, timeout_s)
        if answer is not None:
            return Ring(desk.pid, desk.agent, str(answer.get("call_id")), answer.get("new") is True)
        running.remove(desk)
    raise NoDesk("no desk runs on this site: start one, then call again")


def desks(data_dir: Path) -> list[Desk]:
    """The desks that run here, by start; files that dead desks of this machine left are removed."""
    found = []
    for path in sorted((data_dir / "hooks").glob("desk-*.json")):
        try:
            note = json.loads(path.read_bytes())
            url = urlsplit(note["url"])
            desk = Desk(path, int(note["pid"]), url.port or 0, str(note["token"]), note["agent"], note["started"])
            here = note["host"] == socket.gethostname() and url.hostname == "127.0.0.1"
        except (OSError, ValueError, LookupError, TypeError):
            continue
        if not here:
            continue
        if _alive(desk.pid):
            found.append(desk)
        else:
            path.unlink(missing_ok=True)
    return sorted(found, key=lambda d: d.started)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _post(desk: Desk, body: dict[str, str], timeout_s: float) -> dict[str, object] | None:
    """The desk's answer; None when nobody listens there any more, and then its file goes."""
    from http.client import HTTPConnection, HTTPException

    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    connection = HTTPConnection("127.0.0.1", desk.port, timeout=timeout_s)
    try:
        connection.request("POST", "/calls", json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read(ANSWER_BYTES))
    except ConnectionRefusedError:
        desk.path.unlink(missing_ok=True)
        return None
    except (OSError, HTTPException, ValueError):
        raise TelephonyError(f"the desk with the process id {desk.pid} doesn't answer: is it busy?") from None
    finally:
        connection.close()
    if response.status == 401:
        # The port has a new owner: the desk that wrote the file is gone, and its id is another program's.
        desk.path.unlink(missing_ok=True)
        return None
    if not isinstance(answer, dict) or response.status not in {200, 201}:
        reason = answer.get("error") if isinstance(answer, dict) else None
        raise TelephonyError(f"the desk refused: {reason or response.status}")
    return answer
