"""The initials under which Chinese words are looked up: 停机保号 is found by `tjbh`.

GB 2312 keeps its first level of characters in the order of their sound, so the initial of each follows from where its
code lies between the first characters of the letters. Rarer characters have no initial here and are left out.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

_LETTERS = "abcdefghjklmnopqrstwxyz"
_FIRST = tuple("啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝")
_STARTS = tuple(character.encode("gb2312") for character in _FIRST)
_LAST = "座".encode("gb2312")
_SPOKEN_OTHERWISE = {"重": "c", "长": "c", "行": "h", "调": "t"}
"""Characters of several sounds, under the one that they have in the words looked up here: 重置, 长途, 行程, 调整."""


@lru_cache(maxsize=4096)
def initials(text: str) -> str:
    """Return the initials of a text: one letter for each common Chinese character, letters and digits as they are."""
    found = []
    for character in text.lower():
        if character.isascii():
            found.append(character if character.isalnum() else "")
            continue
        found.append(_SPOKEN_OTHERWISE.get(character) or _initial(character))
    return "".join(found)


def _initial(character: str) -> str:
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    if not _STARTS[0] <= code <= _LAST:
        return ""
    return _LETTERS[bisect_right(_STARTS, code) - 1]
