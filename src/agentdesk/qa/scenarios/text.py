"""The text of a scenario: a title, sizes and languages, and steps, each on a line of its own.

A line begins with a word that says what kind of step it is, in English or Chinese; a line that begins with `#` is a
remark. Where a desk in Chinese says something else than one in English, both stand there with ` | ` between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agentdesk.domain.language.text import readable, shown, strip_invisible

Kind = Literal["given", "when", "then"]

TITLE = ("Scenario", "场景")
SIZES = ("Sizes", "尺寸")
LANGUAGES = ("Languages", "语言")
KINDS: dict[str, Kind] = {
    "Given": "given",
    "假设": "given",
    "假如": "given",
    "When": "when",
    "当": "when",
    "Then": "then",
    "那么": "then",
}
MORE = ("And", "But", "并且", "而且", "但是")
"""Words for one more step of the kind of the last one."""

EVERY_SIZE: tuple[str, ...] = ("80x24", "120x40")
EVERY_LANGUAGE: tuple[str, ...] = ("zh-CN", "en")
LONGEST = 500
"""Characters of a line."""
BREAKS = "\u2028\u2029"
"""What breaks a line, and is no break to most editors."""
LARGEST = 256 * 1024
"""Bytes of a file."""
ORDER: tuple[Kind, ...] = ("given", "when", "then")

_SIZE = re.compile(r"([0-9]{2,3})\s*[x×*]\s*([0-9]{2,3})$")
_HEADER = re.compile(rf"({'|'.join([*TITLE, *SIZES, *LANGUAGES])})\s*[:：]\s*(.*)$")
_PICTURE = re.compile(r"(?:Picture|图|截图)\s*[:：]")
_STEP = re.compile(rf"({'|'.join([*KINDS, *MORE])})[\s:：,，]*(.*)$")
_BREAK = re.compile(r"[\s,，、]+")


class ScenarioError(Exception):
    """Something is wrong with a scenario, or with what it meets; it says where.

    `shown` is what the screen said then, if there was one.
    """

    def __init__(self, path: Path, line: int, problem: str, text: str = "", shown: str = "") -> None:
        super().__init__(problem)
        self.path = path
        self.line = line
        self.problem = problem
        self.text = text
        self.shown = shown

    def __str__(self) -> str:
        lines = [f"{self.path}:{self.line}: {self.problem}", *([f"    {self.text}"] if self.text else [])]
        rows = [f"  | {row}" for row in self.shown.splitlines()]
        # whatever it is about, it is printed on a terminal
        return "\n".join(shown(line) for line in [*lines, *(["  on the screen:", *rows] if rows else [])])


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its line in the file, what kind it is, what it says, and the whole line."""

    line: int
    kind: Kind
    says: str
    text: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as it is written."""

    path: Path
    title: str
    sizes: tuple[str, ...]
    languages: tuple[str, ...]
    steps: tuple[Step, ...]


def size_of(text: str) -> tuple[int, int] | None:
    """Return columns and rows of a size such as `80x24`; None for anything else."""
    match = _SIZE.match(text.strip())
    return (int(match[1]), int(match[2])) if match else None


def in_language(text: str, language: str) -> str:
    """Return what a text says in a language: Chinese stands before ` | `, English after."""
    chinese, bar, english = text.partition(" | ")
    return (english if language.startswith("en") and bar else chinese).strip()


def read(path: Path) -> Scenario:
    """Read a scenario; raises ScenarioError with the line that can't be read."""
    title, sizes, languages = "", EVERY_SIZE, EVERY_LANGUAGE
    steps: list[Step] = []
    for number, line in enumerate(_lines(path), 1):
        text = _seen(path, number, line.strip().replace("\t", " "))
        if not text or text.startswith("#"):
            continue
        if header := _HEADER.match(text):
            word, value = header[1], header[2].strip()
            if word in TITLE:
                title = value
            elif word in SIZES:
                sizes = _sizes(path, number, value)
            else:
                languages = _languages(path, number, value)
            continue
        steps.append(_step(path, number, text, steps[-1].kind if steps else None))
    if not title:
        raise ScenarioError(path, 1, f"a scenario begins with its title: {TITLE[0]}: … ({TITLE[1]}: …)")
    if not any(step.kind == "then" for step in steps):
        raise ScenarioError(path, 1, "a scenario expects something: it has at least one line with Then (那么)")
    return Scenario(path, title, sizes, languages, tuple(steps))


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file, as every editor counts them; raises ScenarioError for one that is no text."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ScenarioError(path, 1, f"a scenario is a text of at most {LARGEST // 1024} KB")
    lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise ScenarioError(path, number, "this line isn't UTF-8: save the file as UTF-8") from None


def _seen(path: Path, number: int, text: str) -> str:
    """Return a line that means what it looks like; raises ScenarioError for any other."""
    if len(text) > LONGEST:
        raise ScenarioError(path, number, f"a line has at most {LONGEST} characters", text[:80])
    if readable(text) != text:
        codes = ", ".join(
            sorted({f"U+{ord(one):04X}" for one in text if not strip_invisible(one) or one in BREAKS})[:5]
        )
        what = f"characters that nobody sees ({codes})" if codes else "too many marks on one character"
        raise ScenarioError(path, number, f"the line has {what}: write it anew", text)
    return text


def _step(path: Path, number: int, text: str, before: Kind | None) -> Step:
    if _PICTURE.match(text):
        return Step(number, "then", text, text)
    match = _STEP.match(text)
    if match is None:
        words = ", ".join([*KINDS, *MORE])
        raise ScenarioError(path, number, f"a line begins with one of these words: {words}", text)
    kind = KINDS.get(match[1], before)
    if kind is None:
        raise ScenarioError(path, number, f"{match[1]} needs a step before it", text)
    if kind == "given" and before not in (None, "given"):
        raise ScenarioError(path, number, "what is given stands before all that happens", text)
    return Step(number, kind, match[2].strip(), text)


def _sizes(path: Path, number: int, value: str) -> tuple[str, ...]:
    found = [(size, size_of(size)) for size in _BREAK.split(value) if size]
    wrong = next((text for text, size in found if size is None), None)
    if wrong is not None or not found:
        raise ScenarioError(path, number, f"a size is columns x rows, such as 80x24, not {wrong or 'nothing'}")
    return tuple(f"{size[0]}x{size[1]}" for _text, size in found if size is not None)


def _languages(path: Path, number: int, value: str) -> tuple[str, ...]:
    found = tuple(language for language in _BREAK.split(value) if language)
    wrong = [language for language in found if language not in EVERY_LANGUAGE]
    if wrong or not found:
        raise ScenarioError(path, number, f"the languages are {', '.join(EVERY_LANGUAGE)}")
    return found
