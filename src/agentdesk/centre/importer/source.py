"""The file of an import: its encoding found by looking at all of it, its rows with the lines they stand on."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TextIO

from agentdesk.centre.importer.columns import REQUIRED, fields_of

DELIMITERS = (",", "\t", ";", "|")
LONGEST_LINE = 1 << 16
"""Characters; what stands behind them on a line is read as the next one, and refused."""
MOST_LINES = 20
"""Lines that one record may take, when a quoted text has line breaks in it."""
_DAMAGED = re.compile("[\udc80-\udcff]")
_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class ImportRefused(Exception):
    """The whole file can't be imported; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file is: its digest, size in bytes, and encoding."""

    path: Path
    digest: str
    size: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Table:
    """How a file's rows are read: the field of each column (None: not understood), and its own headers."""

    delimiter: str
    headers: tuple[str, ...]
    fields: tuple[str | None, ...]


class Record(NamedTuple):
    """One record of a table: the line on which it begins, its cells, and what is wrong with it, if anything."""

    line: int
    cells: Sequence[str]
    problem: str | None


def survey(path: Path) -> Survey:
    """Read a file once, from end to end; raises ImportRefused when it can't be read or isn't a text.

    A byte order mark says the encoding. Without one it is UTF-8 if all of it is, else GB18030, in which exports
    from Chinese systems are written; single damaged characters are refused line by line.
    """
    digest = sha256()
    size = 0
    mark: str | None = None
    unicode = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if size == 0:
                    mark = next((encoding for bom, encoding in _MARKS if chunk.startswith(bom)), None)
                    if mark != "utf-16" and b"\0" in chunk:
                        raise ImportRefused(f"{path.name} is not a text: save the table as CSV and give that file")
                digest.update(chunk)
                size += len(chunk)
                if is_utf8 and mark is None:
                    is_utf8 = _decodes(unicode, chunk)
    except OSError as error:
        raise ImportRefused(f"{path} can't be read ({error.strerror}): check the name and whose it is") from error
    if size == 0:
        raise ImportRefused(f"{path.name} is empty")
    if is_utf8 and mark is None:
        is_utf8 = _decodes(unicode, b"", final=True)
    return Survey(path, digest.hexdigest(), size, mark or ("utf-8" if is_utf8 else "gb18030"))


def open_table(found: Survey) -> tuple[Table, Iterator[Record], TextIO]:
    """Open a file as a table; returns it, its records, and the file to close.

    Raises ImportRefused when the first line has no header that names customers.
    """
    file = found.path.open(encoding=found.encoding, errors="surrogateescape", newline="")
    try:
        table = _table(found.path, file.readline(1 << 16))
        return table, _records(file, table, found.encoding != "utf-8"), file
    except BaseException:
        file.close()
        raise


def _records(file: TextIO, table: Table, may_be_damaged: bool) -> Iterator[Record]:
    """Yield the records after the header; a quote that nobody closes spoils its own line, not all that follow."""
    ahead: deque[str] = deque()
    waiting: list[str] = []
    # one reader for all: what it is fed is always a whole record
    reader = csv.reader(iter(waiting.pop, None), delimiter=table.delimiter)
    line = 1
    while text := ahead.popleft() if ahead else file.readline(LONGEST_LINE):
        line += 1
        start, problem = line, None
        if text.count('"') % 2:
            joined = _joined(text, file, ahead, table)
            if joined is None:
                problem = "unclosed_quote"
            else:
                text, more = joined
                line += more
        if problem is None and may_be_damaged and _DAMAGED.search(text):
            problem = "damaged_characters"
        if problem is None:
            waiting.append(text)
            try:
                cells = next(reader)
            except (csv.Error, IndexError) as error:
                waiting.clear()
                reader = csv.reader(iter(waiting.pop, None), delimiter=table.delimiter)
                # it asked for one more line: its last cell begins with a quote that nobody closes
                problem = "unclosed_quote" if isinstance(error, IndexError) else "unreadable"
        if problem is not None:
            yield Record(start, [text.rstrip("\r\n")], problem)
        elif any(cells):
            yield Record(start, cells, None)


def _joined(text: str, file: TextIO, ahead: deque[str], table: Table) -> tuple[str, int] | None:
    """Return a record with an odd number of quotes, and how many more lines it takes; None if it never ends."""
    width = len(table.headers)
    if _width(text, table.delimiter) == width:
        return text, 0  # a quote in the middle of a text, such as an inch
    taken: list[str] = []
    while len(taken) < MOST_LINES:
        following = ahead.popleft() if ahead else file.readline(LONGEST_LINE)
        if not following:
            break
        taken.append(following)
        whole = text + "".join(taken)
        if whole.count('"') % 2 == 0:
            if _width(whole, table.delimiter) == width:
                return whole, len(taken)
            break
    ahead.extendleft(reversed(taken))
    return None


def _width(text: str, delimiter: str) -> int:
    """Return how many cells a record has; none where it is no record."""
    try:
        return len(next(csv.reader([text], delimiter=delimiter)))
    except csv.Error:
        return 0


def _table(path: Path, first: str) -> Table:
    best: Table | None = None
    most = 0
    for delimiter in DELIMITERS:
        try:
            headers = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            continue
        fields = fields_of(headers)
        understood = sum(field is not None for field in fields)
        if understood > most:
            best, most = Table(delimiter, tuple(headers), fields), understood
    missing = [field for field in REQUIRED if best is None or field not in best.fields]
    if best is None or missing:
        names = ", ".join(missing or REQUIRED)
        raise ImportRefused(f"{path.name} has no column for {names} in its first line: docs/IMPORT.md has the names")
    return best


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
