"""Customers of a seed and a region, each made alone: customer n never depends on the size of the world.

Customers lie in blocks of twenty: a company, a family of three, a family of two, and people. Each block is turned
by its own dice, so that no rhythm shows; who shares a number with whom follows from the block alone. The first
customers are the cast of the demo (`cast`), written by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import seal_secret
from agentdesk.sample.bills import MONTHS, bills_of, totals
from agentdesk.sample.cast import CAST, CAST_BLOCKS, Persona, Tie
from agentdesk.sample.dice import Dice, Source, weighted
from agentdesk.sample.habits import habits_of
from agentdesk.sample.lines import DAY_MS, Seat, lines_of
from agentdesk.sample.numbers import BLOCK, LARGEST, Numbers
from agentdesk.sample.outlets import home_of
from agentdesk.sample.places import Place
from agentdesk.sample.pools import RARE_GIVEN, RARE_SURNAMES, Gender, Pools, pools_of
from agentdesk.sample.traits import (
    AWAY,
    COMPANY,
    EMPLOYEES,
    FAMILIES,
    HEAD_OF,
    HEADS,
    OPEN_PLOTS,
    SOLVED_PLOTS,
    Traits,
    roll,
)

HIGH_VALUE, MEDIUM_VALUE = 20_000, 6_000
"""ARPU in minor units from which a sample customer is of high and of medium value."""

NEW_DAYS = 90
"""How long a sample customer is in the first stage of his life cycle (入网期)."""

_HOURS = ("09:00-12:00", "12:00-14:00", "18:00-21:00", "19:00-22:00", "10:00-20:00")
_GENDERS: tuple[Gender, ...] = ("female", "male")
_COUPLES = {position: nth for family in FAMILIES for nth, position in enumerate(family[:2])}
_RARITIES = weighted({"": 994, "given": 3, "surname": 1, "minority": 2})
_TAIL_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a sample customer can be asked for; real customers have real secrets, these follow from a number.

    The certificate's tail are the last four digits of his first number, the service password is 12 and the same.
    """

    certificate_tail: str
    service_password: str

    @staticmethod
    def of(number: str) -> Secrets:
        tail = number[-_TAIL_DIGITS:]
        return Secrets(tail, f"12{tail}")


