"""Text from outside, cleaned at the border; masks; and the width of text in terminal cells.

Customer data is hostile until it went through `clean`: it can carry terminal escape sequences, controls that
turn the reading direction, invisible characters and floods of combining marks. Rare characters of real names
survive: CJK extensions, private-use characters of old systems, middle dots, Tibetan and Uyghur marks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_MARKS = 3
"""Combining marks kept on one base: Tibetan names need three, a flood has hundreds."""

MOST_SHOWN = 8_000
"""Characters of a text that are drawn on one line: nobody reads more, and a flood costs no time."""

ELLIPSIS = "…"
"""Of ambiguous width: pass another `ellipsis` to `fit` on a terminal that draws such characters wide."""

# What nearly all texts consist of and nothing is removed from: ASCII without controls, ordinary Chinese
# characters, Chinese and full-width punctuation. None of them combines with another.
_PLAIN = re.compile("[ -~\u3001-\u3029\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e\u00b7\u2014\u2018-\u201d\u2026]*")

# Escape sequences with what belongs to them, longest first; an unfinished one loses its introducer only.
_BODY = "[^\x00-\x1f\x7f-\x9f]*+"
_ESCAPES = re.compile(
    f"(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f]){_BODY}(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    "|(?:\x1b\\[|\x9b)[0-?]*+[ -/]*+[@-~]"  # CSI
    "|\x1b[ -/]*+[0-~]"  # the short ones, and introducers without an end
)

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(p + 0xFFFE)}{chr(p + 0xFFFF)}" for p in range(0, 0x110000, 0x10000))
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
_REMOVED = re.compile(f"[{_CONTROLS}{_BIDI}{_INVISIBLE}{_NONCHARACTERS}]")
_UNSEEN = re.compile(f"[{_CONTROLS}{_BIDI}{_INVISIBLE}{_NONCHARACTERS}\u2028\u2029]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# The look-behind keeps a flood of spaces from being scanned once for each of them.
_LINES = re.compile(r"(?:(?<! ) +)?\n[ \n]*")
_LINE_BREAKERS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]")
_LINE_ENDS = re.compile(r"(?:(?<! ) +)?\n")
_MANY_LINES = re.compile(r"\n{3,}")

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text; `changed` tells whether it differs from what came in, `cut` whether it was too long."""

    text: str
    changed: bool
    cut: bool


def clean(text: str, limit: int, multiline: bool = False) -> str:
    """Return text from outside made safe to keep and show, at most `limit` graphemes (see `cleaned`)."""
    return cleaned(text, limit, multiline).text


def cleaned(text: str, limit: int, multiline: bool = False, *, fold: bool = False) -> Cleaned:
    """Clean text from outside and tell what happened to it.

    Escape sequences (CSI, OSC, DCS…), controls, bidi controls, invisible characters, noncharacters and lone
    surrogates go; unusual spaces become plain ones, ends are stripped; at most MAX_MARKS marks stay on a base;
    the result is NFC, of at most `limit` graphemes. Line breaks become `\\n` with one blank line at most, or a
    space unless `multiline`. `fold` turns full-width ASCII into its plain twins. Cleaning what is clean changes
    nothing.
    """
    # What is far beyond the limit is not even looked at, so that a flood costs no time.
    result = text[: 16 * limit + 1024]
    if _PLAIN.fullmatch(result) is None:
        result = _clean_slowly(result, multiline)
    if fold:
        result = fold_width(result)
    result = result.strip()
    shortened = _first_graphemes(result, limit)
    cut = len(shortened) < len(result) or len(text) > 16 * limit + 1024
    result = shortened.rstrip()
    return Cleaned(result, result != text, cut)


def fold_width(text: str) -> str:
    """Return text with full-width ASCII (`１`, `／`) and the ideographic space as their plain twins."""
    return text if text.isascii() else text.translate(_FOLD)


