"""Names and addresses of a seed: drawn from Faker once, then combined by the dice of each customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Gender = Literal["male", "female"]

_SURNAMES = 1500
_GIVEN = 1200
_COMPANIES = 400
_STREETS = 600

RARE_GIVEN = ("𠮷", "㛃", "䶮", "子䶮", "㛃涵", "𠮷安", "雨𬭎", "嘉𬀩", "奡", "㴓远")
"""Given names with characters that many systems lose: outside GB 2312, of Unicode's extensions A, B and E."""

RARE_SURNAMES = ("㙟", "𮤲", "逄", "妫", "乜", "禤")
"""Surnames that are as rare."""

_FIRST_PARTS = {
    "female": ("阿依古丽", "热依汗", "帕提古丽", "迪丽拜尔", "古丽米热", "阿孜古丽", "吉克阿果", "沙马阿依"),
    "male": ("麦麦提江", "艾力亚尔", "库尔班江", "吾布力", "玉山江", "阿迪力江", "吉克伍达", "沙马拉者"),
}
_SECOND_PARTS = ("吐尔逊", "艾尔肯", "阿不都热合曼", "买买提明", "依米提", "热西提", "木呷", "尔古")
_ONE_PART = {"female": ("次仁央宗", "德吉卓嘎", "白玛拉姆"), "male": ("扎西顿珠", "丹增罗布", "巴特尔")}


@dataclass(frozen=True, slots=True)
class Pools:
    """What a seed draws names from; a common name stands there often, as it does in life."""

    surnames: Sequence[str]
    given: dict[Gender, Sequence[str]]
    minority: dict[Gender, Sequence[str]]
    companies: Sequence[str]
    streets: Sequence[str]


@lru_cache(maxsize=4)
def pools_of(seed: int) -> Pools:
    """Return the pools of a seed; the first call imports Faker, which takes a while."""
    from faker.factory import Factory

    providers = ["faker.providers.person", "faker.providers.address", "faker.providers.company"]
    fake: Any = Factory.create("zh_CN", providers=providers)
    fake.seed_instance(seed)
    plain: dict[Gender, list[str]] = {
        "female": [fake.first_name_female() for _ in range(_GIVEN)],
        "male": [fake.first_name_male() for _ in range(_GIVEN)],
    }
    return Pools(
        surnames=tuple(fake.last_name() for _ in range(_SURNAMES)),
        given={gender: _blended(names) for gender, names in plain.items()},
        minority={gender: _minority(gender) for gender in plain},
        companies=tuple(sorted({fake.company() for _ in range(_COMPANIES)})),
        streets=tuple(sorted({fake.street_name() for _ in range(_STREETS)})),
    )


def _blended(names: list[str]) -> tuple[str, ...]:
    """Return names and new ones of their characters: Faker's lists are short, a region of millions isn't."""
    singles = sorted({name for name in names if len(name) == 1} | {name[-1] for name in names})
    count = len(singles)
    pairs = [singles[i % count] + singles[(i + i // count + 1) % count] for i in range(len(names))]
    return (*names, *pairs)


def _minority(gender: Gender) -> tuple[str, ...]:
    doubled = tuple(f"{first}·{second}" for first in _FIRST_PARTS[gender] for second in _SECOND_PARTS)
    return doubled + _ONE_PART[gender]
