"""A pull in lines brings a replica to the same state as one in JSON, byte for byte."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from agentdesk.centre.forms import JSON, LINES
from agentdesk.centre.server import create_app
from agentdesk.centre.storage.rows import Action, LogRow
from agentdesk.store.site import Identity, Site
from agentdesk.sync.client import CentreClient, RequestFailed, client_of
from agentdesk.sync.signing import Credentials, SiteAuth
from tests.centre.kit import SCOPE, TestClock, build_world
from tests.centre.kit import Site as Author
from tests.store.world import Dice


class Through(httpx.BaseTransport):
    """Asks an application in this process; `without` is a field that an older site doesn't send; signs as `auth`."""

    def __init__(self, app: FastAPI, auth: httpx.Auth, without: str = "") -> None:
        self._app = app
        self._auth = auth
        self._without = without
        self.types: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        asked.pop(self._without, None)
        answer = asyncio.run(self._ask(request.url.path, asked))
        self.types.append(answer.headers["content-type"])
        return httpx.Response(answer.status_code, content=answer.content)

    async def _ask(self, path: str, asked: object) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://centre") as client:
            return await client.post(path, json=asked, auth=self._auth)


@pytest.fixture
def author(tmp_path: Path) -> Author:
    folder = tmp_path / "centre"
    folder.mkdir()
    author = build_world(folder, customers=5).site()
    for number in (1, 2, 3):
        author.whole_call(number)
    author.note("c-1")
    author.push()
    return author


def pulled(author: Author, folder: Path, through: Through) -> Site:
    """Return a site's files after one pull of everything."""
    e, clock = author.enrolled, TestClock()
    site = Site(folder, clock, Dice(1))
    region = f"region/{e.region}"
    facts = (e.site, e.number, e.name, region, tuple(e.scopes), "http://centre", e.token, author.key)
    site.enrol(Identity(*facts), "lineage")
    client = client_of(site, through)
    answer = client.pull(dict(site.pull_cursors()), 1_000)
    assert not answer.more
    for page in answer.pages:
        site.take_page(page)
    client.close()
    return site


def content(site: Site) -> list[list[tuple[object, ...]]]:
    tables = [
        f"{alias}.{table}" for alias in site.files.attached.aliases() for table in ("document", "holder", "cursor")
    ]
    return [site.files.outbox.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables]


def test_lines_and_json_leave_the_same_replica(author: Author, tmp_path: Path) -> None:
    app = create_app(author.world.centre.database, author.world.means)
    new, old = Through(app, author.auth), Through(app, author.auth, without="lines")
    in_lines, in_json = pulled(author, tmp_path / "a", new), pulled(author, tmp_path / "b", old)
    assert (new.types, old.types) == (["application/x-ndjson"], ["application/json"])
    assert in_lines.view.document(SCOPE, "c-1") == in_json.view.document(SCOPE, "c-1") is not None
    assert content(in_lines) == content(in_json)
    assert any(content(in_lines))
    in_lines.close()
    in_json.close()


ROW = LogRow(
    7, "h", SCOPE, "d-1", "put", "note", 7, '{"text":"a\\nb"}', "{}", "c-1", None, 0, None, 5, None, None, None, None
)


def one_page(rows: list[str]) -> str:
    start = json.dumps({"scope": SCOPE, "epoch": "e", "upto": 8, "hash": "h", "more": False})
    return LINES.answer([LINES.page(start, rows)], [SCOPE], 1)


def answering(text: str) -> CentreClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=text.encode()))
    auth = SiteAuth(Credentials("t", b""), TestClock().wall_ms)
    return CentreClient("http://centre", auth, TestClock(), transport)


def test_what_left_the_scope_is_told_in_lines_too() -> None:
    gone = ROW._replace(document="d-2", action="leave")
    pulled = answering(one_page([LINES.row(ROW), LINES.row(gone)])).pull({SCOPE: ("e", 0, "")}, 10)
    (page,) = pulled.pages
    assert [row.key.id for row in page.rows] == ["d-2"]
    assert page.rows[0].document is None
    assert page.raw == ((SCOPE, "d-1", "note", 7, "c-1", None, 0, None, 5, None, None, None, None, *ROW[7:9]),)
    assert page.size == 2


def test_a_text_of_several_lines_goes_out_as_one() -> None:
    spread = ROW._replace(data=json.dumps({"text": "a\nb"}, indent=1))
    assert LINES.row(spread) == LINES.row(ROW)


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_lines_that_were_cut_off_are_no_answer(cut: int) -> None:
    text = "\n".join(one_page([LINES.row(ROW)]).split("\n")[:cut])
    with pytest.raises(RequestFailed, match="can't be read"):
        answering(text).pull({SCOPE: ("e", 0, "")}, 10)


def test_a_row_in_json_is_an_object() -> None:
    row = json.loads(JSON.row(ROW))
    assert (row["id"], row["data"], row["action"]) == ("d-1", {"text": "a\nb"}, "put")


def test_columns_stand_in_the_order_of_the_replica() -> None:
    connection = sqlite3.connect(":memory:")
    from agentdesk.replica.tables import COLUMNS, create, put_rows

    create(connection)
    index = json.loads(LINES.row(ROW).split("\n")[0])
    put_rows(connection, [(*index, ROW.data, ROW.revs)])
    names = COLUMNS.split(", ")
    (found,) = connection.execute(f"SELECT {COLUMNS} FROM document").fetchall()
    by_name = dict(zip(names, found, strict=True))
    assert (by_name["customer"], by_name["at"], by_name["data"]) == ("c-1", 5, ROW.data)
    connection.close()


@pytest.mark.parametrize("action", ["put", "leave"])
def test_no_beginning_of_an_answer_passes_for_the_whole(action: Action) -> None:
    text = one_page([LINES.row(ROW._replace(action=action, revs='{"*":[7,"l"]}'))])
    answering(text).pull({SCOPE: ("e", 0, "")}, 10)
    for cut in range(len(text)):
        with pytest.raises(RequestFailed):
            answering(text[:cut]).pull({SCOPE: ("e", 0, "")}, 10)
