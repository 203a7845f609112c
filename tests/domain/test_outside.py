"""Whatever comes from outside is drawn, kept in a cell, and read in a form, and does nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.language.forms import DEEPEST, json_of, toml_of
from agentdesk.domain.language.spreadsheet import guarded, unguarded
from agentdesk.domain.language.text import MOST_SHOWN, clean, escape_unseen, shown
from tests.hostile import FORMULAS, HOSTILE, LONG_LINE, MARKUP, OBEYED, RARE_NAMES, TOML_TEXTS, drawable, json_texts

anything = st.lists(
    st.one_of(st.characters(), st.sampled_from("\x1b\x9b\t\n\u2028\u0301\u20dd\u202e\u200b\ufe0f王é'=")), max_size=40
).map("".join)
cells = st.one_of(
    anything, st.sampled_from(FORMULAS), st.tuples(st.sampled_from(["'", "''", " ", ""]), anything).map("".join)
)
FORMULA = re.compile("[ \u00a0\u3000]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@pytest.mark.parametrize("text", [*HOSTILE, LONG_LINE], ids=lambda text: ascii(text[:12]))
def test_whatever_a_text_is_it_is_drawn_as_one_harmless_line(text: str) -> None:
    assert drawable(shown(text))
    assert len(shown(text)) <= MOST_SHOWN


@given(anything)
def test_drawing_what_was_drawn_changes_nothing_and_what_is_clean_stays_as_it_is(text: str) -> None:
    once = shown(text)
    assert drawable(once)
    assert shown(once) == once
    assert shown(clean(text, 100)) == clean(text, 100)


@pytest.mark.parametrize("text", MARKUP + RARE_NAMES)
def test_what_is_no_command_to_a_terminal_is_drawn_as_it_is(text: str) -> None:
    assert shown(unicodedata.normalize("NFC", text)) == unicodedata.normalize("NFC", text)


@given(anything)
def test_what_is_escaped_for_a_log_says_the_same_to_who_reads_it(text: str) -> None:
    line = escape_unseen(json.dumps(text, ensure_ascii=False))
    assert json.loads(line) == json.loads(json.dumps(text))
    assert OBEYED.search(line) is None
    line.encode()


@given(cells)
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    written = guarded(cell)
    assert FORMULA.match(written) is None or re.fullmatch(r"[+-]?\d+(\.\d+)?", written)
    assert unguarded(written) == cell


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_text_also_once_it_went_through_a_file(cell: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerow([guarded(cell)])
    file.seek(0)
    (read,) = next(csv.reader(file))
    assert FORMULA.match(read) is None
    assert unguarded(read) == cell


@pytest.mark.parametrize("figure", ["-12.50", "12", "+8613912345678", "-0", "0.5"])
def test_a_figure_stays_a_figure(figure: str) -> None:
    assert guarded(figure) == figure


@pytest.mark.parametrize("name", json_texts())
def test_json_is_read_or_refused_whatever_it_is(name: str) -> None:
    text = json_texts()[name]
    try:
        value = json_of(text, DEEPEST)
    except ValueError:
        return
    assert json.loads(text) == value


def test_json_is_read_down_to_the_depth_that_was_asked_for() -> None:
    assert json_of("[" * DEEPEST + "]" * DEEPEST, DEEPEST)
    with pytest.raises(ValueError, match="too deeply"):
        json_of('{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), DEEPEST)


@pytest.mark.parametrize("name", TOML_TEXTS)
def test_toml_that_goes_too_far_is_refused_in_one_way(name: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        toml_of(TOML_TEXTS[name])
    assert len(str(refused.value)) < 300


def test_toml_that_is_in_order_is_read() -> None:
    assert toml_of("a.b.c = 1\n[d]\ne = ['x']") == {"a": {"b": {"c": 1}}, "d": {"e": ["x"]}}
