"""Files are read whatever an editor did to them, and a problem points at the right line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.catalogue.sources import CatalogueError, Problem, Source, read_sources
from tests.catalogue.small import POLICY, write

TEXT = '''\
# a comment with code = "X1"
[[template]]
code = "U01"
name.zh = "甲"
applies = [
    { is = "line", kinds = ["mobile"] },
]
note = """
[[template]]
code = "U99"
"""
six.target.zh = "目标"

[[role]]
id = "agent"

[[template]] # the second
code = "U02"
  name.zh = "乙"

[template.six]
target.zh = "目标"
owner.en = "Owner"

[rules]
idle_lock_s = 300

[[flow]]
code = "Q1"

[[flow.step]]
id = "s1"

[[flow.step]]
id = "s2"
answers = [
    { key = 1, to = "s1" },
    { key = 2, to = "e1" },
]

[[flow.end]]
id = "e1"

[[flow]]
code = "Q2"

[[flow.step]]
id = "s1"
'''


@pytest.mark.parametrize(
    ("table", "index", "key", "line"),
    [
        pytest.param("template", 0, (), 2, id="header"),
        pytest.param("template", 0, ("code",), 3, id="key"),
        pytest.param("template", 0, ("name", "zh"), 4, id="dotted"),
        pytest.param("template", 0, ("name", "en"), 4, id="beginning"),
        pytest.param("template", 0, ("applies", 0, "is"), 6, id="list"),
        pytest.param("template", 0, ("six", "target", "zh"), 12, id="after-a-long-text"),
        pytest.param("template", 1, (), 17, id="second"),
        pytest.param("template", 1, ("name", "zh"), 19, id="indented"),
        pytest.param("template", 1, ("six", "owner", "en"), 23, id="sub-table"),
        pytest.param("template", 1, ("verify",), 17, id="missing"),
        pytest.param("role", 0, ("id",), 15, id="another-table"),
        pytest.param("rules", 0, ("idle_lock_s",), 26, id="single"),
        pytest.param("nothing", 0, (), 1, id="nowhere"),
        pytest.param("flow", 0, ("step", 0, "id"), 32, id="array-in-an-entry"),
        pytest.param("flow", 0, ("step", 1, "ask", "zh"), 34, id="second-in-an-entry"),
        pytest.param("flow", 0, ("step", 1, "answers", 1, "to"), 38, id="item-of-a-list"),
        pytest.param("flow", 0, ("end", 0, "id"), 42, id="another-array"),
        pytest.param("flow", 1, ("step", 0, "id"), 48, id="array-in-the-next-entry"),
    ],
)
def test_an_entry_and_its_keys_are_found(table: str, index: int, key: tuple[str | int, ...], line: int) -> None:
    assert Source("x.toml", TEXT, {}).line(table, index, *key) == line


def test_files_are_read_in_the_order_of_their_names_also_below_folders(tmp_path: Path) -> None:
    write(tmp_path, {"b.toml": "", "a/z.toml": "x = 1", "a.txt": "not read"})

    sources, problems = read_sources(tmp_path)

    assert [source.name for source in sources] == ["a/z.toml", "b.toml"]
    assert problems == ()


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + POLICY.replace("\n", "\r\n").encode())

    sources, problems = read_sources(tmp_path)

    assert problems == ()
    assert sources[0].tables["catalogue"] == {"label": "small-1", "sample": True}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        pytest.param(b'a = 1\nb = "\n', 2, "is not TOML", id="syntax"),
        pytest.param(b"a = 1\nb = 2\na = 3\n", 3, "is not TOML: Cannot overwrite a value; correct it here", id="twice"),
        pytest.param(b'a = """\nb\n', 3, "is not TOML", id="end"),
        pytest.param("a = 1\nb = '中'\n".encode("gb18030"), 2, "is not UTF-8: save the file as UTF-8", id="gb18030"),
    ],
)
def test_what_is_not_a_toml_file_is_told_with_its_line(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    (tmp_path / "a.toml").write_bytes(content)

    sources, problems = read_sources(tmp_path)

    assert sources == ()
    assert [(p.file, p.line) for p in problems] == [("a.toml", line)]
    assert problems[0].message.startswith(message)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert read_sources(tmp_path) == ((), (Problem(".", 1, f"no catalogue here: {tmp_path} has no .toml file"),))


def test_an_error_names_the_first_problem_and_counts_the_others() -> None:
    problems = (Problem("a.toml", 3, "U01: wrong"), Problem("b.toml", 1, "U02: wrong"))

    assert str(CatalogueError(problems)) == "a.toml:3: U01: wrong (and 1 more)"
    assert str(CatalogueError(problems[:1])) == "a.toml:3: U01: wrong"
