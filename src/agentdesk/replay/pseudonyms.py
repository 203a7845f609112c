"""Other names for the people in a recording: the same for the same one, and of the same shape.

The secret that they are made from is never written. A name keeps its length and whether its surname has one character
or two, a mobile stays a mobile of the same kind, a certificate keeps its first two digits, a text keeps the width of
each character. Those who work there go by other ids and numbers, too. What the policy itself says, other ids, codes and
moments stay: they are about nobody.
"""

from __future__ import annotations

import hmac
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from random import Random
from typing import Any

from agentdesk.domain.language.chinese import DOUBLE_SURNAMES
from agentdesk.domain.language.text import cells
from agentdesk.domain.numbering.area_codes import areas
from agentdesk.domain.policy import Catalogue

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂华玉兰红梅建国志文晓海燕鹏飞宇浩欣怡佳雪琳晨凯博"
PLAIN = (
    "天地日月山水风云春秋冬夏花草木石田土火金东西南北上下左右前后大小长短高低远近早晚新旧多少快慢轻重来去出入开关坐立行走"
    "看听说读写问答想记送收买卖借还找等住用做吃喝穿戴门窗桌椅灯书纸笔车船桥路城村街市米面茶酒盐糖衣帽鞋布针线钟表"
)
NAMES = frozenset({"name", "names", "caller_name", "contact_person", "agent_name", "handler", "holder", "people"})
TEXTS = frozenset(
    {"text", "words", "summary", "title", "note", "said", "tell", "ask", "address", "reason_text", "message", "problem"}
)

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_NAME = re.compile(rf"({_HAN.pattern}{{1,4}})")
_MASKED = re.compile(rf"({_HAN.pattern})(\*+)({_HAN.pattern}?)")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{16,}")
_CODE = re.compile(r"[A-Za-z0-9_./:#+-]{1,80}")
_DIGITS = re.compile(r"(?<![0-9])[0-9]{2,8}(?:[ -][0-9]{3,8}){1,6}(?![0-9])|[0-9]{5,}")
"""Figures that may be somebody's, also in groups as a number is read aloud; days and times have shorter groups."""
_LONG = re.compile(r"(?<![0-9])1[3-9][0-9]-[0-9]{4}-[0-9]{4}(?![0-9])|[0-9]{7,}")
_FEWEST = 7
"""So many figures in groups are a number; fewer are two amounts that stand side by side."""
_BIRTH = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_PRIVATE = 0xE000
FEW = 20
"""So many other words of the same shape are tried before one gets longer."""
_KEPT = 200_000


