"""The words for the line: what an agent reads of it in the first row."""

from __future__ import annotations

import pytest

from agentdesk.desk import i18n
from agentdesk.desk.models.status import line_words
from agentdesk.store.line import LineState

MINUTE = 60_000
NOW = 1_790_000_000_000


def line(state: str, cut: bool = False) -> LineState:
    return LineState(state, NOW - 2 * MINUTE, NOW, 0, None, "pid 1", cut, None)


@pytest.mark.parametrize(
    ("state", "waiting", "said"),
    [
        ("live", 0, "live"),
        ("online", 0, "online"),
        ("live", 3, "syncing 3"),
        ("syncing", 3, "syncing 3"),
        ("offline", 3, "offline 2 min, 3 waiting"),
    ],
)
def test_the_status_line_says_whether_news_come_by_themselves(state: str, waiting: int, said: str) -> None:
    i18n.use("en")
    assert line_words(line(state), waiting, NOW)[0] == said


def test_a_line_that_was_cut_is_offline_whatever_was_written_last() -> None:
    i18n.use("en")
    assert line_words(line("live", cut=True), 1, NOW) == ("offline 2 min, 1 waiting", "warn")


def test_live_and_online_differ_in_chinese_too() -> None:
    i18n.use("zh_CN")
    assert [line_words(line(state), 0, NOW)[0] for state in ("live", "online")] == ["网络正常", "联网"]
