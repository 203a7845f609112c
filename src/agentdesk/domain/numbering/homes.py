"""Where a number is at home (归属地): `山东济南`, `Jinan, Shandong`, `北京`.

The town of a fixed line is in a small table. That of a mobile is in the geocoder of `phonenumbers`, which holds
the whole world: importing it takes one to seven seconds (seven without cached bytecode) and about 165 MB for
good. So it is loaded only where somebody asks for it, never on the desk's own thread, and best in a process that
ends soon after: `build_home_table` makes of it a table for the mainland that is loaded in some 10 ms and takes
about 1.5 MB.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache

from agentdesk.domain.numbering.area_codes import area_of, areas

_MAGIC = b"agentdesk-homes-1\n"
_FIRST, _LAST = 1_300_000, 1_999_999
_MOBILE = re.compile(r"\+861[3-9][0-9]{9}(?:[0-9]{2})?")
_FIXED = re.compile(r"\+86[1-9][0-9]{8,10}")
_HOTLINE = re.compile(r"\+86[48]00[0-9]{7}")

_PROVINCES = (
    "北京 上海 天津 重庆 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 "
    "海南 四川 贵州 云南 西藏 陕西 甘肃 宁夏 青海 新疆"
).replace(" ", "|")
_PROVINCE = re.compile(rf"({_PROVINCES})(?:省|市|壮族自治区|维吾尔自治区|回族自治区|自治区)?(.*)")
_PEOPLES = "朝鲜|土家|苗|彝|藏|羌|布依|侗|傣|景颇|傈僳|白|壮|哈尼|回|蒙古|哈萨克|柯尔克孜"
_TOWN_END = re.compile(rf"(?:市|地区|盟|林区|(?:(?:{_PEOPLES})族?)+自治州)$")
_JOINED_A = re.compile(r"(?<=[a-z])A(?=[a-z])")
# Where the geocoder has an old name, or another spelling than the table of area codes.
_RENAMED = {
    "襄樊": "襄阳",
    "Xiangfan": "Xiangyang",
    "Urumchi": "Urumqi",
    "Hulun": "Hulunbuir",
    "Xilin": "Xilingol",
    "Puer": "Pu'er",
}
_OUTSIDE_MAINLAND = {
    852: ("中国香港", "Hong Kong, China"),
    853: ("中国澳门", "Macao, China"),
    886: ("中国台湾", "Taiwan, China"),
}


class HomeTable:
    """The homes of mainland mobiles and the names of other countries, as `build_home_table` made them.

    `names` are the homes that occur, each in Chinese and in English.
    """

    def __init__(
        self, towns: array[int], names: Sequence[Sequence[str]], countries: Mapping[str, Sequence[str]]
    ) -> None:
        self._towns = towns
        self.names = names
        self._countries = countries

    @classmethod
    def load(cls, data: bytes) -> HomeTable:
        """Read a table; raises ValueError for bytes that aren't one."""
        try:
            if not data.startswith(_MAGIC):
                raise ValueError
            head, _, body = zlib.decompress(data[len(_MAGIC) :]).partition(b"\n")
            names = json.loads(head)
            towns = array("H")
            towns.frombytes(body)
            if sys.byteorder == "big":
                towns.byteswap()
            if len(towns) != _LAST - _FIRST + 1 or max(towns) > len(names["towns"]):
                raise ValueError
            return cls(towns, names["towns"], names["countries"])
        except (ValueError, KeyError, zlib.error):
            raise ValueError("the table of homes can't be read: build it again") from None

    def mobile(self, e164: str, lang: str) -> str | None:
        """Return the home of a mainland mobile."""
        index = self._towns[int(e164[3:10]) - _FIRST]
        return self.names[index - 1][_language(lang)] if index else None

    def country(self, e164: str, lang: str) -> str | None:
        """Return the country of a foreign number."""
        for length in (1, 2, 3):
            if (names := self._countries.get(e164[1 : 1 + length])) is not None:
                return names[_language(lang)]
        return None


def home(e164: str, lang: str = "zh", table: HomeTable | None = None) -> str | None:
    """Return where a number is at home, or None for hotlines and what isn't known.

    Without a `table` the first mobile or foreign number loads the geocoder (seconds, 165 MB): call it off the
    screen's thread, or use `home_now`.
    """
    if (found := home_now(e164, lang, table)) is not None or table is not None or not e164.startswith("+"):
        return found
    if _FIXED.fullmatch(e164) and not _MOBILE.fullmatch(e164):
        return None
    return _from_geocoder(e164, "zh" if _language(lang) == 0 else "en")


