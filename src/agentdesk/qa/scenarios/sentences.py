"""What a step may say, in English and in Chinese, and which part of the stage answers it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agentdesk.qa.scenarios.text import Kind, Step

PLACES = {
    "who": r"\S.*?",
    "what": r"\S.*?",
    "text": r".+?",
    "keys": r".+?",
    "number": r"[0-9]{1,6}",
    "size": r"[0-9]{2,3}\s*[x×*]\s*[0-9]{2,3}",
    "time": r"20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}",
}
"""What may stand in a blank."""

_BLANK = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with blanks in both languages, and the name of what is done."""

    kind: Kind
    act: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patterns", tuple(map(_pattern, (*self.english, *self.chinese))))


def _pattern(sentence: str) -> re.Pattern[str]:
    """Turn a sentence with blanks into what it matches; spaces don't matter where Chinese has none."""
    parts: list[str] = []
    for index, piece in enumerate(_BLANK.split(sentence)):
        if index % 2:
            parts.append(f"(?P<{piece}>{PLACES[piece]})")
        else:
            parts.append(re.sub(r"(?:\\ )+", r"\\s*", re.escape(piece)).replace(":", r"\s*[:：]"))
    return re.compile("".join(parts) + r"[.。]?$", re.IGNORECASE)


SENTENCES: tuple[Sentence, ...] = (
    Sentence("given", "is_now", ("it is <time>",), ("现在是 <time>",)),
    Sentence("given", "is_cut", ("the line is cut", "the line is down"), ("网络中断", "断网")),
    Sentence("given", "is_role", ("the agent is a <what>",), ("坐席是 <what>",)),
    Sentence("given", "has_customer", ("a customer: <text>",), ("客户: <text>",)),
    Sentence("given", "has_hall", ("there is a hall",), ("有营业厅",)),
    Sentence("given", "looks", ("the screen is <what>",), ("界面是 <what>",)),
    Sentence("when", "presses", ("keys: <keys>", "the agent presses <keys>"), ("按键: <keys>", "按 <keys>")),
    Sentence("when", "types", ("the agent types <text>", "types: <text>"), ("输入: <text>", "输入 <text>")),
    Sentence(
        "when",
        "calls_verified",
        ("<who> calls and is verified", "<who> calls, is answered and verified"),
        ("<who> 来电并通过核验", "<who> 来电, 已核验"),
    ),
    Sentence("when", "calls", ("<who> calls",), ("<who> 来电", "<who> 打来电话")),
    Sentence("when", "hangs_up", ("the caller hangs up",), ("对方挂机", "客户挂机")),
    Sentence(
        "when",
        "gives_up",
        ("the caller gives up after <number> seconds",),
        ("对方等了 <number> 秒后放弃", "客户等了 <number> 秒后放弃"),
    ),
    Sentence("when", "waits", ("<number> minutes pass",), ("过 <number> 分钟", "过了 <number> 分钟")),
    Sentence("when", "cuts", ("the line is cut",), ("网络中断", "断网")),
    Sentence("when", "restores", ("the line is back",), ("网络恢复", "恢复网络")),
    Sentence("when", "will_refuse", ("the centre refuses <what>: <text>",), ("中心退回 <what>: <text>",)),
    Sentence("when", "will_flag", ("the centre flags <what>: <text>",), ("中心标记 <what>: <text>",)),
    Sentence("when", "will_hold", ("the centre holds <what>: <text>",), ("中心挂起 <what>: <text>",)),
    Sentence("when", "exchanges", ("the centre answers",), ("中心答复", "中心回复")),
    Sentence("when", "resizes", ("the window is <size>",), ("窗口是 <size>",)),
    Sentence("then", "not_on_screen", ("the screen doesn't say <text>",), ("屏幕没有 <text>", "屏幕上没有 <text>")),
    Sentence("then", "on_screen", ("the screen says <text>",), ("屏幕有 <text>", "屏幕上有 <text>")),
    Sentence("then", "nothing_waits", ("nothing waits in the outbox",), ("待上传为空", "没有待上传")),
    Sentence("then", "in_outbox", ("the outbox has <what>",), ("待上传有 <what>",)),
    Sentence("then", "took_keys", ("it took <number> keys",), ("共按 <number> 键", "一共按了 <number> 个键")),
    Sentence("then", "takes_picture", ("picture: <text>",), ("图: <text>", "截图: <text>")),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a step means: the name of what is done, and what stands in the blanks."""

    act: str
    blanks: Mapping[str, str]


def meaning(step: Step) -> Found | None:
    """Return what a step means; None if no sentence is like it."""
    for sentence in SENTENCES:
        if sentence.kind == step.kind:
            for pattern in sentence.patterns:
                if match := pattern.match(step.says):
                    return Found(sentence.act, match.groupdict())
    return None


def nearest(step: Step) -> str:
    """Return the sentence of a step's kind that is most like what it says."""
    ours = [text for sentence in SENTENCES if sentence.kind == step.kind for text in _side(sentence, step.says)]
    return difflib.get_close_matches(step.says, ours, n=1, cutoff=0.0)[0]


def _side(sentence: Sentence, says: str) -> tuple[str, ...]:
    """Return a sentence in the language in which something is said."""
    return sentence.chinese if any("\u4e00" <= character <= "\u9fff" for character in says) else sentence.english
