"""A keymap moves keys: on the screen, in the help, and in what is printed; a mistake in one is a line that helps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.desk.actions import PLACES, hint_of, keymap
from agentdesk.desk.actions.action import RESERVED, TALKING
from agentdesk.desk.actions.keymap import NOTHING, Keymap, KeymapError, parse
from agentdesk.desk.models.rows import text
from tests.cli.commands import inside
from tests.desk.driving import answered, running, screen_text, until, wait_for
from tests.desk.world import WANG, Desk


@pytest.fixture(autouse=True)
def _usual_keys_afterwards() -> Iterator[None]:
    yield
    keymap.use(None)


MISTAKES = {
    "[worklist]\nchas = 'h'": ("line 2", "there is no action 'worklist.chas'", "did you mean worklist.chase"),
    "\n\n[ticket]\nwhy = 'a'": ("line 4", "'a' of ticket.why is taken by ticket.accept"),
    "ready = 'l'": ("line 1", "taken by worklist"),
    "help = 'enter'": ("line 1", "reserved"),
    "verify = 'ctrl+m'": ("line 1", "reserved"),
    "offer = 'x'": ("line 1", "can't be moved (1-9)", "remove the line"),
    "verify = '1'": ("line 1", "taken by offer"),
    "back = 'b'": ("line 1", "can't be moved (Esc)"),
    "verify = 'hyper'": ("line 1", "'hyper' is no key"),
    "verify = '王'": ("line 1", "is no key"),
    "verify = 7": ("line 1", "needs a key"),
    "verify = []": ("line 1", "needs a key"),
    "verify = ": ("is not TOML",),
    "[macro]\nslow = 'n'": ("line 2", "'n' of macro.slow is taken by note"),
    "[macro]\nslow = 'f5'\nthanks = 'f5'": ("'F5' of macro.", "is taken by macro."),
    "[macro]\nslow = 'enter'": ("line 2", "reserved"),
    "[macro]\nslow = 'hyper'": ("line 2", "'hyper' is no key"),
    "'macro.' = 'f5'": ("line 1", "there is no action 'macro.'"),
}


@pytest.mark.parametrize("written", MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_one_line_with_file_line_and_what_to_do(written: str) -> None:
    with pytest.raises(KeymapError) as raised:
        parse(written, "keys.toml")
    said = str(raised.value)
    assert said.startswith("keys.toml")
    assert "\n" not in said
    assert all(part in said for part in MISTAKES[written])


def test_two_actions_may_change_places() -> None:
    found = parse("verify = 'n'\nnote = 'v'", "keys.toml")
    assert found.meant("desk", "n", "call") == "v"
    assert found.meant("desk", "v", "call") == "n"


def test_a_key_may_be_another_actions_where_that_never_works() -> None:
    # nobody ends his shift during a call
    found = parse("hold = 'z'", "keys.toml")
    assert found.meant("desk", "z", "call") == "h"
    assert found.meant("desk", "z", "idle") == "z"
    assert found.meant("desk", "h", "call") == NOTHING


def test_several_keys_and_the_ways_to_write_them() -> None:
    found = parse("verify = ['f3', '^y', '=']\n[worklist]\nother = 'Shift-Tab'\nother_back = 'Tab'", "keys.toml")
    assert found.moved["verify"] == ("f3", "ctrl+y", "equals_sign")
    assert found.moved["worklist.other"] == ("shift+tab",)


def test_whatever_is_moved_every_key_means_one_thing_in_each_place() -> None:
    """Move each action that can be moved to a key that nothing has: it is meant there, and its own key is dead."""
    for place in PLACES.values():
        for action in place.actions:
            if action.fixed:
                continue
            moved = parse(f"'{action.id}' = 'f12'".replace("'", '"'), "keys.toml")
            state = next(iter(action.where), None)
            assert moved.meant(place.name, "f12", state) == action.keys[0]
            assert all(moved.meant(place.name, key, state) == NOTHING for key in action.keys if key not in RESERVED)


def test_a_macro_has_the_keys_that_it_is_given_while_there_is_a_contact() -> None:
    found = parse("verify = 'f3'\n[macro]\nslow = ['f5', 'v']\nthanks = 'z'", "keys.toml")
    for state in TALKING:
        assert [found.macro("desk", key, state) for key in ("f5", "v", "z", "f3")] == ["slow", "slow", "thanks", ""]
    # without a contact there is nothing to do it for, and the key is another action's again
    assert found.macro("desk", "z", "idle") == ""
    assert found.meant("desk", "z", "idle") == "z"
    assert found.macro("worklist", "f5", None) == ""


def test_a_key_for_a_macro_that_is_not_there_is_said_with_its_line() -> None:
    parse("[macro]\nslow = 'f5'", "keys.toml", ["slow"])
    with pytest.raises(KeymapError, match=r"keys\.toml, line 3: there is no macro 'fast': write it into the macros"):
        parse("[macro]\nslow = 'f5'\nfast = 'f6'", "keys.toml", ["slow"])


def test_what_is_printed_is_the_key_that_works() -> None:
    keymap.use(Keymap({"worklist.chase": ("f4",), "help": ("f1",)}))
    assert text(hint_of("worklist.chase")).startswith("F4 ")
    assert text(hint_of("help")).startswith("F1 ")


async def test_a_moved_key_works_is_printed_and_leaves_the_old_one_dead(tmp_path: Path) -> None:
    moved = parse('verify = "f3"\nnote = "v"\n[ticket]\nwhy = "f4"', "keys.toml")
    desk = Desk(tmp_path, keymap=moved)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        assert "F3 核验" in screen_text(pilot)
        assert "先按 F3" in screen_text(pilot)
        await pilot.press("f3")
        await wait_for(pilot, "请说一下这个号码的服务密码")
        await pilot.press("escape", "v")
        await wait_for(pilot, "保存")
        await pilot.press(*"voltn")
        assert desk.app.screen.query_one("#note").text == "voltn"  # type: ignore[attr-defined]
        await pilot.press("escape", "n")
        await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
        await pilot.press("a")
        await wait_for(pilot, "F4 依据")
        await pilot.press("w")
        assert "自然时间 12 小时" not in screen_text(pilot)
        await pilot.press("f4")
        await wait_for(pilot, "自然时间 12 小时")


def test_the_command_lists_every_key_and_checks_a_keymap(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('[worklist]\nchase = "f4"\n', "utf-8")
    bad.write_text('\n[worklist]\nchase = "l"\n', "utf-8")

    shown = inside("keys", "worklist", "--keymap", good, "--language", "en")
    assert "F4         worklist.chase" in shown.out
    assert inside("keys", "--check", good).code == 0
    refused = inside("keys", "--check", bad)
    assert (refused.code, refused.out) == (1, "")
    assert "bad.toml, line 3: 'l' of worklist.chase is taken by worklist.close" in refused.err
    assert "no screen 'nowhere'" in inside("keys", "nowhere").err
    listed = inside("keys", "--json").json["places"]
    assert set(listed) == set(PLACES)
    keymap.use(None)