class Pseudonyms:
    """Gives texts as they are written; `secret` decides which pseudonym stands for whom."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._policy = {part for area in areas().values() for part in area[:4]}
        self._names: dict[str, str] = {}
        self._known: dict[tuple[str, bool, bool], str] = {}
        self._staff: dict[str, str] = {}
        self._staffed: re.Pattern[str] | None = None

    def learn_staff(self, words: Iterable[str]) -> None:
        """Exchange the ids and numbers of those who work there wherever they stand; no two get the same."""
        for word in sorted(set(words) - self._staff.keys()):
            if not word or word in self._policy:
                continue
            taken = {*self._staff.values(), *self._staff}
            self._staff[word] = next(one for one in self._likenesses(word) if one not in taken)
        if self._staff:
            longest = sorted(map(re.escape, self._staff), key=len, reverse=True)
            self._staffed = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(longest)})(?![0-9A-Za-z])")
        self._known.clear()

    def _likenesses(self, word: str) -> Iterator[str]:
        """Yield words of the same shape: other digits, and where they run out, more of them."""
        for more in itertools.count():
            dice = Random(self._chance(f"staff {more} {word}"))
            other = "".join(dice.choice("0123456789") if one.isdigit() else one for one in word)
            # one whose digits are few, or who has none, gets some
            yield other if more < FEW and other != word else f"{other}{dice.randrange(10**6)}"

    def learn(self, catalogue: Catalogue) -> None:
        """Let what a catalogue says stay as it is."""
        self._policy.update(_texts(catalogue))
        self._known.clear()

    def text(self, text: str, name: str = "") -> str:
        """Return what stands for a text in a field of a name; the same for the same."""
        if not text or text in self._policy:
            return text
        if text in self._staff:
            return self._staff[text]
        key = (text, name in NAMES, name in TEXTS)
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _KEPT:
                self._known.clear()
            found = self._known[key] = self._other(*key)
        return found

    def typed(self, character: str, dice: Random) -> str:
        """Return what stands for a character that is typed; another one of the same kind and width."""
        return _like(character, dice)

    def _other(self, text: str, is_name: bool, is_text: bool) -> str:
        if text[0] in "{[" and (inner := _json(text)) is not None:
            return json.dumps(self._inside(inner, ""), ensure_ascii=False, separators=(",", ":"))
        if is_name:
            if _NAME.fullmatch(text):
                return self._name(text)
            if masked := _MASKED.fullmatch(text):
                return f"{self._surname(masked[1])}{masked[2]}{self._given(text, masked[3])}"
            return self._words(text, _DIGITS)
        if not is_text and _CODE.fullmatch(text):
            return self._around_ids(text)
        return self._words(text, _DIGITS)

    def _inside(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: self._inside(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self._inside(item, name) for item in value]
        return self.text(value, name) if isinstance(value, str) else value

    def _around_ids(self, text: str) -> str:
        kept = iter([*_ID.findall(text), ""])
        return "".join(_LONG.sub(self._number, self._working(part)) + next(kept) for part in _ID.split(text))

    def _working(self, text: str) -> str:
        """Return a text in which those who work there go by other ids and numbers."""
        return text if self._staffed is None else self._staffed.sub(lambda match: self._staff[match[0]], text)

    def _name(self, name: str) -> str:
        found = self._names.get(name)
        if found is None:
            size = 2 if name[:2] in DOUBLE_SURNAMES and len(name) > 2 else 1
            found = self._names[name] = self._surname(name[:size]) + self._given(name, name[size:])
        return found

    def _surname(self, surname: str) -> str:
        if len(surname) == 2:
            return self._pick(surname, sorted(DOUBLE_SURNAMES))
        return self._pick(surname, SURNAMES)

    def _given(self, name: str, given: str) -> str:
        return "".join(self._pick(f"{name} {place}", GIVEN, one) for place, one in enumerate(given))

    def _pick(self, what: str, pool: Any, but: str = "") -> str:
        others = [one for one in pool if one not in (but or what)]
        return str(others[self._chance(what) % len(others)])

    def _chance(self, what: str) -> int:
        return int.from_bytes(hmac.digest(self._secret, what.encode("utf-8", "surrogatepass"), "sha256")[:8], "big")

    def _words(self, text: str, digits: re.Pattern[str]) -> str:
        """Change a text of words: known people by their names, everything else by its kind."""
        held: list[str] = []
        for name in sorted((one for one in self._names if len(one) > 1 and one in text), key=len, reverse=True):
            text = text.replace(name, chr(_PRIVATE + len(held)))
            held.append(self._names[name])
        if self._staffed is not None:
            text = self._staffed.sub(lambda match: self._held(held, match[0]), text)
        text = digits.sub(self._number, text)
        dice = Random(self._chance(text))
        return "".join(
            held[ord(one) - _PRIVATE]
            if 0 <= ord(one) - _PRIVATE < len(held)
            else one
            if "0" <= one <= "9"
            else _like(one, dice)
            for one in text
        )

    def _held(self, held: list[str], word: str) -> str:
        held.append(self._staff[word])
        return chr(_PRIVATE + len(held) - 1)

    def _number(self, match: re.Match[str]) -> str:
        digits = "".join(filter(str.isdigit, match[0]))
        if digits == match[0]:
            return self._other_number(digits)
        if len(digits) < _FEWEST:
            return match[0]
        other = iter(self._other_number(digits))
        return "".join(next(other) if one.isdigit() else one for one in match[0])

    def _other_number(self, digits: str) -> str:
        if len(digits) == 13 and re.fullmatch(r"861[3-9].*", digits):
            return "86" + self._shaped(digits[2:], 3)
        if len(digits) in (17, 18) and _BIRTH.fullmatch(digits[6:14]):
            rest = self._shaped(digits, 2)
            return f"{rest[:2]}0101{digits[6:10]}0101{rest[14:]}"
        return self._shaped(digits, 4 if len(digits) == 12 else 3 if len(digits) > 6 else 1)

    def _shaped(self, digits: str, kept: int) -> str:
        size = len(digits) - kept
        other = f"{self._chance(digits) % 10**size:0{size}d}"
        # never by chance as it was
        return digits[:kept] + (other if other != digits[kept:] else other[:-1] + str((int(other[-1]) + 1) % 10))


def _like(character: str, dice: Random) -> str:
    """Return another character of the same kind and width; punctuation and signs stay."""
    pools: Iterable[tuple[bool, str]] = (
        ("0" <= character <= "9", "0123456789"),
        ("a" <= character <= "z", "abcdefghijklmnopqrstuvwxyz"),
        ("A" <= character <= "Z", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("０" <= character <= "９", "０１２３４５６７８９"),
        (_HAN.fullmatch(character) is not None, PLAIN),
    )
    for fits, pool in pools:
        if fits:
            return dice.choice(pool.replace(character, ""))
    if character.isalpha() and (width := cells(character)):
        return dice.choice(PLAIN if width == 2 else "abcdefghijklmnopqrstuvwxyz")
    return character


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _texts(value: Any) -> Iterable[str]:
    """Return all texts in a value."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item)
