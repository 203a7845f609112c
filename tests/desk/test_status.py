"""The words for the line: what an agent reads of it in the first row."""

from __future__ import annotations

import pytest

from agentdesk.desk import i18n
from agentdesk.desk.models.status import line_words
from agentdesk.store.line import Fetching, LineState, Phase

MINUTE = 60_000
NOW = 1_790_000_000_000


def line(state: str, cut: bool = False, fetching: Fetching | None = None) -> LineState:
    return LineState(state, NOW - 2 * MINUTE, NOW, 0, None, "pid 1", cut, None, fetching)


def fetching(phase: Phase, rate: int) -> Fetching:
    return Fetching("region/bj", phase, 45_900_000, 100_000_000, rate, NOW)


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


@pytest.mark.parametrize(
    ("phase", "rate", "waiting", "english", "chinese"),
    [
        ("fetching", 0, 0, "fetching bj 45 %", "下载 bj 45 %"),
        ("fetching", 2_340_000, 0, "fetching bj 45 %, 2.3 MB/s, < 1 min left", None),
        ("fetching", 50_000, 0, "fetching bj 45 %, 50 kB/s, 18 min left", "下载 bj 45 %, 50 kB/s, 剩 18 分钟"),
        ("fetching", 0, 2, "fetching bj 45 %, 2 waiting", None),
        ("unpacking", 9, 0, "unpacking bj 45 %", "解压 bj 45 %"),
        ("checking", 9, 0, "checking bj", "校验 bj"),
    ],
)
def test_a_first_sync_says_how_far_it_is(
    phase: Phase, rate: int, waiting: int, english: str, chinese: str | None
) -> None:
    shown = line("syncing", fetching=fetching(phase, rate))
    i18n.use("en")
    assert line_words(shown, waiting, NOW) == (english, "accent")
    i18n.use("zh_CN")
    if chinese is not None:
        assert line_words(shown, waiting, NOW) == (chinese, "accent")
    i18n.use("en")
    assert "45 %" not in line_words(line("offline", fetching=fetching(phase, rate)), waiting, NOW)[0]
