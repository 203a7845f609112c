"""Orders by phone at the centre: a network effects them once, says why not, or is silent, and then they are late."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.jobs import Tools
from agentdesk.centre.provisioning import (
    Answer,
    Command,
    Provisioner,
    Provisioning,
    Spool,
    answer_of,
    provisioner_of,
    request_of,
)
from agentdesk.centre.simulated_network import FAILS, SILENT, SOON_MS, SimulatedNetwork
from agentdesk.centre.storage.contract import Snapshot, StorageError
from agentdesk.domain.case import Customer
from agentdesk.domain.offering.services import due_at
from agentdesk.domain.operation import Operation
from tests.centre.kit import Site, World, catalogue

MINUTE = 60_000


def ordered(world: World, code: str = "SM12", number: int = 1, **parameters: str) -> tuple[Site, Operation]:
    """Order a service in a verified call, and bring it to the centre."""
    site = world.site(f"hall-{code}-{number}")
    contact = site.contact(number)
    site.verify(contact, number)
    service = catalogue().services[code]
    body: dict[str, Any] = {
        "number": site.name("no"),
        "service": code,
        "customer": f"c-{number}",
        "subscription": f"sub-{number}",
        "contact": contact.document,
        "parameters": parameters,
        "due": due_at(service, "vip", True, world.clock.now, catalogue()),
        "line": "up",
    }
    made = site.make("service.ordered", site.name("order"), body, deps=(contact.id,))
    site.push()
    return site, made


class Network:
    """A network that answers what it is told to, and counts what it was asked."""

    name = "net"

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def ask(self, order: Any) -> Answer | None:
        self.asked.append(order["id"])
        return self.answer


def provisioning(world: World, provisioner: Provisioner) -> Provisioning:
    centre = world.centre
    return Provisioning(centre.database, Tools(world.means, centre.policies, centre.database.secret), provisioner)


def test_what_a_network_did_is_in_effect_once_however_many_servers_ask(world: World) -> None:
    _, made = ordered(world, "SM05")
    network = Network(Answer(True, "hlr 7", world.clock.now))
    first, second = provisioning(world, network), provisioning(world, network)
    assert first.run_due() + second.run_due() + first.run_due() <= 2
    order = world.document(made.document)
    assert order.data["state"] == "effected"
    assert order.data["proof"] == "net: hlr 7"
    assert [move["what"] for move in order.data["moves"]].count("effected") == 1
    line = Customer(world.document("c-1")).subscriptions[0]
    assert not line.stopped, "the customer's card shows it"
    assert first.run_due() == 0


def test_what_it_cant_do_comes_back_with_its_reason_and_stays_open_work(world: World) -> None:
    site, made = ordered(world, switch="on")
    provisioning(world, Network(Answer(False, "no port"))).run_due()
    assert world.document(made.document).data["failure"] == "net: no port"
    page = next(iter(site.pull_all("region/beijing")))
    assert made.document in json.dumps(page)


def test_an_order_without_an_answer_is_asked_again_later_and_later(world: World) -> None:
    ordered(world, switch="on")
    network = Network()
    asking = provisioning(world, network)
    for _ in range(5):
        asking.run_due()
    assert len(network.asked) == 1
    for _ in range(12):
        world.clock.now += 1_000
        asking.run_due()
    # after 2 s, then after 4 more; the next time would be 8 s later
    assert len(network.asked) == 3


def test_an_order_is_asked_about_though_the_database_could_not_be_read_when_it_came(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered(world, switch="on")
    network = Network()
    asking = provisioning(world, network)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("agentdesk.centre.provisioning._running", _busy)
        with pytest.raises(StorageError):
            asking.run_due()
    asking.run_due()
    assert len(network.asked) == 1


def _busy(_snapshot: Snapshot) -> Any:
    raise StorageError("another program locks the file")


def test_a_silent_network_lets_an_immediate_service_be_late_at_its_instant(world: World) -> None:
    _, made = ordered(world, switch="on")
    at = world.document(made.document).data["at"] + catalogue().rules.instant_within_s * 1000
    world.clock.now = at - 1
    world.centre.jobs.run_due()
    assert world.document(made.document).data["state"] == "ordered"
    world.clock.now = at
    world.centre.jobs.run_due()
    late = world.document(made.document)
    assert late.data["state"] == "late"
    provisioning(world, Network(Answer(True, "at last"))).run_due()
    assert world.document(made.document).data["was_late"] is True


def test_an_order_that_was_cancelled_meanwhile_is_left_alone(world: World) -> None:
    site, made = ordered(world, switch="on")

    class Slow(Network):
        def ask(self, order: Any) -> Answer | None:
            site.make("service.cancelled", made.document, {"reason": "no more"}, deps=(made.id,))
            site.push(site.made[-1:])
            return Answer(True, "too late")

    assert provisioning(world, Slow()).run_due() == 0
    assert world.document(made.document).data["state"] == "cancelled"


def test_a_spool_has_an_order_once_and_its_answer_is_read_when_it_comes(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    order = {"id": "o1", "service": "SM12"}
    assert spool.ask(order) is None
    assert spool.ask({**order, "service": "other"}) is None
    assert json.loads((tmp_path / "orders" / "o1.json").read_text("utf-8"))["service"] == "SM12"
    (tmp_path / "answers" / "o1.json").write_text('{"effected": true, "proof": "x", "at": 7}', "utf-8")
    assert spool.ask(order) == Answer(True, "x", 7)


def test_a_command_reads_the_order_and_says_what_it_did() -> None:
    program = "import json,sys; o=json.load(sys.stdin); print(json.dumps({'effected': True, 'proof': o['id']}))"
    command = Command([sys.executable, "-c", program])
    assert command.ask({"id": "o1"}) == Answer(True, "o1")
    assert Command([sys.executable, "-c", "pass"]).ask({"id": "o1"}) is None
    with pytest.raises(OSError, match="ended with 3"):
        Command([sys.executable, "-c", "raise SystemExit(3)"]).ask({"id": "o1"})


def test_an_answer_that_cant_be_read_is_none() -> None:
    for text in ("", "[]", "{}", '{"effected": "yes"}', "nonsense", "3"):
        assert answer_of(text) is None
    assert answer_of('{"effected": false, "reason": "full"}') == Answer(False, "full")


def test_a_network_is_told_no_name(world: World) -> None:
    _, made = ordered(world, switch="on")
    told = request_of(world.document(made.document))
    assert told["service"] == "SM12"
    assert not {"name_zh", "owner", "confirm", "moves"} & set(told)


def test_settings_name_what_effects_services(tmp_path: Path) -> None:
    assert provisioner_of(None) is None
    assert isinstance(provisioner_of("command:net --now"), Command)
    assert isinstance(provisioner_of(str(tmp_path)), Spool)
    assert isinstance(provisioner_of("simulated"), SimulatedNetwork)


def test_the_simulated_network_does_most_refuses_some_and_forgets_others() -> None:
    order = {"id": "o", "number": "1", "effective": "at_once", "at": 0}
    done = SimulatedNetwork(lambda: SOON_MS)
    assert SimulatedNetwork(lambda: SOON_MS - 1).ask({**order, "service": "SM42"}) is None
    found = done.ask({**order, "service": "SM42"})
    assert found is not None
    assert found.effected
    for code in SILENT:
        assert done.ask({**order, "service": code}) is None
    for code in FAILS:
        failed = done.ask({**order, "service": code})
        assert failed is not None
        assert not failed.effected
    assert done.ask({**order, "service": "SM51", "effective": "next_cycle"}) is None
    services = catalogue().services
    assert all(services[code].effective == "at_once" for code in (*SILENT, *FAILS))