def strip_invisible(text: str) -> str:
    """Return text without controls, bidi controls and invisible characters; spaces and breaks stay."""
    return text if text.isascii() and text.isprintable() else _REMOVED.sub("", text)


def shown(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text as it is drawn on one line, of at most so many characters: the last that is done to any text.

    What was cleaned before stays as it is. Of anything else nothing is left that a terminal obeys, that turns or hides
    what stands beside it, or that piles up on one place. Spaces at the ends stay: lines are made of pieces.
    """
    text = text[:most]
    if (text.isascii() and text.isprintable()) or _PLAIN.fullmatch(text):
        return text
    return _limit_marks(_REMOVED.sub("", _LINE_BREAKERS.sub(" ", text)), MAX_MARKS)


def readable(text: str) -> str:
    """Return a text of any length and any lines without what is never shown, and with no more marks than names have."""
    if (text.isascii() and text.isprintable()) or _PLAIN.fullmatch(text):
        return text
    return _limit_marks(_REMOVED.sub("", _BREAKS.sub("\n", text)), MAX_MARKS)


def escape_unseen(text: str) -> str:
    """Return a JSON text with what is never shown escaped, so that nothing of it is lost where JSON is read."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(_escape, text)


def _escape(unseen: re.Match[str]) -> str:
    halves = unseen[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{halves[start : start + 4]}" for start in range(0, len(halves), 4))


def _clean_slowly(text: str, multiline: bool) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        # Halves of a pair that some decoder left apart are one character; what stays alone is removed below.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\ufffd", "")
    text = _BREAKS.sub("\n", _ESCAPES.sub("", text))
    text = _SPACES.sub(" ", _REMOVED.sub("", text))
    text = _MANY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text)) if multiline else _LINES.sub(" ", text)
    # Limited before, as ordering a flood of marks takes quadratic time, and after, as composing merges some.
    return _limit_marks(unicodedata.normalize("NFC", _limit_marks(text, 4 * MAX_MARKS)), MAX_MARKS)


def _limit_marks(text: str, most: int) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = most
    for char in text:
        if _is_mark(char):
            marks += 1
            if marks > most:
                continue
        else:
            # A mark that stands on a space would stand on nothing once the space is stripped.
            marks = most if char.isspace() else 0
        kept.append(char)
    return "".join(kept)


def _is_mark(char: str) -> bool:
    return char > "\u02ff" and unicodedata.category(char) in {"Mn", "Me"}


def _first_graphemes(text: str, limit: int) -> str:
    """Cut after `limit` graphemes, counted as bases with their marks."""
    if len(text) <= limit:
        return text
    count = 0
    for index, char in enumerate(text):
        if not _is_mark(char):
            count += 1
            if count > limit:
                return text[:index]
    return text


# ---------------------------------------------------------------- words that are looked up

