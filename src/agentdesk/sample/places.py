"""The regions of the sample world: cities that exist, with customers that don't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentdesk.domain.numbering.area_codes import areas


@dataclass(frozen=True, slots=True)
class Place:
    """A region: its code, its city, the city's area code, and the digit that marks its sample mobile numbers.

    `certificate` are the first four digits of the city's certificates, all that a masked one shows.
    """

    code: str
    zh: str
    en: str
    area: str
    digit: int
    certificate: str
    districts: tuple[str, ...]

    @property
    def scope(self) -> str:
        """Return the scope in which the region's documents live."""
        return f"region/{self.code}"

    @property
    def home(self) -> str:
        """Return the home (归属地) of the region's numbers, in Chinese: `北京`, `四川成都`."""
        area = areas()[self.area]
        return area.town_zh if area.town_zh == area.province_zh else f"{area.province_zh}{area.town_zh}"


def _place(code: str, zh: str, en: str, area: str, digit: int, certificate: str, districts: str) -> Place:
    return Place(code, zh, en, area, digit, certificate, tuple(districts.split()))


PLACES: Mapping[str, Place] = {
    place.code: place
    for place in (
        _place("bj", "北京", "Beijing", "10", 0, "1101", "东城区 西城区 朝阳区 海淀区 丰台区 通州区 昌平区 大兴区"),
        _place("tj", "天津", "Tianjin", "22", 1, "1201", "和平区 河西区 南开区 河北区 红桥区 西青区 津南区"),
        _place("sh", "上海", "Shanghai", "21", 2, "3101", "黄浦区 徐汇区 长宁区 静安区 普陀区 杨浦区 闵行区"),
        _place("cq", "重庆", "Chongqing", "23", 3, "5001", "渝中区 江北区 沙坪坝区 南岸区 北碚区 渝北区 巴南区"),
        _place("gz", "广州", "Guangzhou", "20", 4, "4401", "越秀区 荔湾区 海珠区 天河区 白云区 番禺区 花都区"),
        _place("jn", "济南", "Jinan", "531", 5, "3701", "历下区 市中区 槐荫区 天桥区 历城区 长清区"),
        _place("cs", "长沙", "Changsha", "731", 6, "4301", "芙蓉区 天心区 岳麓区 开福区 雨花区 望城区"),
        _place("cd", "成都", "Chengdu", "28", 7, "5101", "锦江区 青羊区 金牛区 武侯区 成华区 温江区 双流区"),
        _place("wh", "武汉", "Wuhan", "27", 8, "4201", "江岸区 江汉区 硚口区 汉阳区 武昌区 洪山区 黄陂区"),
        _place("hz", "杭州", "Hangzhou", "571", 9, "3301", "上城区 拱墅区 西湖区 滨江区 萧山区 余杭区"),
    )
}
"""The regions by code."""

BY_DIGIT: tuple[Place, ...] = tuple(sorted(PLACES.values(), key=lambda place: place.digit))


def place_of(region: str) -> Place:
    """Return a region by its code or scope (`bj`, `region/bj`); raises ValueError that names those there are."""
    place = PLACES.get(region.removeprefix("region/"))
    if place is None:
        raise ValueError(f"the sample world has no region {region!r}; it has {', '.join(PLACES)}")
    return place
