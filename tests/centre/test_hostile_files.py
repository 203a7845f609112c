"""Files that are brought to the centre, and what it writes of them: tables, lists of agents, logs."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agentdesk.catalogue.sources import read_sources
from agentdesk.centre.importer.customers import import_customers
from agentdesk.centre.importer.source import ImportRefused
from agentdesk.centre.logs import JsonLines
from agentdesk.cli.errors import CommandError, one_line
from agentdesk.cli.staff import read_staff
from agentdesk.domain.language.spreadsheet import unguarded
from agentdesk.qa.world import catalogue
from tests.centre.kit import REGION, SCOPE, World, build_world
from tests.hostile import FORMULAS, HOSTILE, LONG_LINE, OBEYED, QUERIES, TOML_TEXTS, drawable

TEXTS = [
    words.encode("utf-8", "replace").decode().replace("\0", "") for words in (*HOSTILE, *FORMULAS, *QUERIES, LONG_LINE)
]
"""The corpus as a file that is a text has it."""
HEADER = ["客户编号", "客户名称", "用户号码", "套餐", "地址", "联系人", "联系电话", "标记"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = build_world(tmp_path_factory.mktemp("centre"))
    yield made
    made.centre.database.close()


def written(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def texts(value: object) -> Iterator[str]:
    """Yield all texts in a value, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def test_what_an_import_takes_is_clean_and_what_it_refuses_says_why(world: World, tmp_path: Path) -> None:
    rows = [
        [f"K{n}", words, f"186{n:08d}", words, words, words, f"139{n:08d}", words] for n, words in enumerate(TEXTS, 1)
    ]
    report = import_customers(world.centre.database, written(tmp_path / "c.csv", rows), REGION, means=world.means)
    log = world.centre.database.read(lambda s: {row.document for row in s.log(SCOPE, 0, 10_000)}).result()
    found = [one for one in world.documents(SCOPE, *log).values() if "external_id" in one.data]
    assert len(found) > len(TEXTS) // 2
    assert len(found) + report.rejected >= len(TEXTS)
    for one in found:
        assert all(map(drawable, texts(one.data)))
        assert all(len(words) <= 1_000 for words in texts(one.data))


@pytest.mark.parametrize(
    "text",
    [
        "name\n" + '"' + "x" * 200_000,
        "name\n" + '"x\n' * 100_000,
        "name,balance\n" + ",".join(["x"] * 100_000),
        "name\n" + "x" * 3_000_000,
        "name\n\x00\n",
        '"name' * 1_000,
        "name,name,name\nx",
        "name\r" * 10_000,
        '"' + "name," * 20_000 + '"',
        "\ufeff\ufeffname\nx",
        "name\n" + '"' + ("a" * 60_000 + "\n") * 19 + '"\n',
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_a_table_that_goes_too_far_is_refused_line_by_line_or_as_a_whole(
    world: World, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(text, "utf-8", newline="")
    with suppress(ImportRefused):
        assert import_customers(world.centre.database, path, REGION, means=world.means).written.new == 0
    with pytest.raises((CommandError, ImportRefused)) as refused:
        read_staff(path, catalogue())
    assert drawable(one_line(str(refused.value)))


def test_the_file_of_refused_lines_is_no_link_and_has_no_formulas(world: World, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "c.rejected.csv").symlink_to(victim)
    rows = [[f"K{n}", words, "no number", words, "", "", "", ""] for n, words in enumerate(FORMULAS, 1)]
    report = import_customers(world.centre.database, written(tmp_path / "c.csv", rows), REGION, means=world.means)
    assert report.rejects is not None
    assert report.rejected
    assert victim.read_text() == "mine"
    assert not report.rejects.is_symlink()
    assert report.rejects.stat().st_mode & 0o077 == 0
    with report.rejects.open(encoding="utf-8-sig", newline="") as file:
        _heads, *lines = csv.reader(file)
    for line in lines:
        (given,) = (row for row in rows if row[0] == line[3])
        assert [unguarded(cell) for cell in line[3:]] == given
        assert not any(cell.lstrip(" \u00a0\u3000")[:1] in tuple("=@+\uff1d\uff20") for cell in line)


def test_agents_of_a_list_with_hostile_roles_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    for words in TEXTS:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["工号", "姓名", "角色"], ["1024", words, "agent"], ["1025", "王", words]])
        with pytest.raises(CommandError) as refused:
            read_staff(path, catalogue())
        assert drawable(one_line(str(refused.value)))


def test_agents_of_a_list_have_clean_names(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [[str(n), f"王{words}", "agent"] for n, words in enumerate(TEXTS)]
        csv.writer(file).writerows([["工号", "姓名", "角色"], *[row for row in rows if len(row[1]) < 100_000]])
    agents = read_staff(path, catalogue())
    assert len(agents) > len(TEXTS) - 5
    assert all(drawable(value) for agent in agents for value in agent.values())


@pytest.mark.parametrize("name", TOML_TEXTS)
def test_a_catalogue_that_goes_too_far_is_a_problem_with_a_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.toml").write_text(TOML_TEXTS[name], "utf-8", "surrogatepass")
    sources, problems = read_sources(tmp_path)
    assert not sources
    assert len(problems) == 1
    assert problems[0].line >= 1


@pytest.mark.parametrize("escape", ["\\u001b[31m", "\\u202e", "\\u200b", "\\U000e0041", "\\u009b31m", "\\u2066"])
def test_words_of_a_catalogue_have_nothing_that_nobody_sees(tmp_path: Path, escape: str) -> None:
    (tmp_path / "a.toml").write_text(
        f'[[template]]\ncode = "U01"\nname.zh = "好"\n\n[[template]]\ncode = "U02"\nname.zh = "甲{escape}乙"\n', "utf-8"
    )
    _, (problem,) = read_sources(tmp_path)
    assert problem.line == 7
    assert "U+" in problem.message


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: ascii(words[:12]))
def test_a_line_of_the_log_is_one_line_that_no_terminal_obeys(words: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    record = logging.LogRecord("x", logging.WARNING, "", 0, "about %s", (words,), None)
    record.site = words
    setattr(record, words or "x", words)
    handler.emit(record)
    stream.flush()
    line = stream.buffer.getvalue().decode()
    assert line.count("\n") == 1
    assert OBEYED.search(line.rstrip("\n")) is None
    assert json.loads(line)["site"] == json.loads(json.dumps(words))
