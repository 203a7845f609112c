"""What is typed, pasted, answered or read from a file at the desk is a text, whatever it says."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events

from agentdesk.desk import i18n, wording
from agentdesk.desk.actions import keymap
from agentdesk.desk.deeds import Deeds
from agentdesk.desk.hall import SLIPS, Hall
from agentdesk.desk.models import spoken
from agentdesk.desk.models.rows import row, text
from agentdesk.desk.personal import choices, macros
from agentdesk.desk.personal.choices import Choices, ChoicesError
from agentdesk.desk.personal.macros import MacroError, MacroStep
from agentdesk.desk.queries.finding import search, shelf
from agentdesk.desk.widgets.field import LONGEST, Field, Words
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.language.text import clean
from agentdesk.domain.policy import Bilingual
from agentdesk.store.site import Site
from scripts.i18n import ROOT
from tests.desk.driving import note_box, running, until, verified
from tests.desk.gallery import WAYS, furnish, go
from tests.desk.world import REGION, WANG, Desk, catalogue, fill
from tests.hostile import FILE_NAMES, HOSTILE, LONG_LINE, MARKUP, QUERIES, TOML_TEXTS, drawable

typed = st.one_of(
    st.text(max_size=60),
    st.sampled_from(QUERIES),
    st.lists(st.sampled_from(["王", '"', "'", "*", "AND", "OR", "NEAR(", ")", "^", ":", "-", "%", "_", "\x00", " "]))
    .map("".join)
    .map(lambda words: words[:200]),
)


# ------------------------------------------------------------ looking for


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on which a note has each query in its text."""
    made = Desk(tmp_path_factory.mktemp("site")).site()
    notes = [(n, clean(query, 1_000)) for n, query in enumerate(QUERIES)]
    fill(made, REGION, [_note(n, words) for n, words in notes if words], upto=20)
    while made.search.follow():
        pass
    yield made
    made.close()


def _note(number: int, words: str) -> Any:
    from agentdesk.domain.documents import Document

    return Document(REGION, f"n-{number}", "note", 3, {"customer": "c-wang", "text": f"查询 {words}", "at": 1})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(words=typed)
def test_nothing_that_is_looked_for_is_a_query(site: Site, words: str) -> None:
    given = clean(words, 200)
    found = search(site, given)
    for one in found.found:
        assert one.document is not None or one.article is not None
        assert drawable(text(row(one.said, one.who)))
    shelf(site).find(given, 8)


@pytest.mark.parametrize("query", [query for query in QUERIES if len(query) < 60 and clean(query, 60)])
def test_a_note_is_found_by_the_query_that_stands_in_it_as_by_any_words(site: Site, query: str) -> None:
    words = clean(query, 60)
    wanted = set(site.search.fold(words).split())
    found = {one.id for one in site.search.worded(f"查询 {words}", 100)}
    assert f"n-{QUERIES.index(query)}" in found
    for one in found & {f"n-{n}" for n in range(len(QUERIES))}:
        told = site.search.fold(clean(QUERIES[int(one[2:])], 1_000))
        assert all(run in f"查询 {told}" for run in wanted)


BOXES = ("FindScreen", "FlowsPage", "ServicesPage", "HallPage", "HelpScreen", "PickDialog", "OrderDialog", "AskDialog")


@pytest.mark.parametrize("name", BOXES)
async def test_every_box_takes_what_is_typed_for_a_text(tmp_path: Path, name: str) -> None:
    way = WAYS[name]
    desk = Desk(tmp_path, role=way.role)
    furnish(desk, way)
    async with running(desk) as pilot:
        await go(desk, pilot, way)
        field = desk.app.screen.query_one(Field)
        for words in (*QUERIES, *HOSTILE[::6]):
            field.value = words
            await pilot.pause()
            assert drawable(field.value)
        assert type(desk.app.screen).__name__ == name


# ------------------------------------------------------------ pasting


async def test_a_field_holds_nothing_that_a_terminal_obeys_however_it_came_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await note_box(desk, pilot)
        field, several = Field(), desk.app.screen.query_one(Words)
        for words in (*HOSTILE, LONG_LINE):
            for held in (field, Field(words)):
                held.value = words
                assert drawable(held.value)
                assert len(held.value) <= LONGEST
            several.text = words
            assert all(map(drawable, several.text.split("\n")))


