"""What agents do: calls with verifications, tickets, notes, and work on old ones; what they give and what they order
have rooms of their own (`giving`, `ordering`).

An agent acts on what his desk shows him, through the store's own `commit`, and is told no where the rules say no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.tickets import MOVES
from agentdesk.domain.operation import Draft
from agentdesk.simulate.disks import running
from agentdesk.simulate.fibers import Killed
from agentdesk.simulate.giving import Giving
from agentdesk.simulate.ordering import Ordering
from agentdesk.simulate.people import CUSTOMERS, customer_id
from agentdesk.simulate.talks import Talk, talk_of
from agentdesk.store.amending import Deed, amend, retry, ways_out, withdraw
from agentdesk.store.committing import Committed, Refused
from agentdesk.store.errors import DiskFull, StoreError
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Desk
    from agentdesk.simulate.world import World

PAUSE = "customer_later"
"""A reason of the policy for which a ticket's clock pauses."""
TEXTS = ("来电咨询流量", "calls back later", "客户要求书面答复 📄", "\u202eodd\u202c", "x" * 3_000)


class Agent:
    """The agent at one desk: what he has before him is gone with the process."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.world: World = desk.world
        self._dice = Random(f"{desk.world.seed}/{desk.name}/work")
        self._moves = Random(f"{desk.world.seed}/{desk.name}/tickets")
        self._giving = Giving(self)
        self._ordering = Ordering(self)
        self._contact: tuple[str, str, str] | None = None
        """Contact, customer, operation that opened it."""

    @property
    def region(self) -> str:
        return f"region/{self.desk.machine.region}"

    def forget(self) -> None:
        """Sit down at a desk that has just started."""
        self._contact = None

    def act(self) -> None:
        """Do the next thing."""
        site = self.desk.site
        if site is None:
            return
        try:
            with running(self.desk.process):
                site.files.refresh()
                if site.view.document("org", self.desk.agent) is None:
                    return  # nothing came from the centre yet
                self._choose(site)(site)
        except Killed:
            self._contact = None
            self.desk.end()
        except Refused as refused:
            self._say("is told no: {}", ", ".join(r.code for r in refused.reasons))
            self.world.tally["refused at the desk"] += 1
        except DiskFull:
            self._say("is told that the disk is full")
            self.world.tally["disk full said at a desk"] += 1
        except StoreError as error:
            self._say("is told: {}", type(error).__name__)

    def _choose(self, site: Site) -> Callable[[Site], None]:
        talking = self._contact is not None
        choices: list[tuple[int, Callable[[Site], None]]] = [
            (2 if talking else 6, self._call),
            (2, self._ticket),
            (3, self._old_ticket),
            (4, self._giving.old),
            (4, self._giving.answer),
            (1, self._ordering.see_to),
            (4, self._inbox),
            (1, self._interval),
            (3, self._note),
        ]
        if talking:
            choices += [
                (2, self._verify),
                (9, self._giving.promise),
                (8, self._giving.promise_much),
                (2, self._giving.remedy),
                (4, self._ordering.order),
                (2, self._wrap_up),
            ]
        return self._dice.choices([c for _, c in choices], [w for w, _ in choices])[0]

    # calls

    def _call(self, site: Site) -> None:
        dice = self._dice
        customer = customer_id(self.desk.machine.region, dice.randint(1, CUSTOMERS))
        waiting = self._giving.waiting(site)
        if waiting and dice.random() < 0.7:
            customer = dice.choice(waiting)
        document = site.view.document(self.region, customer)
        if document is None:
            return
        line = document.data["subscriptions"][0]
        contact = site.new_id()
        at = site.clock.wall_ms()
        opened = self.draft(
            "contact.opened",
            contact,
            {
                "call": f"call-{contact}",
                "channel": "phone",
                "caller": line["number"] if dice.random() < 0.7 else "+8613900000000",
                "customer": customer,
                "subscription": line["id"],
                "moments": {"ringing": at},
            },
        )
        answered = self.draft("contact.answered", contact, {"moments": {"answered": at}})
        made = self.commit(site, (opened, answered), f"answers {customer}")
        self._contact = (contact, customer, made[0].operation.id)

    def _verify(self, site: Site) -> None:
        assert self._contact is not None
        contact, customer, opened = self._contact
        body = {
            "method": self._dice.choice(("service_password", "certificate_tail")),
            "result": "match" if self._dice.random() < 0.8 else "miss",
            "caller_role": "owner",
            "customer": customer,
        }
        self.commit(site, (self.draft("identity.verified", contact, body, deps=(opened,)),), f"verifies {customer}")

    def _wrap_up(self, site: Site) -> None:
        assert self._contact is not None
        contact, customer, _ = self._contact
        at = site.clock.wall_ms()
        ended = self.draft("contact.moment", contact, {"moment": "ended", "at": at, "details": {}})
        wrapped = self.draft("contact.wrapped_up", contact, {"matters": [], "moments": {"wrap_up": at}})
        self.commit(site, (ended, wrapped), f"wraps up with {customer}")
        self._contact = None

    # what lies there already

    def _ticket(self, site: Site) -> None:
        customer = customer_id(self.desk.machine.region, self._dice.randint(1, CUSTOMERS))
        if site.view.document(self.region, customer) is None:
            return
        body = {
            "number": site.next_number(),
            "kind": self._dice.choice(("fault", "complaint", "request")),
            "customer": customer,
            "title": "no signal",
            "words": self._dice.choice(TEXTS),
            "symptom": "fault.line",
        }
        # programs of both ages work side by side; the newer one finds repeats, which change two tickets
        version = self._moves.choice((1, 2, 2))
        draft = self.draft("ticket.opened", site.new_id(), body, version=version)
        self.commit(site, (draft,), f"opens a ticket for {customer}")

    def _old_ticket(self, site: Site) -> None:
        dice = self._dice
        tickets = [d for d in site.view.open_work() if d.type == "ticket" and d.scope == self.region]
        if not tickets:
            return
        ticket = dice.choice(tickets)
        if self._moves.random() < 0.15:
            self._take_out(site)
            return
        others = [d for d in tickets if d.data.get("customer") == ticket.data.get("customer") and d.id != ticket.id]
        legal = sorted(move for move, states in MOVES.items() if ticket.data.get("state") in states)
        if not others:
            legal = [move for move in legal if move != "merged"]
        elif "merged" in legal:
            legal += ["merged"] * 4
        move = dice.choice([*legal, "noted", "chased"])
        bodies: dict[str, dict[str, Any]] = {
            "reassigned": {"station": "expert", "reason": "theirs"},
            "recalled": {"reason": "sent too soon"},
            "paused": {"reason": PAUSE, "until": site.now() + self._moves.randint(1, 9) * 600_000},
            "merged": {"ticket": others[0].id if others else ""},
            "dispatched": {"station": "expert"},
            "returned": {"reason": "not ours"},
            "replied": {"text": "mended", "minutes": 5},
            "followed_up": {"answer": dice.choice(("satisfied", "unsatisfied", "unreached"))},
            "reopened": {"reason": "again"},
            "noted": {"text": dice.choice(TEXTS)},
        }
        self.commit(
            site, (self.on(f"ticket.{move}", ticket, bodies.get(move, {})),), f"ticket {ticket.id[-6:]} is {move}"
        )

    def _take_out(self, site: Site) -> None:
        """Take a ticket out of the one that it was merged into."""
        tickets = [d for d in site.view.open_work() if d.type == "ticket" and d.data.get("merged")]
        if tickets:
            into = self._moves.choice(tickets)
            part = site.view.document(into.scope, into.data["merged"][-1]["ticket"])
            if part is not None and part.scope == self.region:
                draft = self.on("ticket.unmerged", part, {"ticket": into.id})
                self.commit(site, (draft,), f"takes {part.id[-6:]} out of {into.id[-6:]}")

    def _note(self, site: Site) -> None:
        customer = customer_id(self.desk.machine.region, self._dice.randint(1, CUSTOMERS))
        body = {"text": self._dice.choice(TEXTS), "customer": customer}
        self.commit(site, (self.draft("note.added", site.new_id(), body),), f"notes something on {customer}")

    def _interval(self, site: Site) -> None:
        at = site.clock.wall_ms()
        body = {"state": "ready", "from": at - 1_000, "to": at}
        self.commit(site, (self.draft("agent.interval", site.new_id(), body),), "was ready")

    def _inbox(self, site: Site) -> None:
        """See to something that came back."""
        entries = sorted(site.outbox.inbox(), key=lambda entry: entry.id)
        ways = [(entry.id, deed) for entry in entries for deed in ways_out(entry)]
        if ways and self._dice.random() < 0.7:
            self._find_a_way(site, *self._dice.choice(ways))
        elif entries:
            entry = self._dice.choice(entries)
            site.outbox.done(entry.id, self.desk.agent, site.clock.wall_ms())
            self.world.watch.record.done.setdefault(self.desk.machine.name, set()).add(entry.id)
            self._say("has seen to {} ({})", entry.id[-6:], entry.verdict)

    def _find_a_way(self, site: Site, operation: str, deed: Deed) -> None:
        """Have an operation judged again, put another in its place, or withdraw it."""
        agent = self.desk.agent
        if deed == "retry":
            made = retry(site, operation, agent, "agent")
        elif deed == "amend":
            made = amend(site, operation, {"text": "amended"}, agent, "agent")
        else:
            made = withdraw(site, operation, agent, "agent")
        self.world.tally[f"author's deed: {deed}"] += 1
        self.world.shown(self.desk, (made,), f"{deed}s {operation[-6:]}")
        self.desk.process.point("after telling an agent")

    # how it is done

    def talk(self, site: Site) -> Talk | None:
        """Return what the agent has before him while he talks."""
        return talk_of(site, self.region, self.desk.agent, self._contact)

    def draft(self, kind: str, document: str, body: Mapping[str, Any], **more: Any) -> Draft:
        """Return what the agent wants to do."""
        return Draft(kind, self.desk.agent, "agent", self.region, document, body, **more)

    def on(self, kind: str, document: Document, body: Mapping[str, Any]) -> Draft:
        """Return what he wants to do to a document as he sees it."""
        return self.draft(kind, document.id, body, seen={"*": document.rev})

    def commit(self, site: Site, drafts: Sequence[Draft], what: str) -> tuple[Committed, ...]:
        """Put it on disk, and be told so; raises Refused and StoreError."""
        committed = site.commit_all(drafts)
        self.world.shown(self.desk, committed, what)
        self.desk.process.point("after telling an agent")
        return committed

    def _say(self, what: str, *values: object) -> None:
        self.world.story.tell(self.desk.name, what, *values)
