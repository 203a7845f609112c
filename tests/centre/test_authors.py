"""The centre as an author: its own operations explain what nobody at a site did."""

from __future__ import annotations

from dataclasses import replace

from agentdesk.centre.authors import CENTRE, dismiss_agent, set_agents
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.policies import publish
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import GENESIS, follows, read
from tests.centre.kit import AGENT, REGION, SCOPE, World, catalogue, customer


def own_operations(world: World) -> list[tuple[str, str]]:
    """Return kind and body of all operations of the centre's own, checked as a chain."""
    snapshot = world.centre.database.read
    lineage = snapshot(lambda s: s.meta("lineage") or "").result()
    rows = snapshot(lambda s: s.archived(CENTRE, lineage, 1, 10_000)).result()
    seq, hash_ = 0, GENESIS
    for row in rows:
        operation = read(row.head, row.salt, row.body)
        assert follows(operation, seq, hash_)
        seq, hash_ = operation.seq, operation.hash
    return [(row.kind, row.body or "") for row in rows]


def test_everything_the_centre_did_is_a_chain_of_operations(world: World) -> None:
    world.site("王府井营业厅")
    world.centre.database.write(lambda tx: dismiss_agent(tx, world.means, AGENT)).result()

    kinds = [kind for kind, _ in own_operations(world)]
    assert kinds == ["catalogue.published", "agent.changed", "documents.loaded", "site.enrolled", "agent.dismissed"]
    assert "王府井营业厅" in own_operations(world)[3][1]


def test_each_revision_of_a_document_names_the_lineage_that_wrote_it(world: World) -> None:
    lineage = world.centre.database.read(lambda s: s.meta("lineage")).result()

    assert world.document("c-1").revs == {"*": (1, lineage)}
    world.centre.database.write(lambda tx: dismiss_agent(tx, world.means, AGENT)).result()
    agent = world.document(AGENT, "org")
    assert agent.revs["dismissed_at"] == (agent.rev, lineage)
    assert agent.revs["*"][0] < agent.rev


def test_agents_that_are_the_same_are_not_written_again(world: World) -> None:
    before = len(own_operations(world))
    same = {"id": AGENT, "name": "张敏", "number": "1024", "role": "agent", "department": "front"}
    world.centre.database.write(lambda tx: set_agents(tx, world.means, [same])).result()
    assert len(own_operations(world)) == before

    promoted = {**same, "role": "expert"}
    world.centre.database.write(lambda tx: set_agents(tx, world.means, [promoted])).result()
    assert world.document(AGENT, "org").data["role"] == "expert"
    assert len(own_operations(world)) == before + 1


def test_a_bulk_load_is_idempotent_and_tells_what_it_did(world: World) -> None:
    people = [customer(n) for n in range(1, 2_501)]
    told: list[int] = []
    first = bulk_load(world.centre.database, REGION, iter(people), told.append, means=world.means)
    head = world.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE]
    again = bulk_load(world.centre.database, REGION, people, means=world.means)

    assert (first.new, first.same, told) == (2_497, 3, [1_000, 2_000, 2_500])
    assert (again.new, again.changed, again.same) == (0, 0, 2_500)
    assert world.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE] == head
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0


def test_a_field_that_is_gone_becomes_null(world: World) -> None:
    person = customer(1, nickname="老王")
    bulk_load(world.centre.database, REGION, [person], means=world.means)
    data = {name: value for name, value in person.data.items() if name != "nickname"}
    written = bulk_load(world.centre.database, REGION, [replace(person, data=data)], means=world.means)
    again = bulk_load(world.centre.database, REGION, [replace(person, data=data)], means=world.means)

    assert world.document("c-1").data["nickname"] is None
    assert (written.changed, again.same) == (1, 1)


def test_a_load_puts_agents_where_they_belong(world: World) -> None:
    agent = Document("org", "a-9", "agent", 0, {"name": "新人", "role": "agent"})
    bulk_load(world.centre.database, REGION, [agent, customer(9)], means=world.means)

    assert world.document("a-9", "org").type == "agent"
    assert world.document("c-9").type == "customer"


def test_a_catalogue_is_published_once_and_the_operators_own_stays_the_newest(world: World) -> None:
    own = replace(catalogue(), version="operators-1+abc")
    write, read_ = world.centre.database.write, world.centre.database.read

    assert write(lambda tx: publish(tx, world.means, own)).result() is True
    assert write(lambda tx: publish(tx, world.means, own)).result() is False
    world.centre.start(catalogue())
    assert read_(lambda s: s.meta("catalogue")).result() == "operators-1+abc"
    assert read_(lambda s: world.centre.policies.get(s, "")).result()[0].version == "operators-1+abc"
    assert len(read_(lambda s: s.of_type("catalogue", "catalogue")).result()) == 2

    assert write(lambda tx: publish(tx, world.means, catalogue())).result() is True
    assert read_(lambda s: s.meta("catalogue")).result() == catalogue().version
