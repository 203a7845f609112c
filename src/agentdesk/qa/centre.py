"""A centre that follows a script: it answers what a site sends as a test says, and can be out of reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.qa.cast import REGION
from agentdesk.qa.clock import MINUTE
from agentdesk.store.intake import Page, PulledDocument
from agentdesk.store.outbox import Answer, Entry
from agentdesk.store.site import Site

BATCH, BATCH_BYTES = 100, 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the script: the next operation of a kind (any, if empty) gets this verdict."""

    kind: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()


@dataclass
class ScriptedCentre:
    """The centre of one site; `open_site` opens the site's files as the process that syncs does.

    What no line of the script names is applied.
    """

    open_site: Callable[[], Site]
    script: list[Line] = field(default_factory=list)
    upto: int = 100

    def answers(self, kind: str, verdict: Verdict, *reasons: Reason) -> None:
        """Let the next operation of a kind get a verdict."""
        self.script.append(Line(kind, verdict, reasons))

    def cut(self) -> None:
        """Be out of reach from now on."""
        site = self.open_site()
        site.line.seen("offline", site.clock.wall_ms() - 2 * MINUTE, "sync", problem="no answer")
        site.close()

    def restore(self) -> None:
        """Be there again; what waits is sent with the next exchange."""
        site = self.open_site()
        site.line.seen("live", site.clock.wall_ms(), "sync", offset=0)
        site.close()

    def exchange(self) -> list[Answer]:
        """Take what waits, answer it, and let the site pull what that changed; return the answers."""
        site = self.open_site()
        try:
            return self._exchange(site)
        finally:
            site.close()

    def _exchange(self, site: Site) -> list[Answer]:
        waiting = site.outbox.batch(BATCH, BATCH_BYTES)
        if waiting is None:
            return []
        sent = [e for e in site.outbox.entries() if e.lineage == waiting.lineage and e.verdict is None]
        sent.sort(key=lambda entry: entry.seq)
        answers = [self._answer(entry) for entry in sent]
        settled = [one.operation for one in answers if one.verdict in SETTLED]
        # what they made is read before their answers are known, as the site shows it now
        made = [document for operation in settled for document in _made(site, operation)]
        site.take_answers(waiting.lineage, answers)
        self.upto += 1
        rows = {document.key: PulledDocument(document.key, document) for document in made}
        site.take_page(Page(REGION, "e1", self.upto, "h", tuple(rows.values())))
        return answers

    def _answer(self, entry: Entry) -> Answer:
        line = next((line for line in self.script if line.kind in ("", entry.kind)), None)
        if line is None:
            return Answer(entry.id, entry.seq, Verdict.APPLIED, (), REGION, self.upto + 1)
        self.script.remove(line)
        settled = line.verdict in SETTLED
        change = (REGION, self.upto + 1) if settled else (None, None)
        return Answer(entry.id, entry.seq, line.verdict, line.reasons, *change)


def _made(site: Site, operation: str) -> list[Document]:
    """Return the documents of the region that an operation changed, as the site shows them."""
    found = site.files.outbox.execute("SELECT id FROM pending WHERE operation = ? AND scope = ?", (operation, REGION))
    documents = [site.view.document(REGION, row[0]) for row in found.fetchall()]
    return [document for document in documents if document is not None]
