"""Text from outside, cleaned at the border; masks; and the width of text in terminal cells.

Customer data is hostile until it went through `clean`: it can carry terminal escape sequences, controls that
turn the reading direction, invisible characters and floods of combining marks. Rare characters of real names
survive: CJK extensions, private-use characters of old systems, middle dots, Tibetan and Uyghur marks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_MARKS = 3
"""Combining marks kept on one base: Tibetan names need three, a flood has hundreds."""

ELLIPSIS = "…"
"""Of ambiguous width: pass another `ellipsis` to `fit` on a terminal that draws such characters wide."""

# What nearly all texts consist of and nothing is removed from: ASCII without controls, ordinary Chinese
# characters, Chinese and full-width punctuation. None of them combines with another.
_PLAIN = re.compile("[ -~\u3001-\u3029\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e\u00b7\u2014\u2018-\u201d\u2026]*")

# Escape sequences with what belongs to them, longest first; an unfinished one loses its introducer only.
_BODY = "[^\x00-\x1f\x7f-\x9f]*+"
_ESCAPES = re.compile(
    f"(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f]){_BODY}(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    "|(?:\x1b\\[|\x9b)[0-?]*+[ -/]*+[@-~]"  # CSI
    "|\x1b[ -/]*+[0-~]"  # the short ones, and introducers without an end
)

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(p + 0xFFFE)}{chr(p + 0xFFFF)}" for p in range(0, 0x110000, 0x10000))
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
_REMOVED = re.compile(f"[{_CONTROLS}{_BIDI}{_INVISIBLE}{_NONCHARACTERS}]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# The look-behind keeps a flood of spaces from being scanned once for each of them.
_LINES = re.compile(r"(?:(?<! ) +)?\n[ \n]*")
_LINE_ENDS = re.compile(r"(?:(?<! ) +)?\n")
_MANY_LINES = re.compile(r"\n{3,}")

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text; `changed` tells whether it differs from what came in, `cut` whether it was too long."""

    text: str
    changed: bool
    cut: bool


def clean(text: str, limit: int, multiline: bool = False) -> str:
    """Return text from outside made safe to keep and show, at most `limit` graphemes (see `cleaned`)."""
    return cleaned(text, limit, multiline).text


def cleaned(text: str, limit: int, multiline: bool = False, *, fold: bool = False) -> Cleaned:
    """Clean text from outside and tell what happened to it.

    Escape sequences (CSI, OSC, DCS…), controls, bidi controls, invisible characters, noncharacters and lone
    surrogates go; unusual spaces become plain ones, ends are stripped; at most MAX_MARKS marks stay on a base;
    the result is NFC, of at most `limit` graphemes. Line breaks become `\\n` with one blank line at most, or a
    space unless `multiline`. `fold` turns full-width ASCII into its plain twins. Cleaning what is clean changes
    nothing.
    """
    # What is far beyond the limit is not even looked at, so that a flood costs no time.
    result = text[: 16 * limit + 1024]
    if _PLAIN.fullmatch(result) is None:
        result = _clean_slowly(result, multiline)
    if fold:
        result = fold_width(result)
    result = result.strip()
    shortened = _first_graphemes(result, limit)
    cut = len(shortened) < len(result) or len(text) > 16 * limit + 1024
    result = shortened.rstrip()
    return Cleaned(result, result != text, cut)


def fold_width(text: str) -> str:
    """Return text with full-width ASCII (`１`, `／`) and the ideographic space as their plain twins."""
    return text if text.isascii() else text.translate(_FOLD)


def strip_invisible(text: str) -> str:
    """Return text without controls, bidi controls and invisible characters; spaces and breaks stay."""
    return text if text.isascii() and text.isprintable() else _REMOVED.sub("", text)


def _clean_slowly(text: str, multiline: bool) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        # Halves of a pair that some decoder left apart are one character; what stays alone is removed below.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\ufffd", "")
    text = _BREAKS.sub("\n", _ESCAPES.sub("", text))
    text = _SPACES.sub(" ", _REMOVED.sub("", text))
    text = _MANY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text)) if multiline else _LINES.sub(" ", text)
    # Limited before, as ordering a flood of marks takes quadratic time, and after, as composing merges some.
    return _limit_marks(unicodedata.normalize("NFC", _limit_marks(text, 4 * MAX_MARKS)), MAX_MARKS)


