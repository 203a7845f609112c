"""Recordings of a real switch: blocks of `Key: value` lines, then `# t=` seconds; `########` begins a scene."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from random import Random

AMI = Path(__file__).parent.parent / "data" / "ami"

NORMAL, ABANDONED, BLIND, WARM = "1 normal call", "2 abandon", "3 blind transfer", "B attended transfer"

AGENTS = ("Local/8001@agents/n", "Local/8002@agents/n")
QUEUES = ("vip10010", "std10010")


@dataclass(frozen=True, slots=True)
class Block:
    """One message as it was sent: `ms` after the beginning of the recording."""

    scene: str
    ms: int
    text: str

    @property
    def wire(self) -> bytes:
        return self.text.replace("\n", "\r\n").encode() + b"\r\n\r\n"


def read(name: str) -> list[Block]:
    """All blocks of a recording, in the order in which they were sent."""
    scene = ""
    blocks: list[Block] = []
    lines: list[str] = []
    for line in (AMI / f"{name}.txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("########"):
            scene = line.lstrip("# ")
        elif line.startswith("# t="):
            blocks.append(Block(scene, round(float(line[4:]) * 1000), "\n".join(lines)))
            lines = []
        elif line:
            lines.append(line)
    return blocks


@cache
def everything() -> tuple[Block, ...]:
    """Both recordings, one after the other."""
    first, second = read("call-abandon-blind-transfer"), read("attended-transfer")
    later = first[-1].ms + 1000
    return (*first, *(Block(b.scene, b.ms + later, b.text) for b in second))


def shuffled(blocks: Iterable[Block], random: Random) -> list[Block]:
    """The same, with the messages of each millisecond in another order."""
    out: list[Block] = []
    for _, group in groupby(blocks, key=lambda b: b.ms):
        together = list(group)
        random.shuffle(together)
        out += together
    return out


def in_pieces(data: bytes, random: Random) -> Iterable[bytes]:
    """The same bytes, cut anywhere."""
    at = 0
    while at < len(data):
        size = random.choice((1, 2, 3, 7, 61, 997, 4096))
        yield data[at : at + size]
        at += size
