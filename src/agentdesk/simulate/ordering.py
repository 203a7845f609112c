"""What agents order by phone, and what they then say of it where the network doesn't."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.offering.services import stand

if TYPE_CHECKING:
    from agentdesk.domain.guidance.knowledge import Service
    from agentdesk.simulate.talks import Talk
    from agentdesk.simulate.work import Agent
    from agentdesk.store.site import Site


class Ordering:
    """The orders of one agent."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._dice = Random(f"{agent.world.seed}/{agent.desk.name}/ordering")

    def order(self, site: Site) -> None:
        """Order a service for the caller's line, where it can be; one that undoes another takes that one back."""
        talk = self._agent.talk(site)
        if talk is None:
            return
        service = talk.catalogue.services[self._dice.choice(sorted(talk.catalogue.services))]
        parameters = {one.id: self._dice.choice([c.id for c in one.choices] or ["x"]) for one in service.needs}
        standing = stand(service, talk.case, talk.catalogue, parameters)
        if standing.status != "available":
            return
        body = talk.body(
            number=site.next_number(),
            service=service.code,
            parameters=parameters,
            fee=service.fee,
            due=standing.due,
            line="up" if talk.case.online else "down",
            confirm={"text": "shall I?"},
            done={"text": "it is ordered"},
            verification={"level": talk.case.level},
            undoes=_undone_by(talk, service),
        )
        draft = self._agent.draft("service.ordered", site.new_id(), body, catalogue=talk.catalogue.version)
        self._agent.world.tally["service ordered"] += 1
        self._agent.commit(site, (draft,), f"orders {service.code} for {talk.customer}")

    def see_to(self, site: Site) -> None:
        """Say by hand what became of an order: the customer wants it no more, or a department has done it."""
        agent = self._agent
        orders = [d for d in site.view.open_of("service_order") if d.scope == agent.region]
        if not orders:
            return
        order = self._dice.choice(orders)
        move = self._dice.choice(("cancelled", "cancelled", "effected", "failed"))
        body: dict[str, Any] = {"reason": "not wanted any more"}
        if move == "effected":
            known = {name: order.data.get(name) for name in ("customer", "undoes")}
            body = {"at": site.now(), "proof": "by hand", **{k: v for k, v in known.items() if v is not None}}
        agent.commit(site, (agent.on(f"service.{move}", order, body),), f"order {order.id[-6:]} is {move}")


def _undone_by(talk: Talk, service: Service) -> str | None:
    """Return the order in effect that a service takes back, if there is one."""
    found: list[Document] = [
        d
        for d in talk.case.work
        if d.type == "service_order" and d.data.get("state") == "effected" and d.data.get("undo") == service.code
    ]
    return found[-1].id if found else None