# Traditional characters (and other forms) of the words that a hotline uses, each before its simplified twin.
_FORMS = (
    "丟丢 亂乱 佈布 併并 來来 係系 倉仓 個个 們们 側侧 備备 傳传 傷伤 僅仅 價价 億亿 償偿 優优 儲储 "
    "兒儿 內内 剛刚 劃划 劑剂 動动 務务 勝胜 勞劳 勢势 勵励 區区 協协 參参 員员 問问 啓启 啟启 單单 "
    "嗎吗 嚴严 國国 圍围 圖图 團团 執执 報报 場场 塊块 壓压 壞坏 夠够 夾夹 奪夺 奬奖 妳你 學学 實实 "
    "審审 寫写 寬宽 寶宝 將将 專专 尋寻 對对 導导 屆届 層层 屬属 島岛 帥帅 師师 帳账 帶带 幫帮 幾几 "
    "庫库 廢废 廣广 廳厅 張张 強强 後后 從从 復复 徵征 徹彻 愛爱 態态 慣惯 憂忧 憑凭 應应 戰战 戶户 "
    "掛挂 採采 換换 損损 搶抢 擁拥 擇择 擊击 據据 擴扩 擾扰 攔拦 攜携 敗败 數数 斂敛 斷断 於于 時时 "
    "暢畅 暫暂 曉晓 書书 會会 東东 條条 棄弃 業业 極极 榮荣 構构 樂乐 樓楼 標标 樞枢 樣样 機机 檔档 "
    "檢检 權权 歡欢 歲岁 歷历 歸归 殘残 殺杀 氣气 決决 沒没 況况 減减 測测 準准 溫温 滯滞 滿满 濟济 "
    "災灾 為为 無无 燈灯 燒烧 營营 牆墙 牽牵 狀状 獎奖 獨独 現现 瑣琐 環环 產产 畢毕 畫画 異异 當当 "
    "療疗 發发 盜盗 盡尽 監监 盤盘 確确 碼码 礎础 礙碍 禮礼 稅税 種种 稱称 積积 竊窃 競竞 筆笔 節节 "
    "築筑 簡简 簽签 籤签 糾纠 紀纪 約约 納纳 紙纸 級级 細细 終终 組组 結结 絕绝 絡络 給给 統统 絲丝 "
    "綁绑 經经 綜综 維维 網网 緊紧 線线 編编 緩缓 縣县 縮缩 總总 績绩 繫系 繳缴 續续 聯联 聲声 職职 "
    "聽听 聾聋 脫脱 腦脑 臨临 與与 舉举 舊旧 華华 萬万 蓋盖 藝艺 處处 號号 術术 衛卫 衝冲 裏里 補补 "
    "裝装 裡里 製制 複复 規规 視视 親亲 覺觉 觀观 觸触 訂订 計计 訊讯 託托 記记 訪访 設设 許许 訴诉 "
    "詐诈 評评 詢询 試试 話话 該该 詳详 認认 語语 誠诚 誤误 說说 誰谁 課课 調调 談谈 請请 諮咨 諾诺 "
    "謂谓 講讲 謝谢 證证 譯译 議议 護护 讀读 變变 讓让 貓猫 負负 貨货 責责 貳贰 貴贵 買买 費费 貼贴 "
    "資资 賠赔 賣卖 質质 賬账 賴赖 贈赠 贊赞 趕赶 趨趋 車车 軍军 軟软 較较 載载 輔辅 輕轻 輛辆 輪轮 "
    "輸输 轉转 辦办 辭辞 辯辩 農农 迴回 這这 連连 週周 進进 遊游 運运 過过 達达 違违 遞递 遠远 適适 "
    "遲迟 遷迁 選选 遺遗 還还 邊边 邏逻 郵邮 鄉乡 鄰邻 醫医 釋释 針针 鈕钮 鈴铃 銀银 銷销 錄录 錢钱 "
    "錯错 錶表 鍵键 鎖锁 鎮镇 鏈链 鏡镜 鐘钟 長长 門门 閉闭 開开 閒闲 間间 閱阅 關关 陸陆 隊队 階阶 "
    "際际 隨随 險险 隱隐 雖虽 雙双 雜杂 離离 難难 雲云 電电 靈灵 靜静 響响 頁页 頂顶 項项 順顺 預预 "
    "頓顿 領领 頭头 頻频 題题 額额 類类 顧顾 顯显 風风 飛飞 養养 餘余 騙骗 騷骚 驅驱 驗验 驟骤 髒脏 "
    "體体 髮发 鬧闹 魚鱼 鳴鸣 麗丽 麥麦 麼么 點点 黨党 齊齐 齡龄"
)
_SIMPLE = {ord(pair[0]): pair[1] for pair in _FORMS.split()}

_SPELLINGS = (
    ("座席", "坐席"),
    ("帐号", "账号"),
    ("帐户", "账户"),
    ("帐单", "账单"),
    ("出帐", "出账"),
    ("对帐", "对账"),
)
"""Words with two spellings in use, and the one under which both are found."""


