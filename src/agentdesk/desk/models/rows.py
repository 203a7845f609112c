"""Lines of text in tones: what a view-model hands to a widget, measured in terminal cells.

A tone is a word such as `quiet` or `late`; `widgets.tones` gives it a colour. Every text is plain: markup means nothing
here, and what customers' data hide in it was taken out before (`safe`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agentdesk.desk import glyphs
from agentdesk.domain.language.text import clean


class Span(NamedTuple):
    """A piece of a line in one tone."""

    # a tuple, as some thousand are made and compared for each ring

    text: str
    tone: str = ""


Row = tuple[Span, ...]
EMPTY: Row = ()


def safe(value: object, limit: int = 60) -> str:
    """Return a text from outside as it may be shown: one line, nothing in it that a terminal obeys."""
    return clean(str(value), limit) if value is not None else ""


def row(*parts: str | tuple[str, str] | Span | Row) -> Row:
    """Return a line of texts, (text, tone) pairs, spans and other lines."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        elif len(part) == 2 and isinstance(part[0], str) and isinstance(part[1], str):
            spans.append(Span(part[0], part[1]))
        else:
            spans.extend(span for span in part if isinstance(span, Span))
    drawn = glyphs.drawn
    return tuple(
        span if (plain := drawn(span.text)) is span.text else Span(plain, span.tone) for span in spans if span.text
    )


def width(line: Row) -> int:
    """Return how many cells a line takes."""
    return sum(glyphs.width(span.text) for span in line)


def text(line: Row) -> str:
    """Return a line without its tones."""
    return "".join(span.text for span in line)


def cut(line: Row, most: int) -> Row:
    """Return a line of at most so many cells, never cut inside a character."""
    if width(line) <= most:
        return line
    kept: list[Span] = []
    left = most
    for span in line:
        cells = glyphs.width(span.text)
        if cells > left or (cells == left and span is not line[-1]):
            kept.append(Span(glyphs.fit(span.text + " " * cells, left), span.tone))
            break
        kept.append(span)
        left -= cells
    return tuple(span for span in kept if span.text)


def pad(line: Row, cells: int, right: bool = False) -> Row:
    """Return a line of exactly so many cells."""
    line = cut(line, cells)
    missing = cells - width(line)
    if missing <= 0:
        return line
    gap = Span(" " * missing)
    return (gap, *line) if right else (*line, gap)


