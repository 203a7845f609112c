"""A site in which every text that comes from outside is hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from agentdesk.domain.verdict import Verdict
from agentdesk.qa.cast import AGENT, REGION
from agentdesk.qa.world import fill
from agentdesk.store.outbox import Answer
from agentdesk.store.presence import Presence, Present
from agentdesk.store.site import Site
from tests.hostile import HOSTILE, LONG_LINE

CODE = re.compile(r"[A-Za-z0-9_.:+/=-]*")
"""What is no free text: ids, numbers and codes, which the rules know by what they are."""
POISON = [words.encode("utf-8", "replace").decode() for words in (*HOSTILE, LONG_LINE, "".join(HOSTILE[::7])[:900])]
"""The corpus as a database takes it."""
KINDS = (
    *("customer", "ticket", "commitment", "contact", "note", "service_order", "remedy", "appointment", "dispute"),
    *("handoff", "management", "announcement", "approval", "callback", "visit", "label", "attachment"),
)
SAID = (
    (Verdict.REFUSED, "refused_by", ("by", "words")),
    (Verdict.HELD, "malformed", ("detail",)),
    (Verdict.HELD, "nobody_knows_this_code", ("detail",)),
    (Verdict.FLAGGED, "unknown_template", ("template",)),
)


class Poisoner:
    """Adds one piece of the corpus after the other to texts."""

    def __init__(self, first: int) -> None:
        self._next = first

    def text(self, words: str) -> str:
        self._next += 1
        return words + POISON[self._next % len(POISON)]

    def value(self, value: Any) -> Any:
        """Return a value of a document with all its free texts poisoned."""
        if isinstance(value, str):
            return value if CODE.fullmatch(value) else self.text(value)
        if isinstance(value, Mapping):
            return {name: self.value(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value

    def document(self, one: Document) -> Document:
        extra = {name: self.text("") for name in ("note", "about_words", "problem") if name not in one.data}
        return Document(one.scope, one.id, one.type, one.rev + 1, {**self.value(one.data), **extra})


def poison(site: Site, folder: Path, first: int) -> None:
    """Poison all that a site has from outside, but what its centre publishes as policy."""
    poisoner, now = Poisoner(first), site.clock.wall_ms()
    for scope in ("org", REGION):
        kinds = ("agent", "site", "outlet") if scope == "org" else KINDS
        found = [one for kind in kinds for one in site.view.of_type(scope, kind)]
        fill(site, scope, map(poisoner.document, found), upto=30)
    answered(site, poisoner)
    site.line.seen("live", now, poisoner.text("sync"), offset=0, problem=poisoner.text("problem"))
    for key in ("other", "near-ask-1"):
        who, where, words = poisoner.text("同事"), poisoner.text("网点"), poisoner.text("求助")
        Presence(folder, key).say(Present(REGION, "t-2188", "bj7", who, True, where, words), now)
    lines = [
        "[slow]",
        f"name = {_toml(poisoner.text('宏'))}",
        f"blanks = {{place = {_toml(poisoner.text('哪里?'))}}}",
        "[[slow.steps]]",
        'do = "note"',
        'text = "{place}"',
    ]
    (folder / "macros.toml").write_text("\n".join([*lines, ""]), "utf-8")


def answered(site: Site, poisoner: Poisoner) -> None:
    """Have operations of a site whose texts and whose answers are hostile."""
    made = []
    for _ in SAID:
        body = {"text": poisoner.text("记")[:3_900], "customer": "c-wang"}
        made.append(site.commit(Draft("note.added", AGENT, "agent", REGION, site.new_id(), body)).operation)
    waiting = site.outbox.batch(100, 10_000_000)
    assert waiting is not None
    answers = []
    for operation, (verdict, code, names) in zip(made, SAID, strict=True):
        reason = Reason(code, {name: poisoner.text("词") for name in names})
        change = (REGION, 40) if verdict is Verdict.FLAGGED else (None, None)
        answers.append(Answer(operation.id, operation.seq, verdict, (reason,), *change))
    site.take_answers(waiting.lineage, answers)


def _toml(words: str) -> str:
    return json.dumps(words).replace("\x7f", "\\u007f")