async def test_what_is_pasted_into_a_field_is_cleaned_before_it_is_drawn(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("slash")
        for words in HOSTILE[::3]:
            field = desk.app.screen.query_one(Field)
            field.value = ""
            field.post_message(events.Paste(words))
            await pilot.pause()
            assert field.value == clean(words, LONGEST)
            assert field.cursor_position == len(field.value)


async def test_what_is_pasted_into_a_note_keeps_its_lines_and_nothing_else(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await note_box(desk, pilot)
        field = desk.app.screen.query_one(Words)
        field.post_message(events.Paste("一\x1b[31m\r\n\x9b2J二\u202e三\x1b]52;c;cm0=\x07\n\n\n\n四"))
        await pilot.pause()
        assert field.text == "一\n二三\n\n四"
        await pilot.press("enter")
        await until(pilot, lambda: not desk.app.screen.query(Words))


# ------------------------------------------------------------ reasons and words


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("code", sorted(wording.WORDS))
def test_the_values_of_a_reason_are_read_and_nothing_more(code: str, language: str) -> None:
    i18n.use(language)
    names = [*re.findall(r"""v(?:\.get\(|\[)["'](\w+)["']""", _SOURCE), "left", "limit", "values"]
    for words in ("王[@click=app.quit]\x1b[31m{0.__class__}%s\u202e", "Z" + "\u0301" * 300, "很长" * 5_000):
        for value in (words, [words], {words: words}, {}, -1, 10**30, 1.5, True, None):
            try:
                said = wording.say(Reason(code, dict.fromkeys(names, value)), catalogue())
            except (TypeError, ValueError, AttributeError, OverflowError, KeyError):
                continue  # the values of a reason are as the rules make them
            assert drawable(text(row(said)))


_SOURCE = "".join(path.read_text("utf-8") for path in (ROOT / "src/agentdesk/desk/wording").glob("*.py"))


@pytest.mark.parametrize("blank", ["{due.__class__.__mro__}", "{0}", "{due!r}", "{due:>99999999}", "{", "{}", "%s"])
def test_words_of_the_policy_take_what_fills_them_and_nothing_of_the_program(blank: str) -> None:
    said = spoken.filled(Bilingual(f"最迟 {blank}", f"by {blank}"), {"due": "今天 {due} 14:00"})
    assert "class" not in said.replace("__class__", "") or blank.replace("{", "(").replace("}", ")") in said
    assert len(said) < 200
    assert spoken.filled(Bilingual("最迟 {due}", "by {due}"), {"due": "{due}"}) in ("最迟 {due}", "by {due}")


def test_no_words_of_the_policy_are_ever_a_template_of_the_programs_own() -> None:
    """What `format` fills may reach into what it is given: only words that stand in the program are filled so."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "src" / "agentdesk" / "desk").rglob("*.py")
        if ".format" in (source := path.read_text("utf-8")) and ".say(" in source
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "format_map")
        and _from_data(node.func.value, function)
    ]
    assert not wrong


def _from_data(template: ast.expr, function: ast.AST) -> bool:
    """Tell whether a template is, or may be, what `say` gives of the policy's words."""
    if isinstance(template, ast.Name):
        given = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and any(isinstance(name, ast.Name) and name.id == template.id for name in node.targets)
        ]
        return any(_from_data(value, ast.Module([], [])) for value in given if not isinstance(value, ast.Name))
    calls = [node.func for node in ast.walk(template) if isinstance(node, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr == "say" for call in calls)


# ------------------------------------------------------------ files of the agent and the site


@pytest.mark.parametrize("name", TOML_TEXTS)
def test_files_that_go_too_far_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    told = TOML_TEXTS[name]
    path = tmp_path / "a.toml"
    path.write_text(told, "utf-8", "surrogatepass")
    with pytest.raises(keymap.KeymapError) as keys:
        keymap.parse(told, "keymap.toml")
    with pytest.raises(MacroError) as found:
        macros.parse(told, "macros.toml")
    with pytest.raises(ChoicesError) as chosen:
        choices.read(path)
    for error in (keys, found, chosen):
        assert drawable(clean(str(error.value), 600))


@pytest.mark.parametrize("words", [*HOSTILE, *MARKUP], ids=lambda words: ascii(words[:12]))
def test_a_setting_comes_back_as_it_was_kept(tmp_path: Path, words: str) -> None:
    kept = words.encode("utf-8", "replace").decode()
    choices.write(tmp_path / "a.toml", Choices(keymap=kept))
    assert choices.read(tmp_path / "a.toml").keymap == kept


@pytest.mark.parametrize("agent", FILE_NAMES)
def test_the_settings_of_an_agent_stay_in_their_folder(tmp_path: Path, agent: str) -> None:
    path = choices.path_of(tmp_path, agent)
    assert path.parent == tmp_path / choices.FOLDER
    assert path.name.isprintable()


def test_what_is_typed_into_a_blank_has_no_blanks_of_its_own() -> None:
    step = MacroStep("note", {"text": "{who}: {what}"}).filled({"who": "{what}", "what": "{who.__class__}"})
    assert step.fields["text"] == "{what}: {who.__class__}"


# ------------------------------------------------------------ slips


class _Deeds(Deeds):
    def __init__(self) -> None:
        pass


@pytest.mark.parametrize("number", FILE_NAMES)
def test_a_slip_is_written_into_its_folder_whatever_its_number_is(tmp_path: Path, number: str) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    assert Hall(_Deeds(), folder).print_slip(number, "一\x1b@\x1d\x56\x00二\n三") == ""
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.parent == folder / SLIPS
    assert path.read_text("utf-8") == "一V二\n三\n"
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("planted", ["file", "folder"])
def test_a_slip_is_written_through_no_link(tmp_path: Path, planted: str) -> None:
    folder, victim = tmp_path / "site", tmp_path / "victim"
    folder.mkdir()
    if planted == "file":
        victim.write_text("mine")
        (folder / SLIPS).mkdir()
        (folder / SLIPS / "1.txt").symlink_to(victim)
        assert Hall(_Deeds(), folder).print_slip("1", "一") == ""
        assert victim.read_text() == "mine"
        assert not (folder / SLIPS / "1.txt").is_symlink()
    else:
        victim.mkdir()
        (folder / SLIPS).symlink_to(victim)
        assert Hall(_Deeds(), folder).print_slip("1", "一") != ""
        assert not list(victim.iterdir())


def test_a_printer_is_given_a_file_and_no_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: given.append(words))
    assert Hall(_Deeds(), tmp_path, "lp -d hall").print_slip("$(touch x); `id`", "一") == ""
    assert given == [["lp", "-d", "hall", str(tmp_path / SLIPS / "touchxid.txt")]]
    assert os.path.exists(given[0][-1])
