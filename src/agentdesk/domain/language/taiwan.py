"""Chinese as it is written in Taiwan, made of the simplified texts of the policy.

What each text of the packaged policy becomes was worked out by OpenCC when the package was built; a text that isn't
among them, from a policy that a company changed, is turned over character by character.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

TAIWAN = "zh-TW"
"""The language whose texts are made of the simplified ones."""

_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000))


class _Table(NamedTuple):
    texts: Mapping[str, str]
    characters: Mapping[int, str]


_read: Callable[[], bytes] | None = None


def read_with(read: Callable[[], bytes]) -> None:
    """Say where the table lies, before the first text is asked for; `read` may raise FileNotFoundError."""
    global _read  # noqa: PLW0603 - the one place that holds the table
    if _read is None:
        _table.cache_clear()
    _read = read


def traditional(text: str) -> str:
    """Return a simplified text as it is written in Taiwan; unchanged where the package was built without the table."""
    table = _table()
    return table.texts.get(text) or text.translate(table.characters)


@lru_cache(maxsize=1)
def _table() -> _Table:
    import json
    import zlib

    try:
        said = json.loads(zlib.decompress(_read())) if _read is not None else None
    except FileNotFoundError:
        said = None
    if said is None:
        return _Table({}, {})
    return _Table(said["texts"], {ord(one): other for one, other in said["characters"].items()})


def chinese(text: str) -> bool:
    """Tell whether there is a Chinese character in a text."""
    return any(first <= ord(char) < last for char in text for first, last in _RANGES)


class Converter:
    """Turns simplified texts over by OpenCC with words of Taiwan, then by the word list; while building only."""

    def __init__(self, words: Mapping[str, str]) -> None:
        from opencc import OpenCC

        self._convert = OpenCC("s2twp").convert
        self._plain = OpenCC("s2tw").convert
        self._words = sorted(words.items(), key=lambda pair: -len(pair[0]))

    def text(self, simplified: str) -> str:
        """Return a text as it is said in Taiwan; names in braces stay as they are."""
        result = str(self._convert(simplified))
        for one, other in self._words:
            result = result.replace(one, other)
        return result

    def character(self, one: str) -> str:
        """Return a character alone."""
        return str(self._plain(one))


def build(texts: Iterable[str], words: Mapping[str, str]) -> bytes:
    """Return the table for the texts of a policy."""
    import json
    import zlib

    converter = Converter(words)
    said = {text: converter.text(text) for text in sorted(set(texts)) if chinese(text)}
    all_characters = (chr(code) for first, last in _RANGES for code in range(first, last))
    characters = {one: other for one in all_characters if (other := converter.character(one)) != one}
    return zlib.compress(json.dumps({"texts": said, "characters": characters}, ensure_ascii=False).encode(), 9)