class Population:
    """The customers of a seed in a region; `now_ms` is the instant to which their times are relative."""

    def __init__(self, seed: int, place: Place, now_ms: int) -> None:
        self._place = place
        self._now = now_ms
        self._pools: Pools = pools_of(seed)
        self._numbers = Numbers(seed, place)
        self._names = Source(seed, f"{place.code}/names")
        self._families = Source(seed, f"{place.code}/families")
        self._traits = Source(seed, f"{place.code}/traits")
        self._turns = Source(seed, f"{place.code}/turns")
        self._turned = -1, 0

    def id_of(self, index: int) -> str:
        """Return the id of a customer's document."""
        return f"c-{self._part(index)}"

    def seat_of(self, index: int) -> tuple[int, int]:
        """Return a customer's block and his position in it."""
        block, seat = divmod(index, BLOCK)
        return block, (seat + self._turn(block)) % BLOCK

    def at_seat(self, block: int, position: int) -> int:
        """Return the customer who sits at a position of a block."""
        return block * BLOCK + (position - self._turn(block)) % BLOCK

    def traits_of(self, index: int) -> Traits:
        """Return what kind of customer somebody is."""
        persona = CAST.get(index)
        return persona.traits if persona else roll(self.seat_of(index)[1], self._traits.at(index))

    def first_number(self, index: int) -> str:
        """Return a customer's first mobile number, E.164."""
        block, position = self.seat_of(index)
        return self._numbers.away(block)[0] if position == AWAY else self._numbers.mobile(block, position)

    def switchboard(self, block: int) -> str:
        """Return the number of the switchboard of a block's company, E.164."""
        return self._numbers.fixed(block, COMPANY)

    def stranger(self) -> str:
        """Return a number that nobody of the sample has, E.164."""
        return self._numbers.stranger()

    def secrets_of(self, index: int) -> Secrets:
        """Return what a customer answers when he is asked."""
        return Secrets.of(self.first_number(index))

    def name_of(self, index: int) -> str:
        """Return a customer's name."""
        return self._named(index, *self.seat_of(index))[0]

    def customer(self, index: int) -> Document:
        """Return a customer's document, as revision 0."""
        if not 0 <= index < LARGEST:
            raise ValueError(f"the sample world has customers 0 to {LARGEST - 1}, not {index}")
        block, position = self.seat_of(index)
        dice = self._traits.at(index)
        persona = CAST.get(index)
        traits = persona.traits if persona else roll(position, dice)
        part = self._part(index)
        name, gender = self._named(index, block, position)
        lines = lines_of(Seat(part, block, position), traits, self._numbers, self._place, dice, self._now)
        data: dict[str, Any] = {
            "name": name,
            "segment": traits.segment,
            "card": traits.card,
            "since": self._now - traits.tenure * DAY_MS,
            "portrait": traits.portrait,
            "lifecycle": _lifecycle(traits),
            "arpu": lines.arpu,
            "points": traits.points,
            "address": self._address(block, position, traits, dice),
            "certificate": _masked(traits, self._place),
            "seals": _seals(Secrets.of(lines.subscriptions[0]["number"]), dice),
            "accounts": lines.accounts,
            "subscriptions": lines.subscriptions,
            "people": self._people(index, block, position, persona, dice),
            "sample": True,
        }
        if traits.segment != "corporate":
            data["gender"] = gender
        if traits.story.flags:
            data["flags"] = list(traits.story.flags)
        if lines.speed_tests:
            data["speed_tests"] = lines.speed_tests
        # drawn last, so that what was drawn before stays as it was
        data.update(habits_of(traits, lines, dice, self._now))
        bills = bills_of(lines, traits.story, data["usage"], self._now)
        if bills:
            data["bills"] = bills
        if len(bills) == MONTHS:
            data["usage"]["fees"] = totals(bills)
        bill = sum(data["usage"]["fees"]) // 3
        data["value"] = "high" if bill >= HIGH_VALUE else "medium" if bill >= MEDIUM_VALUE else "low"
        # a family lives at one place
        where = (
            dice.below(1 << 32)
            if traits.segment != "family"
            else (block * 31 + HEAD_OF.get(position, position)) * 2_654_435_761
        )
        data["place"] = home_of(self._place, where)
        return Document(self._place.scope, f"c-{part}", "customer", 0, data)

    def _part(self, index: int) -> str:
        return f"{self._place.code}-{index:07d}"

    def _turn(self, block: int) -> int:
        if block != self._turned[0]:
            self._turned = block, 0 if block < CAST_BLOCKS else self._turns.at(block).below(BLOCK)
        return self._turned[1]

    def _named(self, index: int, block: int, position: int) -> tuple[str, Gender]:
        """Return a customer's name and gender; they depend on his seat alone, so that others can name him cheaply."""
        persona = CAST.get(index)
        if persona and persona.name:
            return persona.name, persona.gender
        dice, pools = self._names.at(index), self._pools
        gender = dice.pick(_GENDERS)
        if position in _COUPLES:
            gender = _GENDERS[(block + _COUPLES[position]) % 2]
        if position == COMPANY and (persona is None or persona.traits.segment == "corporate"):
            return f"{self._place.zh}{dice.pick(pools.companies)}", gender
        rarity = dice.pick(_RARITIES)
        if rarity == "minority":
            return dice.pick(pools.minority[gender]), gender
        surname, given = dice.pick(pools.surnames), dice.pick(pools.given[gender])
        family = HEAD_OF.get(position)
        if position in HEADS or (family is not None and position > family + 1):
            # head and child share the surname, the wife or husband between them has an own one
            surname = self._family(block, position).pick(pools.surnames)
        if rarity == "surname":
            surname = dice.pick(RARE_SURNAMES)
        elif rarity == "given":
            given = dice.pick(RARE_GIVEN)
        return surname + given, gender

    def _family(self, block: int, position: int) -> Dice:
        return self._families.at(block * BLOCK + HEAD_OF.get(position, position))

    def _address(self, block: int, position: int, traits: Traits, dice: Dice) -> str:
        if traits.segment == "family":
            dice = self._family(block, position)
            dice.below(1)  # the first draw is the surname's
        place = self._place
        street = dice.pick(self._pools.streets)
        where = f"{place.zh}市{dice.pick(place.districts)}{street}{dice.between(1, 199)}号"
        room = dice.between(1, 24) * 100 + dice.between(1, 4)
        return f"{where}{dice.between(1, 28)}号楼{dice.between(1, 6)}单元{room}室"

    def _people(
        self, index: int, block: int, position: int, persona: Persona | None, dice: Dice
    ) -> list[dict[str, str]]:
        """Return contact people; their numbers are other customers' own, so that a number leads to several."""
        if persona is not None:
            return [self._tied(index, block, tie) for tie in persona.ties]
        hours = dice.pick(_HOURS)
        if position == COMPANY:
            handler = self.at_seat(block, EMPLOYEES[0])
            return [self._person(self.first_number(handler), self.name_of(handler), "handler", "09:00-18:00")]
        head = HEAD_OF.get(position)
        if head is not None:
            first = self.at_seat(block, head)
            relation = "user" if position == head + 1 else "family"
            return [self._person(self.first_number(first), self.name_of(first), relation, hours)]
        if position in HEADS:
            partner = self.at_seat(block, FAMILIES[HEADS.index(position)][1])
            return [self._person(self.first_number(partner), self.name_of(partner), "family", hours)]
        if position in EMPLOYEES and dice.chance(5000):
            company = self.at_seat(block, COMPANY)
            return [self._person(self.switchboard(block), self.name_of(company), "company", "09:00-18:00")]
        if dice.chance(800):
            friend = block * BLOCK + dice.below(BLOCK)
            if friend != index:
                return [self._person(self.first_number(friend), self.name_of(friend), "friend", hours)]
        return []

    def _tied(self, index: int, block: int, tie: Tie) -> dict[str, str]:
        if isinstance(tie.who, int):
            return self._person(self.first_number(tie.who), self.name_of(tie.who), tie.relation)
        if tie.who == "switchboard":
            company = self.name_of(self.at_seat(block, COMPANY))
            return self._person(self.switchboard(block), company, tie.relation, "09:00-18:00")
        return self._person(tie.who, self.name_of(index), tie.relation)

    @staticmethod
    def _person(number: str, name: str, relation: str, hours: str = "18:00-21:00") -> dict[str, str]:
        return {"number": number, "name": name, "relation": relation, "hours": hours}


def _lifecycle(traits: Traits) -> str:
    if traits.tenure < NEW_DAYS:
        return "joining"
    if traits.story.plot in OPEN_PLOTS:
        return "requesting"
    return "resolving" if traits.story.plot in SOLVED_PLOTS else "steady"


def _masked(traits: Traits, place: Place) -> str:
    return f"91{place.certificate}************" if traits.segment == "corporate" else f"{place.certificate}{'*' * 14}"


def _seals(secrets: Secrets, dice: Dice) -> dict[str, str]:
    salt = f"{dice.below(1 << 32):08x}"
    return {
        "certificate_tail": f"{salt}:{seal_secret(secrets.certificate_tail, salt)}",
        "service_password": f"{salt}:{seal_secret(secrets.service_password, salt)}",
    }
