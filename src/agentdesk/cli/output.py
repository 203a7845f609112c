"""What commands print: aligned text or one JSON object, with nothing in it that a terminal obeys."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# what cleans texts is loaded when something is printed: most of the time that `--help` takes would be its patterns

LONGEST_LINE = 100_000


def say(lines: Iterable[str]) -> None:
    """Print lines of text; what breaks a line within one is a space."""
    from agentdesk.domain.language.text import shown

    for line in lines:
        print(shown(line, LONGEST_LINE))


def say_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table as CSV; texts that a spreadsheet would take for a formula begin with an apostrophe."""
    import csv

    from agentdesk.domain.language.spreadsheet import guarded
    from agentdesk.domain.language.text import shown

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([guarded(shown(str(cell), LONGEST_LINE)) for cell in row])


def say_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object; text stays readable where the output can carry it."""
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(_plain(value), ensure_ascii=not readable, indent=2))


def _plain(value: Any) -> Any:
    """Return a JSON value with nothing in its texts that is never shown."""
    from agentdesk.domain.language.text import readable

    if isinstance(value, str):
        return readable(value)
    if isinstance(value, Mapping):
        return {readable(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return value


def table(rows: Sequence[Sequence[str]], heads: Sequence[str] = ()) -> list[str]:
    """Return rows as aligned lines, two spaces between columns; on a terminal none is longer than it is wide."""
    from agentdesk.domain.language.text import cells, fit, shown

    whole = [[shown(cell, LONGEST_LINE) for cell in row] for row in ([heads, *rows] if heads else rows)]
    if not whole:
        return []
    widths = [max(cells(row[column]) for row in whole) for column in range(len(whole[0]))]
    lines = []
    for row in whole:
        parts = [cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(parts).rstrip())
    if not sys.stdout.isatty():
        return lines
    most = shutil.get_terminal_size().columns
    return [fit(line, most, "...") for line in lines]


def pairs(rows: Iterable[tuple[str, str]], indent: str = "") -> list[str]:
    """Return names and values as aligned lines; what has no value is left out."""
    return [f"{indent}{line}" for line in table([row for row in rows if row[1]])]