def home_now(e164: str, lang: str = "zh", table: HomeTable | None = None) -> str | None:
    """Return where a number is at home as far as that is known without loading anything."""
    if _MOBILE.fullmatch(e164):
        return table.mobile(e164, lang) if table else None
    if not e164.startswith("+86"):
        return table.country(e164, lang) if table and e164.startswith("+") else None
    code = area_of(e164[3:]) if _FIXED.fullmatch(e164) and not _HOTLINE.fullmatch(e164) else None
    if code is None:
        return None
    area = areas()[code]
    if area.town_zh == area.province_zh and area.town_en == area.province_en and len(code) == 2:
        return (area.town_zh, area.town_en)[_language(lang)]
    return (f"{area.province_zh}{area.town_zh}", f"{area.town_en}, {area.province_en}")[_language(lang)]


def build_home_table() -> bytes:
    """Return the table for `HomeTable.load`, made from the geocoder's data.

    Takes some ten seconds and 200 MB: run it in a process of its own, once for each version of `phonenumbers`.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
    from phonenumbers.geodata import GEOCODE_DATA
    from phonenumbers.geodata.locale import LOCALE_DATA

    towns = array("H", bytes(2 * (_LAST - _FIRST + 1)))
    numbers: dict[tuple[str, str], int] = {}
    prefixes = [key[2:] for key in GEOCODE_DATA if re.fullmatch(r"861[3-9][0-9]{0,5}", key)]
    for prefix in sorted(prefixes, key=len):
        said = GEOCODE_DATA[f"86{prefix}"]
        name = (_short_zh(said.get("zh", "")), _short_en(said.get("en", "")))
        index = numbers.setdefault(name, len(numbers) + 1)
        width = 10 ** (7 - len(prefix))
        start = int(prefix) * width - _FIRST
        towns[start : start + width] = array("H", [index]) * width
    if sys.byteorder == "big":
        towns.byteswap()
    countries = {
        str(code): _OUTSIDE_MAINLAND.get(code) or [_country(LOCALE_DATA, regions, n) for n in ("zh", "en")]
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
        if code != 86 and regions[0] in LOCALE_DATA
    }
    head = json.dumps({"towns": list(numbers), "countries": countries}, ensure_ascii=False)
    return _MAGIC + zlib.compress(head.encode() + b"\n" + towns.tobytes(), 9)


def _country(names: Mapping[str, Mapping[str, str]], regions: Sequence[str], lang: str) -> str:
    """Return the name of a calling code's country; two share the codes 1 and 7 with equal right."""
    shared = regions[:1]
    if "CA" in regions:
        shared = ("US", "CA")
    elif "KZ" in regions:
        shared = ("RU", "KZ")
    return "/".join(_name(names[region], lang) for region in shared)


def _name(said: Mapping[str, str], lang: str) -> str:
    """Return a country's name; `*xx` refers to another language, sometimes to itself."""
    name = said.get(lang, "")
    if name.startswith("*"):
        name = said.get(name[1:], "")
    return said["en"] if not name or name.startswith("*") else name


@lru_cache(maxsize=4096)
def _from_geocoder(e164: str, lang: str) -> str | None:
    import phonenumbers as library
    from phonenumbers import geocoder

    try:
        parsed = library.parse(e164)
    except library.NumberParseException:
        return None
    if (names := _OUTSIDE_MAINLAND.get(parsed.country_code or 0)) is not None:
        return names[_language(lang)]
    if parsed.country_code != 86:
        return geocoder.country_name_for_number(parsed, lang) or None
    said = geocoder.description_for_number(parsed, lang)
    if said in {"", "中国", "China"}:
        return None
    return _short_zh(said) if lang == "zh" else _short_en(said)


def _short_zh(name: str) -> str:
    """Shorten `山东省济南市` to `山东济南`, `云南省大理白族自治州` to `云南大理`."""
    match = _PROVINCE.fullmatch(name)
    if match is None:
        return name
    town = _TOWN_END.sub("", match[2])
    return match[1] + _RENAMED.get(town, town)


def _short_en(name: str) -> str:
    """Write `XiAn, Shaanxi` as `Xi'an, Shaanxi`."""
    town, comma, province = name.partition(", ")
    return _RENAMED.get(town, _JOINED_A.sub("'a", town)) + comma + province


def _language(lang: str) -> int:
    return 0 if lang.startswith("zh") else 1
