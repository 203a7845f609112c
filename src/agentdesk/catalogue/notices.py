"""Texts to customers (短信): what files may hold, their check, their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentdesk.catalogue.schema import Both, Model, Name
from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.work.notices import BLANKS, MOST_TEXT, NoticeText

if TYPE_CHECKING:
    from agentdesk.catalogue.entries import Entries
    from agentdesk.catalogue.sources import Problem

_BLANK = re.compile(r"\{([^{}]*)\}")


class NoticeEntry(Model):
    code: Name
    text: Both
    urgent: bool = False


def notice_of(entry: NoticeEntry) -> NoticeText:
    """Return a text with its blanks."""
    return NoticeText(entry.code, Bilingual(entry.text.zh, entry.text.en), entry.urgent)


def examine_notices(entries: Entries) -> Iterator[Problem]:
    """Yield texts that nobody sends, blanks that nobody fills, and blanks that one language lacks."""
    for entry in entries.notices:
        known = BLANKS.get(entry.key)
        if known is None:
            yield entry.problem(f"is no text that is sent: use one of {', '.join(sorted(BLANKS))}", "code")
            continue
        used = {name: set(_BLANK.findall(getattr(entry.model.text, name))) for name in ("zh", "en")}
        for name, blanks in used.items():
            if unknown := sorted(blanks - known):
                can = ", ".join(f"{{{blank}}}" for blank in sorted(known))
                yield entry.problem(f"`text.{name}` has {{{unknown[0]}}}, which nobody fills: use {can}", "text", name)
            if len(getattr(entry.model.text, name)) > MOST_TEXT // 2:
                yield entry.problem(f"`text.{name}` is longer than {MOST_TEXT // 2} characters: say it shorter", "text")
        if used["zh"] != used["en"] and not (used["zh"] | used["en"]) - known:
            differ = sorted(used["zh"] ^ used["en"])
            yield entry.problem(f"{{{differ[0]}}} is in one language only: put it into both or neither", "text")
