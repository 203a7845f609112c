"""Texts that a customer's data may carry against the desk, and names that must survive every defence."""

from __future__ import annotations

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
]
"""Terminal escape sequences: coloured, clearing, titling, linking, copying, unfinished, nested, eight-bit."""

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
]
"""Floods of marks, spaces, breaks and plain length."""

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
]
"""What some program somewhere takes for a command; to the desk it is text, and stays as it is."""

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
]
"""Names as they stand on certificates: rare characters of the extensions, private use, dots and marks."""
