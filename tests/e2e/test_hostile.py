"""A whole desk in a real terminal on a world of hostile texts: it sends what a desk on a calm one sends."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from agentdesk.qa.desk import Desk
from tests.e2e.terminal import Terminal
from tests.hostile import drawable
from tests.poisoned import poison

SEQUENCE = re.compile(
    r"\x1b\[([<=>?]?)[0-9;:]*([ -/]*[@-~])|\x1b\](\d*);?[^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_]|\x1b(.)", re.DOTALL
)
BELL = "\a"
"""The desk's own: somebody rings."""
SCRIPT = """
import sys
from pathlib import Path
from agentdesk.qa.desk import Desk
from agentdesk.qa.driving import ENTER_WAKES_MS, answered, until, verified
from agentdesk.qa.hand import Hand
from tests.desk.world import WANG
from tests.poisoned import Poisoner

desk = Desk(Path(sys.argv[1]), make=False)
name, queue = (Poisoner(n).text("王") if sys.argv[2] == "hostile" else "王" for n in (0, 5))


async def walk(_pilot):
    hand = Hand(desk.app)
    await until(hand, lambda: desk.phone is not None and desk.app.flow.switchboard is not None)
    ring = desk.phone.ring
    desk.phone.ring = lambda number: ring(number, name=name, queue=queue)
    await verified(desk, hand, WANG)
    for keys in ("a", "l", "o", "R", "F", "t", "slash 宽", "question_mark", "comma", "n", "w"):
        desk.clock.advance(ENTER_WAKES_MS)
        await hand.press(*keys.split())
        await hand.arrive()
        for _ in range(3):
            await hand.press("escape")
    desk.app.exit()


desk.app.run(auto_pilot=walk)
assert not desk.app.failures, desk.app.failures
"""


def sent(folder: Path, how: str) -> str:
    """Return all that a desk sends to its terminal from its start to its end."""
    command = [sys.executable, "-c", SCRIPT, str(folder), how]
    with Terminal(
        command, columns=100, lines=36, environment={"PYTHONPATH": str(Path(__file__).parents[2])}
    ) as terminal:
        while terminal.process.poll() is None:
            terminal.read(0.2)
        terminal.read(0.5)
        assert terminal.process.returncode == 0, terminal.text()
        return terminal.raw.decode("utf-8")


def kinds(raw: str) -> set[tuple[str, ...]]:
    """Return what kinds of sequences are among bytes, whatever their figures are."""
    return {match.groups(default="") for match in SEQUENCE.finditer(raw)}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("calm")
    Desk(folder)
    return sent(folder, "calm")


@pytest.mark.parametrize("first", [0, 37])
def test_no_sequence_comes_from_a_text(calm: str, tmp_path: Path, first: int) -> None:
    site = Desk(tmp_path).site()
    poison(site, tmp_path, first)
    site.close()
    raw = sent(tmp_path, "hostile")
    assert kinds(raw) <= kinds(calm)
    assert len(raw) > len(calm) // 2
    drawn, calmly = SEQUENCE.sub("", raw), SEQUENCE.sub("", calm)
    assert drawn.count(BELL) <= calmly.count(BELL)
    for line in re.split(f"[\r\n{BELL}]", drawn):
        assert drawable(line), ascii(line)[:200]
