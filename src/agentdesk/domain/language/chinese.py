"""Chinese as it is looked for: one form for traditional and simplified characters, and the sounds of a name.

Both tables are made when the package is built, from what OpenCC and pypinyin know, and are read once in a process:
`Chinese.load` takes some 10 ms. What has no table still finds itself, without other forms and sounds.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

MAGIC = b"agentdesk-chinese-2\n"
"""What a table begins with; another number makes a build do it anew."""

MOST_SOUNDS = 24
"""Ways to say one name that are looked for: more characters of several sounds than that no name has."""
MOST_SPOKEN = 12
"""Characters of a name that are spoken: a person's, or the beginning of a company's."""

_SURNAMES = (
    "曾zeng 单shan 翟zhai/di 仇qiu 解xie 区ou 查zha 朴piao 任ren 华hua 盖ge/gai 员yun 缪miao/mou 乐yue/le 冼xian "
    "宓mi/fu 秘bi/mi 繁po 黑he/hei 折she 尉wei/yu 逄pang 都du 晁chao 种chong 重chong 覃qin/tan 召shao/zhao 佘she "
    "应ying 那na/nuo 谌chen/shen 牟mu/mou 隗wei/kui 祭zhai/ji 葛ge 纪ji 车che/ju 郇xun/huan 郄qie/xi 郗xi/chi "
    "莘shen/xin 俞yu/shu 宿su 隽juan/jun 阚kan 相xiang 褚chu 薄bo/bao 费fei/bi 能nai 会gui 句gou 行xing 肖xiao "
    "颉xie/jie 冒mao/mo 强qiang/jiang 呙guo 佴nai/er 乜nie 粘nian 难nan/ning 过guo 柏bai/bo 贾jia 沈shen 石shi "
    "盛sheng 适kuo/shi 曲qu 少shao 藏zang 降jiang 长chang/zhang 占zhan 令ling 撒sa 殷yin 万wan 于yu 亓qi 瞿qu "
    "番pan/fan 迮ze 昝zan 邴bing 郏jia 仉zhang 亶dan 厍she 庹tuo 逯lu 瞫shen 宁ning 贲ben 尹yin 冯feng 谷gu 蕃bo "
    "洗xian 塔ta"
)
SURNAMES: Mapping[str, tuple[str, ...]] = {one[0]: tuple(one[1:].split("/")) for one in _SURNAMES.split()}
"""How family names are spoken, where that isn't how the character is read elsewhere; the usual way first."""

DOUBLE_SURNAMES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    name: tuple(tuple(spoken.split("-")) for spoken in ways.split("/"))
    for name, ways in (
        ("单于", "chan-yu"),
        ("尉迟", "yu-chi/wei-chi"),
        ("万俟", "mo-qi"),
        ("长孙", "zhang-sun"),
        ("澹台", "tan-tai"),
        ("令狐", "ling-hu"),
        ("鲜于", "xian-yu"),
        ("亓官", "qi-guan"),
        ("宰父", "zai-fu"),
        ("夏侯", "xia-hou"),
        ("夹谷", "jia-gu"),
        ("拓跋", "tuo-ba"),
        ("闾丘", "lv-qiu"),
        ("濮阳", "pu-yang"),
        ("皇甫", "huang-fu"),
        ("钟离", "zhong-li"),
        ("赫连", "he-lian"),
        ("乐正", "yue-zheng"),
        ("百里", "bai-li"),
        ("欧阳", "ou-yang"),
    )
}
"""Family names of two characters whose sounds aren't those of the characters one by one, or have several of them."""

_SAME = (
    ("衞", "卫"),
    ("著", "着"),
    ("瞭", "了"),
    # 答覆 and 答復 are 答复 both, by the words around them
    ("覆", "复"),
    # two spellings that are in use for one word: 帐号, 账号; 座席, 坐席
    ("帐", "账"),
    ("座", "坐"),
)
"""Characters that count as one beside what OpenCC says."""


_UNITS = re.compile("[a-z0-9]+|[^\x00-\x7f]")
"""Of a folded name: a word of letters, or one character of any other kind."""


class _Forms(dict[int, str]):
    """What each character is folded to; worked out when it is met first."""

    def __init__(self, simple: Mapping[str, str]) -> None:
        super().__init__()
        self._simple = simple

    def __missing__(self, code: int) -> str:
        self[code] = folded = self._fold(chr(code))
        return folded

    def _fold(self, character: str) -> str:
        parts = unicodedata.normalize("NFKD", character)
        return "".join(_kept(self._simple.get(part, part)) for part in parts.casefold())


def _kept(character: str) -> str:
    """Return a folded character; a space where words end, nothing for marks and what can't be seen."""
    kind = unicodedata.category(character)
    if kind in {"Mn", "Me", "Cf"}:
        return ""
    if kind[0] in "ZP" or kind in {"Cc", "Cs"} or (character.isascii() and not character.isalnum()):
        return " "
    return character


