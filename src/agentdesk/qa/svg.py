"""Pictures of a screen as SVG files whose diffs are small and whose Chinese text stands where it stood.

Rich writes one id, hashed from the whole content, into every class name, numbers styles in order of
appearance, puts all text into one line, and measures it in characters. Here a style is named by what it looks
like, each piece of text has a line, and a piece is as wide as its terminal cells.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from textual.app import App
from textual.widgets import Input, TextArea

from agentdesk.domain.language.text import shown

ID = "terminal"
CELL_WIDTH = 12.2  # as Rich draws it: 20 px high, 0.61 wide

_RICH_ID = re.compile(r"\bterminal-\d+")
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\n    \}", re.DOTALL)
_RULE = re.compile(rf"^\s*\.{ID}-(r\d+) \{{ (.*) \}}$", re.MULTILINE)
_RUN = re.compile(
    r'<text class="([^"]*)" x="([^"]*)" y="([^"]*)" textLength="[^"]*" (clip-path="[^"]*")>([^<]*)</text>'
)

_RECT = re.compile(r'<rect fill="([^"]*)" x="([^"]*)" y="([^"]*)" width="([^"]*)" (.*)$')
_TEXT = re.compile(
    r'<text class="([^"]*)" x="([^"]*)" y="([^"]*)" textLength="([^"]*)" (clip-path="[^"]*")>([^<]*)</text>$'
)
_LINE = re.compile(rf"{ID}-line-([0-9]{{1,3}})(?![0-9])")
_PLACE = re.compile(r"[0-9]{1,5}(?:\.[0-9]+)?")


def take(app: App[None]) -> str:
    """Return the picture of a running app's screen, in its stable form."""
    hold_cursors(app)
    draw(app)
    return stable(app.export_screenshot())


def draw(app: App[None]) -> None:
    """Draw at once what the screens would draw in their own time, what shines through a dialog first.

    Each has a clock of its own that draws sixty times a second: a picture would depend on which one came first.
    """
    with app._context():
        for screen in app.screen_stack:
            screen._on_timer_update()


def hold_cursors(app: App[None]) -> None:
    """Stop every cursor on the screen from blinking: a picture doesn't depend on when it was taken."""
    for field in app.screen.query(Input):
        field.cursor_blink = False
    for area in app.screen.query(TextArea):
        area.cursor_blink = False


def stable(svg: str) -> str:
    """An SVG of Rich's in the form that is stored; one that is in that form already stays as it is."""
    if not _RICH_ID.search(svg):
        return svg
    svg = _RICH_ID.sub(ID, svg)
    svg = _FONT_FACE.sub("", svg)
    svg = svg.replace(
        "font-family: Fira Code, monospace;",
        'font-family: "Fira Code", "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace;',
    )
    svg = svg.replace("        font-variant-east-asian: full-width;\n", "")
    svg = _name_styles(svg)
    svg = _RUN.sub(lambda run: "".join(_pieces(*run.groups())), svg)
    svg = re.sub(r"(?<=>)(?=<(?:rect|text) )", "\n", svg)
    return "".join(line.rstrip() + "\n" for line in _joined(svg.splitlines()) if line.strip())


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Join neighbours that look the same: how Textual cuts a line into pieces depends on what it drew before."""
    before: list[str] | None = None
    for line in lines:
        match = _RECT.match(line) or _TEXT.match(line)
        after = list(match.groups()) if match else None
        if after is not None and before is not None and _touch(before, after):
            before[3] = f"{float(before[3]) + float(after[3]):g}"
            before[5:] = [before[5] + after[5], *after[6:]] if len(after) > 5 else []
            continue
        if before is not None:
            yield _drawn(before)
        if after is None:
            yield line
        before = after
    if before is not None:
        yield _drawn(before)


def _touch(before: list[str], after: list[str]) -> bool:
    """Tell whether two pieces of a line look the same and stand side by side; texts only of equal characters."""
    if len(before) != len(after) or (before[0], before[2], before[4]) != (after[0], after[2], after[4]):
        return False
    if abs(float(before[1]) + float(before[3]) - float(after[1])) > 0.05:
        return False
    if len(before) == 5:
        return True
    widths = {cell_len(character) for text in (before[5], after[5]) for character in html.unescape(text)}
    return len(widths) == 1


def _drawn(piece: list[str]) -> str:
    if len(piece) == 5:
        fill, x, y, width, rest = piece
        return f'<rect fill="{fill}" x="{x}" y="{y}" width="{width}" {rest}'
    style, x, y, length, clip, text = piece
    return f'<text class="{style}" x="{x}" y="{y}" textLength="{length}" {clip}>{text}</text>'


def _name_styles(svg: str) -> str:
    """Name each style by a checksum of its rule, and sort the rules: a new style is one new line."""
    rules = dict(_RULE.findall(svg))
    names = {number: f"{ID}-s{zlib.crc32(css.encode()):08x}" for number, css in rules.items()}
    svg = re.sub(rf'(?<=class="){ID}-(r\d+)(?=")', lambda match: names[match[1]], svg)
    lines = sorted(f"    .{names[number]} {{ {css} }}" for number, css in rules.items())
    first = _RULE.search(svg)
    return _RULE.sub("", svg[: first.start()] + "\n" + "\n".join(lines) + "\n" + svg[first.start() :]) if first else svg


def _pieces(style: str, x: str, y: str, clip: str, escaped: str) -> Iterator[str]:
    """One `<text>` for each stretch of equally wide characters in a run, as wide as its cells."""
    text = html.unescape(escaped)
    if not text.strip("\n"):
        return
    at = float(x)
    for piece in _stretches(text):
        width = cell_len(piece) * CELL_WIDTH
        content = html.escape(piece).replace("\xa0", "&#160;")
        yield f'<text class="{style}" x="{at:g}" y="{y}" textLength="{width:g}" {clip}>{content}</text>'
        at += width


def _stretches(text: str) -> Iterator[str]:
    """Cut a text where the width of its characters changes; a mark without a width stays with its letter."""
    if sum(map(cell_len, text)) != cell_len(text):
        yield text  # joined into clusters: only the whole has a width
        return
    start, wide = 0, cell_len(text[0])
    for index, character in enumerate(text):
        width = cell_len(character)
        if width and width != wide:
            if wide:
                yield text[start:index]
                start = index
            wide = width
    yield text[start:]


def lines(svg: str) -> list[str]:
    """Return the text that a picture in its stable form shows, line by line."""
    rows: dict[int, list[tuple[float, str]]] = {}
    for match in (_TEXT.match(line.strip()) for line in svg.splitlines()):
        # a picture is a file: what no screen has stands nowhere
        if match is not None and _PLACE.fullmatch(match[2]) and (line := _LINE.search(match[5])):
            rows.setdefault(int(line[1]), []).append((float(match[2]), html.unescape(match[6])))
    return [_row(rows.get(number, [])) for number in range(max(rows, default=-1) + 1)]


def _row(pieces: list[tuple[float, str]]) -> str:
    """Set pieces where they stand."""
    out, at = "", 0
    for x, text in sorted(pieces):
        column = round(x / CELL_WIDTH)
        out += " " * (column - at) + shown(text)
        at = max(at, column) + cell_len(text)
    return out.replace("\xa0", " ").rstrip()
