"""What an agent does about who calls and why: matter, leaving, codes by SMS, what a transfer carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.deeds import Deeds, Done
from agentdesk.desk.drafts import customer as drafts
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rail import Step
from agentdesk.desk.session import Contact
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import card_matches, face_check, matches, seal_secret

if TYPE_CHECKING:
    from agentdesk.desk.backend import Backend
    from agentdesk.desk.models.facts import Facts


class CustomerDeeds:
    """Commits what is noted of the customer in a contact."""

    def __init__(self, deeds: Deeds, backend: Backend) -> None:
        self._deeds = deeds
        self._backend = backend

    async def matter(self, contact: Contact, matter: str, source: str = "agent") -> Done:
        """Write down what the contact is about."""
        return await self._deeds.on_contact(
            contact, drafts.matter_named(self._deeds.by, contact.scope, contact.id, matter, source)
        )

    async def leaving(self, contact: Contact, reason: str, words: str = "", ported: bool = False) -> Done:
        """Write down why the customer leaves, as he says it."""
        draft = drafts.leaving_told(self._deeds.by, contact.scope, contact.id, reason, words, ported)
        return await self._deeds.on_contact(contact, draft)

    async def ask_code(self, contact: Contact, facts: Facts) -> Done:
        """Ask the centre to send a code by SMS to the line in question; the first document is the code's."""
        customer, line = facts.customer, facts.line
        if customer is None or line is None:
            return Done(problem=_("choose the customer first: press Tab"))
        opened = await self._deeds.open(contact)
        if not opened.ok:
            return opened
        draft = drafts.code_asked(
            self._deeds.by,
            contact.scope,
            self._deeds.new_id(),
            customer=customer.document.id,
            customer_scope=customer.document.scope,
            line=line.id,
            contact=contact.id,
        )
        return await self._deeds.commit(lambda site: (draft,))

    async def verify(
        self,
        contact: Contact,
        facts: Facts,
        method: str,
        said: str,
        caller_role: str,
        handler: dict[str, str],
        code: Document | None = None,
    ) -> tuple[Done, bool | None]:
        """Compare what the caller says, and write down how it went; None when there is nothing to compare with.

        What was said goes no further than this: a code leaves as its seal, everything else not at all.
        """
        customer = facts.customer
        if customer is None:
            return Done(problem=_("choose the customer first: press Tab")), None
        seal = str(code.data.get("seal") or "") if code is not None else ""
        if method == "sms_code" and not seal:
            return Done(problem=_("no code has come yet: wait a moment")), False
        # beside the screen, as all that a desk hears of what it doesn't know itself
        match, answer = await self._backend.run(
            lambda _site: _compared(method, said, customer.document, facts.at, seal)
        )
        if match is None:
            return Done(), None
        draft = drafts.verified(
            self._deeds.by,
            contact.scope,
            contact.id,
            method=method,
            match=match,
            caller_role=caller_role,
            customer=customer.document,
            seconds=contact.seconds(self._deeds.now()),
            handler=handler,
            code=code.id if code is not None and match else None,
            answer=answer if match else None,
        )
        done = await self._deeds.on_contact(contact, draft)
        if done.ok and not match:
            contact.misses[method] = contact.misses.get(method, 0) + 1
        if done.ok and match:
            contact.advance(Step.CONFIRM)
        return done, match

    async def carry(self, contact: Contact, before: Document) -> Done:
        """Take over what was verified in the contact that a warm transfer came from."""
        draft = drafts.carried(self._deeds.by, contact.scope, contact.id, before)
        return await self._deeds.on_contact(contact, draft)

    async def supplied(self, contact: Contact, customer: Document, name: str, value: str) -> Done:
        """Take down what a verified caller tells of himself that his document lacks."""
        body = {"field": name, "value": value, "contact": contact.id, "contact_scope": contact.scope}
        return await self._deeds.on_contact(contact, self._deeds.by.on("customer.supplied", customer, body))


def _compared(method: str, said: str, customer: Document, at: int, seal: str) -> tuple[bool | None, str | None]:
    """Return whether what was said is right, None with nothing to compare it with; and a code's seal."""
    if method == "sms_code":
        salt, _colon, digest = seal.partition(":")
        answer = seal_secret(said, salt)
        return same_secret(answer, digest), answer
    if method == "face_check":
        return face_check(customer.data, at) is not None, None
    if method == "id_card":
        return card_matches(customer.data, said), None
    return matches(customer.data, method, said), None
