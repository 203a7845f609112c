"""Who rings in the demo: one caller for each thing that the desk can show, then ordinary ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentdesk.sample import cast
from agentdesk.sample.dice import Source
from agentdesk.sample.population import Population

ORDINARY = 40
"""How many ordinary callers follow the cast's."""

HOTLINE, VIP_QUEUE = "10", "vip"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who will ring: the number and name as the switch gives them, the queue, and why he is there.

    `customer` is the index of who he is, None when nobody knows; `shows` names what the call shows.
    """

    number: str
    shows: str
    customer: int | None = None
    name: str | None = None
    queue: str = HOTLINE


_CAST = (
    ("first", cast.FIRST),
    ("stopped", cast.STOPPED),
    ("family", cast.FAMILY[0]),
    ("repeat", cast.REPEATER),
    ("switchboard", cast.EMPLOYEES[4]),
    ("repair_late", cast.REPAIR_LATE),
    ("unknown_service", cast.UNKNOWN_SERVICE),
    ("stranger", None),
    ("rare_character", cast.RARE_NAMES[0]),
    ("owing", cast.OWING),
    ("ending", cast.ENDING),
    ("abroad", cast.ABROAD),
    ("hostile", cast.HOSTILE),
    ("paid", cast.PAID),
    ("charged", cast.CHARGED),
    ("debit_failed", cast.DEBIT),
    ("away", cast.AWAY_HOME),
    ("overage", cast.OVERAGE),
    ("minority_name", cast.RARE_NAMES[3]),
    ("suspended", cast.SUSPENDED),
    ("rare_given", cast.RARE_NAMES[1]),
    ("throttled", cast.THROTTLED),
    ("credit_control", cast.LIMITED),
    ("lost", cast.LOST),
    ("closed", cast.CLOSED),
    ("broken_promise", cast.BROKEN_PROMISE),
    ("newcomer", cast.NEWCOMER),
    ("kept_waiting", cast.KEPT_WAITING),
    ("rare_extension", cast.RARE_NAMES[2]),
    ("fraud", cast.FRAUD),
    ("slow_line", cast.SLOW_LINE),
    ("supreme", cast.SUPREME),
    ("approved", cast.BEYOND),
    ("disputed", cast.DISPUTED),
    ("credit_running", cast.CREDIT),
    ("check_open", cast.CHECKED),
    ("compensated", cast.COMPENSATED),
)


def callers_of(population: Population, size: int, source: Source) -> Iterator[Caller]:
    """Yield the demo's callers, the first one first; those who need a customer beyond `size` stay away."""
    for shows, index in _CAST:
        if index is not None and index >= size:
            continue
        yield _caller(population, shows, index)
    for nth in range(ORDINARY if size > 40 else 0):
        index = 40 + source.at(nth).below(size - 40)
        yield Caller(population.first_number(index), "ordinary", index)


def _caller(population: Population, shows: str, index: int | None) -> Caller:
    if index is None:
        return Caller(population.stranger(), shows)
    if shows == "switchboard":
        return Caller(population.switchboard(1), shows, index)
    if shows == "abroad":
        return Caller(cast.FOREIGN_NUMBER, shows, index)
    name = cast.HOSTILE_NAME if shows == "hostile" else None
    queue = VIP_QUEUE if population.traits_of(index).card in ("diamond", "supreme") else HOTLINE
    return Caller(population.first_number(index), shows, index, name, queue)
