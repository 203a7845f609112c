"""The words that stand in the blanks of a scenario's sentences, in both languages."""

from __future__ import annotations

import re

from textual.keys import Keys

PATIENCE_S = 20.0
"""How long to wait for what should be on the screen, seconds."""

KEYS: dict[str, str] = {
    "回车": "enter",
    "确认": "enter",
    "退出": "escape",
    "返回": "escape",
    "esc": "escape",
    "空格": "space",
    "制表": "tab",
    "退格": "backspace",
    "删除": "delete",
    "上": "up",
    "下": "down",
    "左": "left",
    "右": "right",
    "上页": "pageup",
    "下页": "pagedown",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "return": "enter",
}

ROLES: dict[str, str] = {
    "坐席": "agent",
    "客服代表": "agent",
    "营业员": "clerk",
    "专家": "expert",
    "班组长": "team_leader",
    "team leader": "team_leader",
    "值班长": "duty_manager",
    "duty manager": "duty_manager",
    "厅经理": "hall_manager",
    "hall manager": "hall_manager",
}

THEMES: dict[str, str] = {"深色": "dark", "浅色": "light"}

KINDS: dict[str, str] = {
    "承诺": "commitment.made",
    "promise": "commitment.made",
    "工单": "ticket.opened",
    "ticket": "ticket.opened",
    "催单": "ticket.chased",
    "chase": "ticket.chased",
    "备注": "note.added",
    "note": "note.added",
    "小结": "contact.wrapped_up",
    "wrap-up": "contact.wrapped_up",
    "任何": "",
    "anything": "",
}

_QUOTES = "\"'“”「」『』‘’"
_WIDE = re.compile(r"\s+")
_NAMED = {key.value for key in Keys}
_MODIFIED = re.compile(r"(ctrl|alt|shift)\+\S+$", re.IGNORECASE)


def unquoted(text: str) -> str:
    """Return a text without the quotation marks around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES else text


def stands(wanted: str, shown: str) -> bool:
    """Tell whether words stand on a screen; spaces don't matter, nor where a line ends."""
    return _WIDE.sub("", wanted) in _WIDE.sub("", shown)


def keys(text: str) -> list[str]:
    """Return the keys that are named, such as `回车 1 Enter ctrl+t`.

    Several letters together are so many keys.
    """
    pressed: list[str] = []
    for word in re.split(r"[\s、]+", text.strip()):
        named = KEYS.get(word) or KEYS.get(word.lower()) or word.lower()
        if (named in _NAMED and len(named) > 1) or _MODIFIED.match(word):
            pressed.append(named)
        else:
            pressed += list(word)
    return pressed
