"""A list of agents as a file: who may sit at a desk, in which role. All of it is taken in, or nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agentdesk.centre.enrol import check_region
from agentdesk.centre.importer.source import survey
from agentdesk.cli.errors import CommandError
from agentdesk.domain.language.text import cleaned
from agentdesk.domain.policy import Bilingual, Catalogue

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "工号"),
    "name": ("name", "姓名"),
    "role": ("role", "角色"),
    "department": ("department", "部门"),
    "team": ("team", "班组"),
    "region": ("region", "区域"),
}
"""The columns by the headers that mean them; the first three are needed. Who has no region works where he signs in."""

NEEDED = ("id", "name", "role")
LONGEST_ID = 64


def read_staff(path: Path, catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the agents of a CSV file, each as `id`, `name`, `number`, `role` and what else is given.

    Roles and departments are codes or names of the catalogue. Raises CommandError with the first line that is wrong,
    and ImportRefused for a file that is no text.
    """
    with path.open(encoding=survey(path).encoding, errors="replace", newline="") as file:
        reader = csv.reader(file)
        rows = _rows(path, reader)
        columns = _columns(path, next(rows, []))
        agents: dict[str, dict[str, str]] = {}
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            try:
                agent = _agent(dict(zip(columns, row, strict=False)), catalogue)
                if agent["id"] in agents:
                    raise ValueError(f"{agent['id']!r} is there already: give each agent an id of his own")
            except ValueError as error:
                raise CommandError(f"{path}, line {reader.line_num}: {error}; nothing was taken in") from None
            agents[agent["id"]] = agent
    if not agents:
        raise CommandError(f"{path} has no agents: write one a line below the headers {', '.join(NEEDED)}")
    return list(agents.values())


def _rows(path: Path, reader: Any) -> Iterator[list[str]]:
    """Yield the rows of a file; raises CommandError for what is none, such as a cell of a megabyte."""
    try:
        yield from reader
    except csv.Error as error:
        raise CommandError(f"{path}, line {reader.line_num}: {error}; nothing was taken in") from None


def _columns(path: Path, headers: list[str]) -> list[str]:
    meant = {header: name for name, said in COLUMNS.items() for header in said}
    columns = [meant.get(cleaned(header, 40, fold=True).text.lower(), "") for header in headers]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise CommandError(f"{path} has no column {missing[0]!r}: its first line names id, name and role of the agents")
    return columns


def _agent(cells: Mapping[str, str], catalogue: Catalogue) -> dict[str, str]:
    """Return one agent; raises ValueError with what is wrong."""
    said = {name: cleaned(text, 80, fold=name == "id").text for name, text in cells.items() if name}
    for name in NEEDED:
        if not said.get(name):
            raise ValueError(f"{name} is empty: fill it in")
    if len(said["id"]) > LONGEST_ID or " " in said["id"]:
        raise ValueError(f"{said['id']!r} is no id: give one without spaces, such as 1024")
    said["role"] = _code(said["role"], {role.id: role.name for role in catalogue.roles.values()}, "role")
    if said.get("department"):
        names = {department.id: department.name for department in catalogue.departments.values()}
        said["department"] = _code(said["department"], names, "department")
    if said.get("region"):
        said["region"] = f"region/{check_region(said['region'])}"
    return {"number": said["id"], **{name: text for name, text in said.items() if text}}


def _code(text: str, names: Mapping[str, Bilingual], what: str) -> str:
    """Return the code that a text is, or is the name of."""
    for code, name in names.items():
        if text.casefold() in (code, name.zh.casefold(), name.en.casefold()):
            return code
    raise ValueError(f"no {what} is called {text!r}: use one of {', '.join(sorted(names))}")
