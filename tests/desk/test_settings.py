"""The settings: what is chosen works at once, is kept, and is there at the next start; the bell is for two things."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from agentdesk.cli.launch import own
from agentdesk.desk import i18n
from agentdesk.desk.personal import choices as kept
from agentdesk.desk.personal.bell import AGAIN_MS, Bell
from agentdesk.desk.personal.choices import NAMES, VALUES, WORDS, Choices, ChoicesError
from agentdesk.desk.screens.settings import SETTINGS
from agentdesk.domain.documents import Document
from tests.desk.driving import ring, running, screen_text, until, wait_for
from tests.desk.world import LI, NOW, REGION, WANG, Desk


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    path = kept.path_of(tmp_path, "bj/../1024")
    assert path.parent == tmp_path / "agents"
    assert kept.read(path) == Choices()
    chosen = Choices("en", "contrast", "wide", "late", "repeat", 'my "own".toml')
    kept.write(path, chosen)
    assert kept.read(path) == chosen
    assert not list(path.parent.glob("*.part"))


MISTAKES = {
    "them = 'dark'": "'them' is no setting",
    "theme = 'pink'": "theme can't be 'pink': give \"dark\" or",
    "bell = true": "bell can't be True",
    "theme = ": "is not TOML",
}


@pytest.mark.parametrize("written", MISTAKES, ids=range(len(MISTAKES)))
def test_a_broken_file_is_said_and_keeps_nobody_from_his_work(tmp_path: Path, written: str) -> None:
    path = kept.path_of(tmp_path, "bj1024")
    path.parent.mkdir()
    path.write_text(written, "utf-8")
    with pytest.raises(ChoicesError) as raised:
        kept.read(path)
    assert MISTAKES[written] in str(raised.value)
    assert str(path) in str(raised.value)
    mine = own(tmp_path, "bj1024")
    assert (mine.choices, mine.keymap, mine.problems) == (Choices(), None, (str(raised.value),))


def test_the_sites_keymap_is_everybodys_who_has_none_of_his_own(tmp_path: Path) -> None:
    (tmp_path / "keymap.toml").write_text('verify = "f3"', "utf-8")
    mine = own(tmp_path, "bj1024")
    assert mine.keymap is not None
    assert mine.keymap.moved == {"verify": ("f3",)}
    (tmp_path / "other.toml").write_text('verify = "enter"', "utf-8")
    kept.write(kept.path_of(tmp_path, "bj1024"), Choices(keymap="other.toml"))
    broken = own(tmp_path, "bj1024")
    assert broken.keymap is None
    assert "other.toml, line 1" in broken.problems[0]


def test_every_setting_and_value_has_words() -> None:
    assert set(WORDS) == set(SETTINGS) == {*VALUES, "keymap"}
    assert {value for values in VALUES.values() for value in values} <= set(NAMES)
    assert set(VALUES["language"]) == set(i18n.LANGUAGES)


async def test_what_is_chosen_works_at_once_and_at_the_next_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await pilot.press("comma")
        await wait_for(pilot, "简体中文")
        desk.clock.advance(500)
        while "English" not in screen_text(pilot):
            await pilot.press("right")
        await wait_for(pilot, "settings")
        await pilot.press("down", "right")
        await until(pilot, lambda: desk.app.theme == "desk-light")
        await pilot.press("escape", "ctrl+t")
        await until(pilot, lambda: desk.app.theme == "desk-contrast")
    mine = own(tmp_path, "bj1024")
    assert (mine.choices.language, mine.choices.theme) == ("en", "contrast")
    assert mine.problems == ()


async def test_a_keymap_that_is_wrong_is_refused_and_the_keys_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[worklist]\nchase = "l"', "utf-8")
    desk = Desk(tmp_path, language="en")
    async with running(desk) as pilot:
        await pilot.press("comma")
        await wait_for(pilot, "the keys as they are")
        desk.clock.advance(500)
        await pilot.press("end", "enter")
        await wait_for(pilot, "the file of your keymap")
        desk.clock.advance(500)
        await pilot.press(*"mine.toml", "enter")
        await wait_for(pilot, "is taken by worklist.close")
    assert own(tmp_path, "bj1024").choices == Choices()


# ---------------------------------------------------------------- the bell


def promise(due: int, state: str = "made") -> Document:
    return Document(REGION, f"p-{due}", "commitment", 1, {"due": due, "state": state})


@pytest.mark.parametrize(("when", "rings", "late"), [("all", 1, 1), ("ring", 1, 0), ("late", 0, 1), ("off", 0, 0)])
def test_the_bell_sounds_for_what_was_chosen_and_for_nothing_else(when: str, rings: int, late: int) -> None:
    heard: list[str] = []
    bell = Bell(lambda: heard.append("bell"), when)
    bell.rang(1_000)
    assert len(heard) == rings
    heard.clear()
    # late already when the desk began
    bell.look(NOW, [promise(NOW - 1)])
    bell.look(NOW + 500, [promise(NOW - 1), promise(NOW + 900)])
    assert not heard
    bell.look(NOW + 1_000, [promise(NOW - 1), promise(NOW + 900), promise(NOW + 900, "fulfilled")])
    bell.look(NOW + 2_000, [promise(NOW - 1), promise(NOW + 900)])
    assert len(heard) == late


def test_a_call_that_rings_on_has_the_bell_again_only_where_that_is_wanted() -> None:
    for repeats, times in ((False, 1), (True, 3)):
        heard: list[str] = []
        bell = Bell(partial(heard.append, "bell"), "all", repeats)
        bell.rang(0)
        bell.still(AGAIN_MS - 1, True)
        bell.still(AGAIN_MS, True)
        bell.still(2 * AGAIN_MS, True)
        bell.still(2 * AGAIN_MS + 1, False)
        bell.still(9 * AGAIN_MS, True)
        assert len(heard) == times


async def test_a_ring_sounds_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr("agentdesk.desk.app.DeskApp.bell", lambda _app: heard.append("bell"))
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await ring(desk, pilot, WANG)
        assert heard == ["bell"]
        await pilot.press("enter")
        await until(pilot, lambda: desk.app.flow.state == "talking")
        # who rings behind is heard as well, once; coming back to a contact is no ring
        assert desk.phone is not None
        await desk.phone.ring(LI)
        await until(pilot, lambda: desk.app.flow.queue)
        desk.app.manner.tick()
        desk.app.manner.tick()
        assert heard == ["bell"] * 2
        await pilot.press("P")
        await until(pilot, lambda: not desk.app.flow.queue)
        await pilot.press("p")
        await pilot.pause()
        desk.app.manner.tick()
        assert heard == ["bell"] * 2
