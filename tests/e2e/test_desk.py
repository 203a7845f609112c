"""The desk as a person meets it: in a real terminal, with a real call, killed and out of disk."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.world import PASSWORD, PROGRAM, SCOPE, Branch, Centre, agentdesk
from tests.waiting import until

WORDS = {
    "en": {
        "idle": "my open work",
        "answer": "Enter answer",
        "pick": "1-9 promise",
        "ask": "don't promise",
        "told": "promised",
        "tell": "told the customer",
    },
    "zh-CN": {
        "idle": "本人在途",
        "answer": "Enter 接听",
        "pick": "1-9 承诺",
        "ask": "先征询",
        "told": "已承诺",
        "tell": "再告知",
    },
}


def _desk(
    branch: Branch, language: str = "en", columns: int = 80, lines: int = 24, prepare: Callable[[], None] | None = None
) -> Terminal:
    command = [
        *PROGRAM,
        "desk",
        "--data",
        str(branch.folder),
        "--agent",
        branch.centre.agent.id,
        "--language",
        language,
    ]
    terminal = Terminal(command, columns=columns, lines=lines, environment={"LANG": "C.UTF-8"}, prepare=prepare)
    sign_in(terminal, language)
    return terminal


def sign_in(terminal: Terminal, language: str = "en") -> None:
    """Type the agent's password at the door before the desk, and wait for his open work."""
    terminal.wait_for({"en": "password", "zh-CN": "密码"}[language])
    terminal.type(f"{PASSWORD}\r")
    terminal.wait_for(WORDS[language]["idle"])


def _ring(branch: Branch, number: str) -> None:
    """Make the desk ring, as soon as it can be: its door opens a moment after the first frame."""
    until(lambda: list((branch.folder / "hooks").glob("desk-*.json")), "its door opens")
    done = agentdesk("call", number, "--data", str(branch.folder))
    assert done.returncode == 0, done.stderr


def _ask(branch: Branch, desk: Terminal, language: str = "en") -> None:
    """Let somebody ring, answer, and pick the first promise; Enter promises it then."""
    words = WORDS[language]
    _ring(branch, next(iter(branch.centre.sample.callers())).number)
    desk.wait_for(words["answer"])
    desk.read(0.6)  # Enter is dead for a moment after a ring, and after a dialog opens
    desk.type("\r")
    desk.wait_for(words["pick"])
    desk.type("1")
    desk.wait_for(words["ask"])
    desk.read(0.6)


@pytest.mark.parametrize(("language", "columns", "lines"), [("en", 80, 24), ("zh-CN", 160, 48)], ids=["en", "zh"])
def test_ring_to_promise_takes_three_keys_in_a_real_terminal(
    hall: Branch, language: str, columns: int, lines: int
) -> None:
    words = WORDS[language]
    with _desk(hall, language, columns, lines) as desk:
        _ask(hall, desk, language)
        desk.type("\r")
        desk.wait_for(words["told"], words["tell"])
        site = hall.open()
        made = [e for e in site.outbox.entries() if e.kind == "commitment.made"]
        assert len(made) == 1
        site.close()


def test_a_desk_killed_right_after_it_said_promised_has_the_promise_and_it_arrives(
    centre: Centre, hall: Branch
) -> None:
    centre.kill()
    with _desk(hall) as desk:
        # a line that goes down under an open dialog changes its words, and puts Enter to sleep
        desk.wait_for("offline")
        _ask(hall, desk)
        desk.type("\r")
        desk.wait_for("promised")
        desk.process.send_signal(signal.SIGKILL)
        desk.process.wait()
    site = hall.open()
    promise = next(e for e in site.outbox.entries() if e.kind == "commitment.made")
    assert promise.verdict is None
    site.close()
    centre.start()
    hall.sync()
    assert centre.ask("SELECT verdict FROM receipt WHERE id = ?", promise.id) == [("applied",)]
    stored = centre.ask("SELECT state FROM document WHERE scope = ? AND id = ?", SCOPE, promise.document)
    assert stored == [("made",)]


def test_on_a_full_disk_the_desk_says_so_and_promises_nothing(hall: Branch) -> None:
    with _desk(hall) as desk:
        _ask(hall, desk)
        # from here on no file of this process can grow: what a full disk does to it
        resource.prlimit(desk.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        desk.type("\r")
        shown = desk.wait_for("disk")
        assert "told the customer" not in shown
        assert "nothing is promised" in shown
        site = hall.open()
        assert not [e for e in site.outbox.entries() if e.kind == "commitment.made"]
        site.close()
        # with room again the same key promises
        resource.prlimit(desk.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        desk.read(0.6)
        desk.type("\r")
        desk.wait_for("told the customer")


@pytest.mark.parametrize("step", ["number", "password", "wrong", "locked", "typed"])
def test_a_desk_that_is_killed_at_its_door_or_its_lock_loses_nothing(hall: Branch, step: str) -> None:
    command = [*PROGRAM, "desk", "--data", str(hall.folder), "--language", "en"]
    more = [] if step == "number" else ["--agent", hall.centre.agent.id]
    if step in ("locked", "typed"):
        with _desk(hall) as desk:
            _ask(hall, desk)
            desk.type("\r")
            desk.wait_for(WORDS["en"]["told"])
            desk.type("\x0c")
            desk.wait_for("unlock")
            assert PASSWORD not in desk.text()
            if step == "typed":
                desk.type(PASSWORD[:6])
                desk.wait_for("•••")
            desk.kill()
    else:
        with Terminal([*command, *more], environment={"LANG": "C.UTF-8"}) as door:
            door.wait_for("staff number" if step == "number" else "password")
            if step == "wrong":
                door.type("nein\r")
                door.wait_for("the next")
            door.kill()
    assert PASSWORD.encode() not in b"".join(path.read_bytes() for path in hall.folder.rglob("*") if path.is_file())
    with _desk(hall) as desk:
        if step in ("locked", "typed"):
            desk.wait_for("wrap it up")
    if step in ("locked", "typed"):
        site = hall.open()
        assert [entry for entry in site.outbox.entries() if entry.kind == "commitment.made"]
        site.close()
