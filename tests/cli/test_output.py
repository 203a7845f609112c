"""What commands print: nothing in it that a terminal obeys, columns that stay straight."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.cli.output import pairs, say, say_json, table
from agentdesk.cli.progress import Progress
from agentdesk.cli.shapes import masked, words
from agentdesk.domain.language.text import cells, strip_invisible

HOSTILE = st.text(st.characters(codec="utf-8") | st.sampled_from("\x1b\x07\u202e\u200b\x9b王[]"), max_size=20)


@given(st.lists(st.lists(HOSTILE, min_size=3, max_size=3), min_size=1, max_size=5))
def test_columns_begin_at_the_same_cell_in_every_line(rows: list[list[str]]) -> None:
    lines = table([[*row, "|"] for row in rows])

    assert len({cells(line[: line.rindex("|")]) for line in lines}) == 1


@given(HOSTILE)
def test_no_control_and_no_turn_of_the_direction_is_printed(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
        patch.setattr("sys.stdout", out)
        say([text])
        say_json({"text": text})
        out.flush()
        printed = out.buffer.getvalue().decode()

    assert printed.replace("\n", "") == strip_invisible(printed.replace("\n", ""))


def test_json_is_readable_where_the_output_can_carry_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding, readable in (("utf-8", True), ("ascii", False)):
        out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr("sys.stdout", out)
        say_json({"name": "王**"})
        out.flush()
        printed = out.buffer.getvalue().decode(encoding)
        assert json.loads(printed) == {"name": "王**"}
        assert ("王" in printed) is readable


def test_what_has_no_value_is_left_out() -> None:
    assert pairs([("name", "王"), ("note", ""), ("line", "up")]) == ["name  王", "line  up"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ring 18612345678 back", "ring 186****5678 back"),
        ("ring +86 186 1234 5678", "ring 186****5678"),
        ("请回电18612345678。", "请回电186****5678。"),
        ("number 1000 1000 0019", "number 1000 1000 0019"),
        ("hash 740026fbec13612345678ab", "hash 740026fbec13612345678ab"),
    ],
)
def test_mobile_numbers_in_free_text_are_masked(text: str, shown: str) -> None:
    assert words(text) == shown


def test_what_names_a_person_is_masked_by_the_name_of_its_field() -> None:
    body = {
        "caller": "+8618612345678",
        "caller_name": "王小明",
        "seals": {"x": "y"},
        "in": [{"certificate": "110101"}],
    }

    shown = masked(body)

    assert shown == {"caller": "186****5678", "caller_name": "王**", "in": [{"certificate": "1*****"}]}


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_bar_shows_share_and_rate_and_leaves_one_line() -> None:
    screen, now = Screen(), [0.0]
    with Progress("loading", 200, stream=screen, now=lambda: now[0]) as progress:
        now[0] = 1.0
        progress.to(100)
        now[0] = 2.0
        progress.by(100)

    drawn = screen.getvalue().split("\r")
    assert "0%" in drawn[1]
    assert "50%" in drawn[2]
    assert "100 of 200" in drawn[2]
    assert "100/s" in drawn[2]
    assert drawn[-1].startswith("loading  200 in ")
    assert all(unicodedata.east_asian_width(char) in ("Na", "N") for char in screen.getvalue())


def test_no_line_is_longer_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    screen = Screen()
    with Progress("a long name of some long work", 200_000, stream=screen) as progress:
        progress.to(100_000)

    assert all(len(line.removesuffix("\n").removesuffix("\x1b[K")) < 40 for line in screen.getvalue().split("\r"))


def test_where_nobody_watches_nothing_is_written() -> None:
    stream = io.StringIO()
    with Progress("loading", None, stream=stream) as progress:
        progress.by(1)

    assert stream.getvalue() == ""
