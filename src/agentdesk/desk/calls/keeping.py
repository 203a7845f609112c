"""Contacts that outlive the program: what isn't wrapped up is kept on disk, and is there again after a restart.

What was done in a contact is on disk by itself; kept here is what only the screen knew: whom it turned to, what it was
about, what is still to be told. A call isn't taken up again: its contact is over, and can be rung back.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rail import Step
from agentdesk.desk.session import Contact, MadePromise, Matter

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.calls.stack import Stack
    from agentdesk.store.site import Site

KEPT_MS = 12 * 3_600_000
"""How long a contact is kept that nobody wraps up, ms: a shift."""

ENDED = "the desk"
"""Who ended the conversation of a contact that was going on when the program ended."""


def draft_key(agent: str) -> str:
    """Return under which name an agent's contacts are kept."""
    return f"contacts/{agent}"


def packed(stack: Stack) -> str:
    """Return the contacts that aren't wrapped up, as text; an empty one where there is none."""
    kept = [_packed(one) for one in stack if _lasts(one)]
    return json.dumps(kept, ensure_ascii=False) if kept else ""


def _lasts(contact: Contact) -> bool:
    """Tell whether something was begun in a contact that a person has to end; a visit to the hall has its own paper."""
    if contact.channel == "hall" or not contact.opened:
        return False
    return contact.channel == "desk" or contact.answered_at is not None


def _packed(contact: Contact) -> dict[str, Any]:
    target = contact.target
    return {
        "id": contact.id,
        "scope": contact.scope,
        "call": contact.call_id,
        "channel": contact.channel,
        "raw": contact.lookup.raw,
        "customer_scope": target.scope,
        "customer": target.customer,
        "line": target.line,
        "matter": target.matter,
        "moments": contact.moments,
        "steps": contact.steps,
        "step": int(contact.step),
        "matters": [[m.title, m.klass, m.outcome, m.solved] for m in contact.matters],
        "promises": [[p.document.scope, p.document.id, p.operation, p.name, p.tell, p.told] for p in contact.promises],
        "summary": contact.summary,
        "dropped_by": contact.dropped_by,
        "rung_back": contact.rung_back,
    }


async def restore(flow: CallFlow, text: str) -> int:
    """Put the contacts of a desk that was ended on the stack again, as they were; return how many."""
    try:
        found = [await _restored(flow, one) for one in json.loads(text)]
    except (ValueError, KeyError, TypeError, IndexError):
        return 0  # of another version: what was done is on disk all the same
    there = {one.id for one in flow.stack}
    for contact in reversed([one for one in found if one is not None and one.id not in there]):
        flow.stack.put(contact)
    if flow.stack.top is not None:
        flow.say(_("the desk was ended in a contact: it is here again, wrap it up with w"), "warn")
        await flow.settle()
        await flow.refresh()
    return len(flow.stack)


async def _restored(flow: CallFlow, kept: dict[str, Any]) -> Contact | None:
    if flow.deeds.now() - max(kept["moments"].values(), default=flow.deeds.now()) > KEPT_MS:
        return None
    lookup = await flow.look_up(str(kept["raw"]))
    contact = flow.begun(lookup, channel=str(kept["channel"]))
    contact.id, contact.scope, contact.call_id = str(kept["id"]), str(kept["scope"]), str(kept["call"])
    contact.target = replace(
        contact.target,
        contact_scope=str(kept["scope"]),
        contact=str(kept["id"]),
        scope=str(kept["customer_scope"]),
        customer=str(kept["customer"]),
        line=kept["line"],
        matter=str(kept["matter"]),
    )
    contact.opened = True
    contact.moments = {str(name): int(at) for name, at in kept["moments"].items()}
    contact.steps = {str(name): int(at) for name, at in kept["steps"].items()}
    contact.step = Step(int(kept["step"]))
    contact.matters = [Matter(str(m[0]), str(m[1]), str(m[2]), bool(m[3])) for m in kept["matters"]]
    contact.summary, contact.dropped_by = str(kept["summary"]), kept["dropped_by"]
    contact.rung_back, contact.over = int(kept["rung_back"]), True
    if contact.channel != "desk" and not contact.ended:
        contact.moments["ended"], contact.dropped_by = flow.deeds.now(), ENDED
    await flow.read(lambda site: _documents(site, contact, kept["promises"]))
    wrapped = await flow.read(lambda site: site.view.document(contact.scope, contact.id))
    return None if wrapped is None or wrapped.data.get("state") == "wrapped_up" else contact


def _documents(site: Site, contact: Contact, promises: list[list[Any]]) -> None:
    """Read the promises of a contact as they stand now."""
    for scope, document, operation, name, tell, told in promises:
        found = site.view.document(str(scope), str(document))
        if found is not None:
            contact.promises.append(MadePromise(found, str(operation), str(name), str(tell), bool(told)))
