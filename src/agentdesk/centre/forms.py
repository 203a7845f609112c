"""The two forms of a pull's answer: JSON for anybody, and lines of JSON for a site whose replica has the same columns.

Lines go into a replica as they are, without being read as JSON and written again. The first line is the answer less
its pages, with their number; each page begins with a line of its own, less its rows, with their number (`count`). A
row is three lines: its index columns as a JSON array in the order of the replica's tables, its data, its revisions.
What left the scope is [home, id], null and null.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Protocol

from agentdesk.centre.storage.rows import LogRow
from agentdesk.replica.tables import REPLICA_VERSION, encode


class Form(Protocol):
    """How an answer is written; `media` is its type."""

    media: str

    def row(self, row: LogRow) -> str:
        """Return a row's text."""

    def page(self, start: str, rows: Collection[str]) -> str:
        """Return a page's text; `start` is a JSON object with all but its rows."""

    def answer(self, pages: Sequence[str], granted: Sequence[str], now: int) -> str:
        """Return the text of the answer."""


class Json:
    """A PullAnswer."""

    media = "application/json"

    def row(self, row: LogRow) -> str:
        left = row.action == "leave"
        data, revs = ("null", "null") if left else (row.data, row.revs)
        return (
            f'{{"scope":"{row.home}","id":{encode(row.document)},"type":"{row.type}","rev":{row.rev},'
            f'"action":"{row.action}","data":{data},"revs":{revs}}}'
        )

    def page(self, start: str, rows: Collection[str]) -> str:
        return f'{start[:-1]},"rows":[{",".join(rows)}]}}'

    def answer(self, pages: Sequence[str], granted: Sequence[str], now: int) -> str:
        return f'{{"pages":[{",".join(pages)}],"granted":{encode(list(granted))},"server_time":{now}}}'


class Lines:
    """Lines, for a replica of this program's version."""

    media = "application/x-ndjson"

    def row(self, row: LogRow) -> str:
        if row.action == "leave":
            return f"{encode([row.home, row.document])}\nnull\nnull"
        index = encode([row.home, row.document, row.type, row.rev, *row[-9:]])
        return f"{index}\n{_line(row.data)}\n{row.revs}"

    def page(self, start: str, rows: Collection[str]) -> str:
        return "\n".join((f'{start[:-1]},"count":{len(rows)}}}', *rows))

    def answer(self, pages: Sequence[str], granted: Sequence[str], now: int) -> str:
        first = {"lines": REPLICA_VERSION, "pages": len(pages), "granted": list(granted), "server_time": now}
        return "\n".join((encode(first), *pages))


JSON, LINES = Json(), Lines()


def form_of(lines: int) -> Form:
    """Return the form for who reads lines of a version, 0 for none."""
    return LINES if lines == REPLICA_VERSION else JSON


def _line(text: str) -> str:
    """Return a JSON text as one line, which is how it was written here; another database may have kept it otherwise."""
    return text if "\n" not in text else encode(json.loads(text))