class Chinese:
    """The forms and sounds of Chinese characters; `mark` tells one table from another."""

    def __init__(self, simple: Mapping[str, str], sounds: Mapping[str, tuple[str, ...]], mark: str = "") -> None:
        self._forms = _Forms(simple)
        self._sounds = sounds
        self.mark = mark

    @classmethod
    def load(cls, data: bytes) -> Chinese:
        """Read a table; raises ValueError for bytes that aren't one."""
        if not data.startswith(MAGIC):
            raise ValueError("this is no table of Chinese characters")
        try:
            traditional, simplified, *lines = zlib.decompress(data[len(MAGIC) :]).decode().split("\n")
        except zlib.error:
            raise ValueError("this table of Chinese characters is damaged") from None
        sounds: dict[str, tuple[str, ...]] = {}
        for line in lines:
            spoken, _, characters = line.partition(" ")
            sounds.update(dict.fromkeys(characters, tuple(spoken.split("/"))))
        simple = dict(zip(traditional, simplified, strict=True))
        return cls(simple, sounds, sha256(data).hexdigest()[:16])

    def fold(self, text: str) -> str:
        """Return a text as it is compared: simplified, small letters, no marks; a space for all that is no word.

        Each character is folded by itself, so that a part of a text is folded to a part of the folded text.
        """
        return text.translate(self._forms)

    def sounds(self, character: str) -> tuple[str, ...]:
        """Return how a (folded) character is read, without tones, the usual way first; `v` stands for ü."""
        return self._sounds.get(character, ())

    def spoken(self, name: str) -> tuple[str, ...]:
        """Return how a folded name may be typed in Latin letters: each full pinyin, and each row of initials.

        A family name has the sounds that it has as one, and those of its character. A name ends at the first
        character without a sound; words of letters and digits stand for themselves.
        """
        units = _UNITS.findall(name)[:MOST_SPOKEN]
        if not units:
            return ()
        ways = self._family(units)
        for unit in units[len(ways[0]) if ways else len(units) :]:
            sounds = (unit,) if unit.isascii() else self._sounds.get(unit)
            if not sounds:
                break
            # the usual sounds of all characters first: what is cut off are the rarest ways
            ways = [(*way, sound) for sound in sounds for way in ways][:MOST_SOUNDS]
        return tuple(dict.fromkeys(key for way in ways for key in ("".join(way), "".join([one[0] for one in way]))))

    def _family(self, units: list[str]) -> list[tuple[str, ...]]:
        """Return the ways to say a family name, or the first word of a name that has none."""
        first = units[0]
        if first.isascii():
            return [(first,)]
        sounds = dict.fromkeys((*SURNAMES.get(first, ()), *self._sounds.get(first, ())))
        single: list[tuple[str, ...]] = [(sound,) for sound in sounds]
        double = DOUBLE_SURNAMES.get(first + units[1]) if len(units) > 1 else None
        if double is None:
            return single
        second = self._sounds.get(units[1], ())
        return list(dict.fromkeys((*double, *((*one, other) for one in single for other in second))))


PLAIN = Chinese({}, {})
"""Without a table: width, case and marks are folded, and nothing is known of sounds."""


# ---------------------------------------------------------------- making the tables

_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))
_SPOKEN = ((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000))
_SELDOM = 0.03
"""Share of the words with a character in which a sound has to be heard, if any word has it at all."""
_SOUNDS = 3
"""Sounds of one character at most."""


def build_chinese() -> bytes:
    """Make the tables of what OpenCC and pypinyin know; takes some seconds, and both have to be installed."""
    simple = _simple_forms()
    lines: dict[tuple[str, ...], list[str]] = {}
    for character, spoken in _all_sounds(simple).items():
        lines.setdefault(spoken, []).append(character)
    text = "\n".join(
        [
            "".join(simple),
            "".join(simple.values()),
            *sorted(f"{'/'.join(spoken)} {''.join(characters)}" for spoken, characters in lines.items()),
        ]
    )
    return MAGIC + zlib.compress(text.encode(), 9)


def _simple_forms() -> dict[str, str]:
    """Return each character that isn't its own simplified form, with the one that stands for all its forms."""
    from opencc import OpenCC

    # there and back: 锺 and 钟 are both simplified forms of 鍾
    converters = [OpenCC(name) for name in ("hk2s", "tw2s", "t2s", "s2t", "hk2s", "tw2s", "t2s")]
    characters = [chr(code) for first, last in _RANGES for code in range(first, last)]
    forms = characters
    for converter in converters * 3:
        forms = converter.convert("\n".join(forms)).split("\n")
    found = {one: form for one, form in zip(characters, forms, strict=True) if len(form) == 1 and form != one}
    found.update(_SAME)
    return {one: found.get(form, form) for one, form in found.items()}


def _all_sounds(simple: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return how the characters that a text is folded to are read; what is read so hardly anywhere is left out."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    from pypinyin.contrib import tone_convert

    to_normal = lru_cache(maxsize=None)(tone_convert.to_normal)  # there are some 1,500
    heard: dict[str, dict[str, int]] = {}
    for phrase, spoken in PHRASES_DICT.items():
        for character, sounds in zip(phrase, spoken, strict=False):
            counts = heard.setdefault(character, {})
            sound = to_normal(sounds[0])
            counts[sound] = counts.get(sound, 0) + 1
    found: dict[str, list[str]] = {}
    for first, last in _SPOKEN:
        for code in range(first, last):
            character = chr(code)
            known = dict.fromkeys(to_normal(sound) for sound in PINYIN_DICT.get(code, "").split(",") if sound)
            counts = heard.get(character, {})
            total = sum(counts.values())
            living = [s for s in known if not total or counts.get(s, 0) >= max(1, total * _SELDOM)] or [*known]
            living.sort(key=lambda sound: -counts.get(sound, 0))
            if character in simple:
                # 乾 is folded to 干, and goes on being read qian
                found.setdefault(simple[character], []).extend(living[:1])
            else:
                found[character] = [*living[:_SOUNDS], *found.get(character, ())]
    return {character: tuple(dict.fromkeys(sounds)) for character, sounds in found.items() if sounds}