def _limit_marks(text: str, most: int) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = most
    for char in text:
        if _is_mark(char):
            marks += 1
            if marks > most:
                continue
        else:
            # A mark that stands on a space would stand on nothing once the space is stripped.
            marks = most if char.isspace() else 0
        kept.append(char)
    return "".join(kept)


def _is_mark(char: str) -> bool:
    return char > "\u02ff" and unicodedata.category(char) in {"Mn", "Me"}


def _first_graphemes(text: str, limit: int) -> str:
    """Cut after `limit` graphemes, counted as bases with their marks."""
    if len(text) <= limit:
        return text
    count = 0
    for index, char in enumerate(text):
        if not _is_mark(char):
            count += 1
            if count > limit:
                return text[:index]
    return text


# ---------------------------------------------------------------- masks

# Family names of two characters; any other Chinese name is taken to have one.
_DOUBLE_NAMES = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 长孙 宇文 轩辕 端木 南宫 独孤 闻人 申屠 "
    "太史 公冶 濮阳 淳于 单于 呼延 完颜 拓跋 纳兰 赫连 澹台 东郭 西门 百里 钟离 鲜于 闾丘 司空 万俟"
)


def mask_name(name: str) -> str:
    """Return a name with all but its beginning hidden: `王**`, `欧阳**`, `买**`, `J*** S***` (DOMAIN rule 9).

    A Chinese name shows the family name and one star for each other character, two at most; any other shows
    the first letter of each word, three words at most, and nothing of its length.
    """
    words = name.split()
    if not words:
        return ""
    if not _is_han(words[0][0]):
        return " ".join(f"{_first_graphemes(word, 1)}***" for word in words[:3])
    whole = "".join(words)
    shown = 2 if len(whole) > 2 and whole[:2] in _DOUBLE_NAMES else 1
    return whole[:shown] + "*" * min(2, max(1, len(whole) - shown))


def mask_id(text: str) -> str:
    """Return a certificate number with all but its beginning hidden: `1101**************`.

    The tail stays hidden, as it is what a caller is asked for (DOMAIN rule 11). At most a quarter is shown.
    """
    shown = min(4, len(text) // 4)
    return text[:shown] + "*" * (len(text) - shown)


def mask_address(text: str) -> str:
    """Return an address down to its district, the rest hidden: `北京市海淀区****`."""
    ends = [text.find(mark, 2) for mark in "区县旗"]
    end = min((end for end in ends if 0 <= end < 15), default=-1)
    return f"{text[: end + 1] if end >= 0 else text[:3]}****" if text else ""


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\ue000" <= char <= "\ufaff" or char >= "\U00020000"


# ---------------------------------------------------------------- terminal cells


def cells(text: str, ambiguous_wide: bool = False) -> int:
    """Return how many terminal cells a text takes; `ambiguous_wide` for terminals set up for CJK."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(_cells_of(char, ambiguous_wide) for char in text)


def fit(text: str, width: int, ellipsis: str = ELLIPSIS, ambiguous_wide: bool = False) -> str:
    """Return text that takes at most `width` cells, cut before a whole character and marked with `ellipsis`.

    Where not even the ellipsis fits, what fits of the text stands alone.
    """
    if cells(text, ambiguous_wide) <= width:
        return text
    room = width - cells(ellipsis, ambiguous_wide)
    if room < 1:
        ellipsis, room = "", max(0, width)
    used = 0
    for index, char in enumerate(text):
        used += _cells_of(char, ambiguous_wide)
        if used > room:
            return text[:index] + ellipsis
    return text


@lru_cache(maxsize=8192)
def _cells_of(char: str, ambiguous_wide: bool) -> int:
    if char < " " or "\x7f" <= char < "\xa0":
        return 0
    # Vowels and final consonants of Hangul join the syllable before them.
    if "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff":
        return 0
    if char != "\xad" and unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    # Planes two and three are all wide, also the characters that this Python's tables don't know yet.
    if char >= "\U00020000" and char < "\U00040000":
        return 2
    kind = unicodedata.east_asian_width(char)
    return 2 if kind in {"W", "F"} or (kind == "A" and ambiguous_wide) else 1
