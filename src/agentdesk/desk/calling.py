"""Call-backs and receipts: what the site sees of callers who gave up, whom agents ring, what is sent to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.models.names import name_of
from agentdesk.domain.decide import SITE_ROLE
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from agentdesk.domain.work.callbacks import caller_key, seen_lately
from agentdesk.telephony.model import Call, CallState, Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentdesk.domain.policy import Catalogue
    from agentdesk.store.site import Site

MOST = 60
"""Call-backs that the list reads."""

MOST_RECEIPTS = 20


@dataclass(frozen=True, slots=True)
class CallBackList:
    """Open call-backs, what is due first in front, with the names of those who are known (masked)."""

    documents: tuple[Document, ...] = ()
    names: Mapping[str, str] | None = None


def open_call_backs(site: Site) -> CallBackList:
    """Return the open call-backs of the region."""
    site.files.refresh()
    found = tuple(d for d in site.view.open_of("callback", MOST))
    names = {
        d.id: name_of(site.view.document(d.scope, str(d.data["customer"]))) for d in found if d.data.get("customer")
    }
    return CallBackList(found, names)


def receipts_of(site: Site, document: Document) -> tuple[Document, ...]:
    """Return the texts about a promise or a ticket, in the order in which they were queued."""
    found = []
    for number in range(1, MOST_RECEIPTS + 1):
        notice = site.view.document(document.scope, receipt_id(document.id, number))
        if notice is None:
            break
        found.append(notice)
    return tuple(found)


def receipt_id(about: str, number: int) -> str:
    """Return the id of the nth text about something."""
    return f"{about}.sms" if number == 1 else f"{about}.sms.{number}"


class Calling:
    """Commits what has to do with call-backs and receipts."""

    def __init__(self, deeds: Deeds) -> None:
        self._deeds = deeds

    async def gave_up(self, call: Call) -> Done:
        """Have who gave up waiting called back, as the site itself; nothing where the policy asks for none."""
        catalogue = self._deeds.catalogue
        waited = waited_s(call)
        if catalogue is None or waited is None or waited < catalogue.rules.busy_wait_s or not call.caller:
            return Done()
        return await self._deeds.commit(lambda site: _opened(site, call, waited, self._deeds, catalogue))

    async def taken(self, call_back: Document) -> Done:
        """Take a call-back on, so that others see who dials."""
        return await self._deeds.commit(lambda site: (self._deeds.by.on("callback.taken", call_back, {}),))

    async def tried(self, call_back: Document, result: str, contact: str | None = None) -> Done:
        """Note what came of a try."""
        body = {"result": result, "contact": contact}
        return await self._deeds.commit(lambda site: (self._deeds.by.on("callback.tried", call_back, body),))

    async def closed(self, call_back: Document, reason: str) -> Done:
        """Close a call-back that needs no call any more."""
        draft = self._deeds.by.on("callback.done", call_back, {"reason": reason})
        return await self._deeds.commit(lambda site: (draft,))

    async def handed_over(self, call_back: Document, to: str, note: str) -> Done:
        """Give a call-back to a colleague."""
        draft = self._deeds.by.on("callback.handed_over", call_back, {"to": to, "note": note})
        return await self._deeds.commit(lambda site: (draft,))

    async def rung_back(self, scope: str, contact: str, result: str) -> Done:
        """Note that who dropped out of a dialog was rung back."""
        body = {"result": result, "at": self._deeds.now()}
        draft = self._deeds.by.draft("contact.rung_back", scope, contact, body)
        return await self._deeds.commit(lambda site: (draft,))

    async def receipt(self, document: Document, to: str, language: str) -> Done:
        """Queue the receipt of a promise or a ticket once more."""

        def build(site: Site) -> Sequence[Draft]:
            number = len(receipts_of(site, document)) + 1
            body = {"about": document.id, "to": to, "language": language[:2]}
            by = self._deeds.by.under(document)
            return (by.draft("notice.queued", document.scope, receipt_id(document.id, number), body),)

        return await self._deeds.commit(build)


def waited_s(call: Call) -> int | None:
    """Return how long a caller waited who gave up; None for any other call."""
    if call.state is not CallState.ABANDONED or call.answered_at is not None or call.direction is Direction.OUTBOUND:
        return None
    first = call.offered_at if call.offered_at is not None else min((m.at for m in call.moments), default=None)
    last = call.ended_at if call.ended_at is not None else max((m.at for m in call.moments), default=None)
    return None if first is None or last is None else max(0, last - first) // 1000


def _opened(site: Site, call: Call, waited: int, deeds: Deeds, catalogue: Catalogue) -> Sequence[Draft]:
    from agentdesk.domain.numbering.numbers import Number, normalise

    site.files.refresh()
    read = normalise(call.caller or "")
    if not isinstance(read, Number):
        return ()
    holders = list(site.view.holders(read.e164))
    customers = {(h.scope, h.customer) for h in holders}
    scope, customer = next(iter(customers)) if len(customers) == 1 else (site.identity.region, None)
    line = next((h.subscription for h in holders if h.subscription), None) if customer else None
    if seen_lately(site.view.document(scope, caller_key(read.e164)), site.now(), catalogue):
        return ()  # another desk of this site, or the same caller again
    body = {
        "number": site.next_number(),
        "caller": read.e164,
        "waited_s": waited,
        "call": call.call_id,
        "queue": call.queue,
        "ivr_path": call.ivr_path,
        "customer": customer,
        "subscription": line,
    }
    content = {name: value for name, value in body.items() if value is not None}
    me = site.identity.site
    return (Draft("callback.opened", me, SITE_ROLE, scope, deeds.new_id(), content, catalogue=catalogue.version),)