def ends(left: Row, right: Row, cells: int) -> Row:
    """Return a line with one part at each end; the left one gives way."""
    right = cut(right, cells)
    room = cells - width(right)
    return (
        *pad(left, room - 2 if right and room > 2 else room),
        *((Span("  "),) if right and room > 2 else ()),
        *right,
    )


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its width in cells, 0 for the one that takes what is left."""

    cells: int
    right: bool = False


def table(columns: Sequence[Column], lines: Sequence[Row], cells: int) -> Row:
    """Return one line of a table, so many cells wide, two spaces between columns."""
    gaps = 2 * (len(columns) - 1)
    rest = max(0, cells - gaps - sum(column.cells for column in columns))
    result: list[Span] = []
    for index, (column, line) in enumerate(zip(columns, lines, strict=True)):
        if index:
            result.append(Span("  "))
        result.extend(pad(line, column.cells or rest, column.right))
    return tuple(result)


def joined(lines: Iterable[Row], between: str = "  ") -> Row:
    """Return lines one after the other in one."""
    result: list[Span] = []
    for line in lines:
        if line:
            if result:
                result.append(Span(between))
            result.extend(line)
    return tuple(result)


def whole(lines: Iterable[Row], cells: int, between: str = "  ") -> Row:
    """Return as many lines as fit in one, each whole."""
    result: Row = EMPTY
    for line in lines:
        more = joined([result, line], between)
        if width(more) > cells:
            break
        result = more
    return result


LABEL = 12
"""Cells of the labels at the left of a dialog."""


def labelled(label: str, line: Row) -> Row:
    """Return a line with its label in front."""
    gap = " " * max(1, LABEL - width(row(label)))
    return row((label + gap, "quiet"), line)


def hint(key: str, word: str) -> Row:
    """Return a key and what it does."""
    return row((key, "key"), " ", (word, "quiet"))


def hints(*pairs: tuple[str, str]) -> Row:
    """Return several keys and what they do in one line."""
    return joined([hint(key, word) for key, word in pairs])


def flow(lines: Iterable[Row], cells: int, between: str = "   ") -> list[Row]:
    """Return lines put side by side while they fit: as few rows as it takes, no item broken."""
    rows: list[Row] = []
    for line in lines:
        if rows and width(rows[-1]) + len(between) + width(line) <= cells:
            rows[-1] = (*rows[-1], Span(between), *line)
        else:
            rows.append(cut(line, cells))
    return rows


def folded(line: Row, cells: int) -> list[Row]:
    """Return a line of `joined` parts in as few lines as hold them, no part broken."""
    parts: list[Row] = [EMPTY]
    for span in line:
        if span.text == "  ":
            parts.append(EMPTY)
        else:
            parts[-1] = (*parts[-1], span)
    return flow([part for part in parts if part], cells, "  ")


def wrap(words: str, cells: int, tone: str = "", most: int = 99) -> list[Row]:
    """Return a text broken into lines: at spaces in English, anywhere between Chinese characters.

    Where there is no room at all each character has a line of its own: nothing is lost, and it comes to an end.
    """
    cells = max(1, cells)
    plain = glyphs.current().plain(words)
    result: list[str] = []
    line = ""
    for token in _tokens(plain):
        if glyphs.width(line) + glyphs.width(token.rstrip()) > cells and line.strip():
            result.append(line.rstrip())
            line = token.lstrip()
        else:
            line += token
        while glyphs.width(line.rstrip()) > cells:
            head = _head(line, cells)
            result.append(line[:head])
            line = line[head:]
    if line.strip():
        result.append(line.rstrip())
    if len(result) > most:
        result = [*result[: most - 1], glyphs.fit(result[most - 1] + " " * cells, cells)]
    return [(Span(part, tone),) for part in result]


def wrapped(line: Row, cells: int) -> list[Row]:
    """Return a line in as many as it takes, each span in its tone; what follows a label stands below the first part."""
    if width(line) <= cells:
        return [line]
    head = line[0]
    inset = width((head,)) if head.tone == "quiet" and head.text.endswith(" ") else 0
    inset = inset if LABEL <= inset <= cells // 3 else 0
    rows: list[Row] = []
    kept: list[Span] = [head] if inset else []
    used = inset
    for span in line[1:] if inset else line:
        for token in _tokens(span.text):
            if used > inset and used + glyphs.width(token.rstrip()) > cells:
                rows.append(tuple(kept))
                kept = [Span(" " * inset)] if inset else []
                used, rest = inset, token.lstrip()
            else:
                rest = token
            if rest:
                kept.append(Span(rest, span.tone))
                used += glyphs.width(rest)
    return [*rows, tuple(kept)] if used > inset else rows


_NOT_FIRST = frozenset("，。、；：？！）】》」』”’,.;:?!)%")


def _tokens(words: str) -> list[str]:
    """Cut a text where a line may end: after spaces and around wide characters, never before a full stop."""
    tokens: list[str] = []
    for char in words:
        narrow = glyphs.width(char) != 2
        joins = tokens and (char in _NOT_FIRST or char == " ")
        goes_on = tokens and narrow and tokens[-1][-1] != " " and glyphs.width(tokens[-1][-1]) != 2
        if joins or goes_on:
            tokens[-1] += char
        else:
            tokens.append(char)
    return tokens


def _head(line: str, cells: int) -> int:
    used = 0
    for index, char in enumerate(line):
        used += glyphs.width(char)
        if used > cells:
            return max(1, index)
    return len(line)
