"""Macros: read with every mistake named by its line, run as by hand, ended by the first refusal, and listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentdesk.desk import terms
from agentdesk.desk.actions import keymap
from agentdesk.desk.personal import choices as kept
from agentdesk.desk.personal.macros import MacroError, parse, paths_of, read
from tests.desk.driving import answered, running, screen_text, until, wait_for
from tests.desk.world import WANG, Desk, entries

KINDS = tuple(terms.TICKETS)
GOOD = """
[slow]
name = "上网慢"
[slow.blanks]
place = "在哪里慢?"
since = "多久了?"
[[slow.steps]]
do = "note"
text = "{place} 上网慢 {since}"
[[slow.steps]]
do = "ticket"
kind = "request"
text = "{place} 上网慢"
[[slow.steps]]
do = "promise"
code = "NOPE"
[[slow.steps]]
do = "note"
text = "说完了"

[thanks]
name = "致谢"
[[thanks.steps]]
do = "note"
text = "客户来电致谢"
"""


def test_a_macro_is_read_with_its_steps_and_blanks_in_their_order() -> None:
    slow, thanks = parse(GOOD, "macros.toml", KINDS)
    assert (slow.id, slow.name, [step.do for step in slow.steps]) == (
        "slow",
        "上网慢",
        ["note", "ticket", "promise", "note"],
    )
    assert list(slow.blanks) == ["place", "since"]
    assert slow.steps[0].filled({"place": "家里", "since": "两天"}).fields["text"] == "家里 上网慢 两天"
    assert not thanks.blanks


def step(text: str) -> str:
    return f'[a]\nname = "a"\n[a.blanks]\nx = "x?"\n[[a.steps]]\ndo = "note"\ntext = "{{x}}"\n[[a.steps]]\n{text}\n'


MISTAKES = {
    "[a]\nsteps = []": ("line 1", "a needs a name"),
    '\n[a]\nname = "a"': ("line 2", "a has no steps"),
    '[a]\nname = "a"\nkey = "f5"\nsteps = []': ("line 1", "'key' of a is not known"),
    'a = "b"': ("line 1", "'a' is no macro"),
    step('do = "call"'): ("line 8", "do must be note, ticket or promise"),
    step('do = "note"'): ("line 8", "a note needs text"),
    step('do = "note"\ntext = "b"\nto = "c"'): ("line 8", "a note has no to"),
    step('do = "note"\ntext = "{where}"'): ("line 8", "{where} has no question"),
    step('do = "ticket"\nkind = "joke"\ntext = "b"'): ("line 8", "no kind of ticket 'joke'"),
    step('do = "promise"\ncode = 4'): ("line 8", "code must be a text"),
    '[a]\nname = "a"\n[a.blanks]\nx = "x?"\n[[a.steps]]\ndo = "note"\ntext = "b"': ("line 1", "has the blank {x}"),
    "[a": ("is not TOML",),
}


@pytest.mark.parametrize("written", MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_one_line_with_file_line_and_what_to_do(written: str) -> None:
    with pytest.raises(MacroError) as raised:
        parse(written, "macros.toml", KINDS)
    said = str(raised.value)
    assert said.startswith("macros.toml")
    assert "\n" not in said
    assert all(part in said for part in MISTAKES[written]), said


def test_an_agents_own_macro_comes_before_the_sites_of_the_same_name(tmp_path: Path) -> None:
    own, site = paths_of(tmp_path, kept.path_of(tmp_path, "bj1024"))
    own.parent.mkdir()
    site.write_text(GOOD, "utf-8")
    own.write_text(GOOD.replace("致谢", "表扬"), "utf-8")
    assert [one.name for one in read((own, site), KINDS)] == ["上网慢", "表扬"]
    assert read((tmp_path / "none.toml",)) == ()


async def test_blanks_are_asked_for_and_the_first_refusal_ends_it(tmp_path: Path) -> None:
    (tmp_path / "macros.toml").write_text(GOOD, "utf-8")
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("full_stop")
        await wait_for(pilot, "致谢")
        await pilot.press("1")
        await wait_for(pilot, "在哪里慢?")
        desk.clock.advance(500)
        await pilot.press(*"home", "enter")
        await wait_for(pilot, "多久了?")
        desk.clock.advance(500)
        await pilot.press(*"2d", "enter")
        await wait_for(pilot, "NOPE")
        said = desk.app.flow.message
        assert said is not None
        assert said.words.startswith("上网慢: 已办: 备注, 工单 ")
        assert "未办: 承诺 NOPE, 备注: " in said.words
    site = desk.site()
    assert [entry.body["text"] for entry in entries(site, "note.added") if entry.body] == ["home 上网慢 2d"]
    assert [entry.body["words"] for entry in entries(site, "ticket.opened") if entry.body] == ["home 上网慢"]
    site.close()


async def test_a_macro_without_blanks_is_asked_about_once_and_stands_in_help_and_palette(tmp_path: Path) -> None:
    (tmp_path / "macros.toml").write_text(GOOD, "utf-8")
    desk = Desk(tmp_path)
    async with running(desk, (120, 40)) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("question_mark")
        await wait_for(pilot, "致谢")
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)
        await pilot.press(*"macro.thanks")
        await wait_for(pilot, "致谢")
        desk.clock.advance(500)
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.screen.query("#text") and "1  备注" in screen_text(pilot))
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "致谢: 已办: 备注")
    site = desk.site()
    assert len(entries(site, "note.added")) == 1
    site.close()


async def test_a_macro_is_done_by_the_key_that_the_keymap_gives_it(tmp_path: Path) -> None:
    (tmp_path / "macros.toml").write_text(GOOD, "utf-8")
    desk = Desk(tmp_path, keymap=keymap.parse("[macro]\nthanks = 'f5'", "keys.toml"))
    try:
        async with running(desk, (120, 40)) as pilot:
            await pilot.press("f5")
            assert desk.app.screen is desk.app.desk_screen
            await answered(desk, pilot, WANG)
            await pilot.press("question_mark")
            await until(pilot, lambda: re.search(r"F5 +致谢", screen_text(pilot)))
            await pilot.press("escape", "f5")
            await wait_for(pilot, "1  备注")
            desk.clock.advance(500)
            await pilot.press("enter")
            await wait_for(pilot, "致谢: 已办: 备注")
    finally:
        keymap.use(None)


async def test_a_key_for_a_macro_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keymap=keymap.parse("[macro]\nthanks = 'f5'", "keys.toml"))
    try:
        async with running(desk) as pilot:
            await wait_for(pilot, "thanks")
    finally:
        keymap.use(None)


async def test_a_broken_file_is_said_and_there_are_no_macros(tmp_path: Path) -> None:
    (tmp_path / "macros.toml").write_text("[a]\nsteps = []", "utf-8")
    desk = Desk(tmp_path)

    def said() -> bool:
        message = desk.app.flow.message
        return message is not None and "macros.toml, line 1: a needs a name" in message.words

    async with running(desk) as pilot:
        await until(pilot, said)
        await answered(desk, pilot, WANG)
        assert not said()
        await pilot.press("full_stop")
        await until(pilot, said)
