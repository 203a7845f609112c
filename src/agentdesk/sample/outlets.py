"""The outlets of a sample region, and where its customers live: invented places around a city's real centre."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.sample.dice import Source
from agentdesk.sample.places import Place
from agentdesk.sample.pools import pools_of

CENTRES: Mapping[str, tuple[int, int]] = {
    "bj": (39_904_000, 116_407_000),
    "tj": (39_084_000, 117_201_000),
    "sh": (31_230_000, 121_474_000),
    "cq": (29_563_000, 106_551_000),
    "gz": (23_129_000, 113_264_000),
    "jn": (36_651_000, 117_120_000),
    "cs": (28_228_000, 112_939_000),
    "cd": (30_573_000, 104_066_000),
    "wh": (30_593_000, 114_305_000),
    "hz": (30_274_000, 120_155_000),
}
"""The middle of each city, millionths of a degree."""

SPREAD = 64_000
"""How far from the middle sample customers live, millionths of a degree: about seven kilometres."""

ROWS = 11
"""Outlets stand in a square of so many rows, each moved a little."""

SERVICES = ("sim", "transfer", "payment", "broadband", "repair_desk", "corporate")


def home_of(place: Place, words: int) -> list[int]:
    """Return where somebody lives, from 32 random bits."""
    lat, lon = CENTRES[place.code]
    north = (words & 0xFFFF) * 2 * SPREAD >> 16
    east = (words >> 16 & 0xFFFF) * 2 * SPREAD >> 16
    return [lat + north - SPREAD, lon + east - SPREAD]


def outlets_of(seed: int, place: Place, now_ms: int) -> Iterator[Document]:
    """Yield the outlets of a region, in the scope of the organisation."""
    source, pools = Source(seed, f"{place.code}/outlets"), pools_of(seed)
    lat, lon = CENTRES[place.code]
    step = 2 * SPREAD // ROWS
    for nth in range(ROWS * ROWS):
        dice = source.at(nth)
        row, column = divmod(nth, ROWS)
        moved = dice.below(step), dice.below(step)
        district, street = dice.pick(place.districts), dice.pick(pools.streets)
        large = nth % 7 == 0
        services = list(SERVICES) if large else ["sim", "payment", *(s for s in SERVICES[1:4] if dice.chance(5000))]
        data: dict[str, Any] = {
            "name": f"{street}{'旗舰营业厅' if large else '营业厅'}",
            "address": f"{place.zh}市{district}{street}{dice.between(1, 199)}号",
            "place": [lat - SPREAD + row * step + moved[0], lon - SPREAD + column * step + moved[1]],
            "calendar": "halls",
            "services": sorted(set(services)),
            "region": place.scope,
            "desks": 6 if large else 3,
            "sample": True,
        }
        if nth % 3 == 0:
            waiting = dice.below(14)
            data["queue"] = {"waiting": waiting, "longest": waiting * 4 * 60_000, "at": now_ms}
        yield Document(ORG, f"o-{place.code}-{nth + 1:03d}", "outlet", 0, data)