@lru_cache(maxsize=8192)
def looked_up(text: str) -> str:
    """Return a text as it is compared with what is typed: one for 訴求 and 诉求, 座席 and 坐席, `ＶＩＰ` and `vip`.

    Letters are small, full-width ASCII is plain, the table's traditional characters are simplified ones. It is for
    comparing only; what is shown and kept stays as it was written.
    """
    folded = fold_width(text).lower()
    if folded.isascii():
        return folded
    folded = folded.translate(_SIMPLE)
    for spelling, other in _SPELLINGS:
        folded = folded.replace(spelling, other)
    return folded


# ---------------------------------------------------------------- masks

# Family names of two characters; any other Chinese name is taken to have one.
_DOUBLE_NAMES = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 长孙 宇文 轩辕 端木 南宫 独孤 闻人 申屠 "
    "太史 公冶 濮阳 淳于 单于 呼延 完颜 拓跋 纳兰 赫连 澹台 东郭 西门 百里 钟离 鲜于 闾丘 司空 万俟"
)


def mask_name(name: str) -> str:
    """Return a name with all but its beginning hidden: `王**`, `欧阳**`, `买**`, `J*** S***` (DOMAIN rule 9).

    A Chinese name shows the family name and one star for each other character, two at most; any other shows
    the first letter of each word, three words at most, and nothing of its length.
    """
    words = name.split()
    if not words:
        return ""
    if not _is_han(words[0][0]):
        return " ".join(f"{_first_graphemes(word, 1)}***" for word in words[:3])
    whole = "".join(words)
    shown = 2 if len(whole) > 2 and whole[:2] in _DOUBLE_NAMES else 1
    return whole[:shown] + "*" * min(2, max(1, len(whole) - shown))


def mask_id(text: str) -> str:
    """Return a certificate number with all but its beginning hidden: `1101**************`.

    The tail stays hidden, as it is what a caller is asked for (DOMAIN rule 11). At most a quarter is shown.
    """
    shown = min(4, len(text) // 4)
    return text[:shown] + "*" * (len(text) - shown)


def mask_address(text: str) -> str:
    """Return an address down to its district, the rest hidden: `北京市海淀区****`."""
    ends = [text.find(mark, 2) for mark in "区县旗"]
    end = min((end for end in ends if 0 <= end < 15), default=-1)
    return f"{text[: end + 1] if end >= 0 else text[:3]}****" if text else ""


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\ue000" <= char <= "\ufaff" or char >= "\U00020000"


# ---------------------------------------------------------------- terminal cells


def cells(text: str, ambiguous_wide: bool = False) -> int:
    """Return how many terminal cells a text takes; `ambiguous_wide` for terminals set up for CJK."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(_cells_of(char, ambiguous_wide) for char in text)


def fit(text: str, width: int, ellipsis: str = ELLIPSIS, ambiguous_wide: bool = False) -> str:
    """Return text that takes at most `width` cells, cut before a whole character and marked with `ellipsis`.

    Where not even the ellipsis fits, what fits of the text stands alone.
    """
    if cells(text, ambiguous_wide) <= width:
        return text
    room = width - cells(ellipsis, ambiguous_wide)
    if room < 1:
        ellipsis, room = "", max(0, width)
    used = 0
    for index, char in enumerate(text):
        used += _cells_of(char, ambiguous_wide)
        if used > room:
            return text[:index] + ellipsis
    return text


@lru_cache(maxsize=8192)
def _cells_of(char: str, ambiguous_wide: bool) -> int:
    if char < " " or "\x7f" <= char < "\xa0":
        return 0
    # Vowels and final consonants of Hangul join the syllable before them.
    if "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff":
        return 0
    if char != "\xad" and unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    # Planes two and three are all wide, also the characters that this Python's tables don't know yet.
    if char >= "\U00020000" and char < "\U00040000":
        return 2
    kind = unicodedata.east_asian_width(char)
    return 2 if kind in {"W", "F"} or (kind == "A" and ambiguous_wide) else 1
