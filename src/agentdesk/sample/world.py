"""The sample world: customers, their recent work, the staff and the callers of a region, from one seed.

Everything is invented and says so (`sample: true`). The same seed gives the same world; customer n is the same in a
world of ten and of five million, and can be made alone. All is made while it is asked for, so memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document
from agentdesk.sample.agents import Staff
from agentdesk.sample.bookings import bookings_of
from agentdesk.sample.call_backs import call_backs_of
from agentdesk.sample.callers import Caller, callers_of
from agentdesk.sample.cast import CAST
from agentdesk.sample.dice import Source
from agentdesk.sample.numbers import LARGEST
from agentdesk.sample.outlets import outlets_of
from agentdesk.sample.pen import SITE_NUMBERS, Floor
from agentdesk.sample.places import place_of
from agentdesk.sample.plots import work_of
from agentdesk.sample.population import Population, Secrets

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


class World:
    """A sample world; raises ValueError for an unknown region or a size outside 1 to 5,000,000.

    `region` is a code or scope (`bj`, `region/bj`); all times are relative to `now_ms` (ms UTC), so that clocks look
    right whenever the world is made. `catalogue` is that of the work's clocks; left out, the packaged one.
    """

    def __init__(self, seed: int, size: int, region: str, now_ms: int, catalogue: Catalogue | None = None) -> None:
        if not 1 <= size <= LARGEST:
            raise ValueError(f"a sample world has 1 to {LARGEST} customers, not {size}")
        self.seed = seed
        self.size = size
        self.place = place_of(region)
        self.now_ms = now_ms
        self._catalogue = catalogue

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue under which the work was done."""
        if self._catalogue is not None:
            return self._catalogue
        from agentdesk.catalogue import packaged

        return packaged()

    @cached_property
    def population(self) -> Population:
        """The customers with their names and numbers, without their documents."""
        return Population(self.seed, self.place, self.now_ms)

    @cached_property
    def _staff(self) -> Staff:
        return Staff(self.seed, self.place, self.size, tuple(self.catalogue.departments))

    @cached_property
    def _floor(self) -> Floor:
        return Floor(self.catalogue, self._staff, SITE_NUMBERS + self.place.digit, self.now_ms)

    @cached_property
    def _plots(self) -> Source:
        return Source(self.seed, f"{self.place.code}/work")

    @property
    def scope(self) -> str:
        """The scope of the customers and their work."""
        return self.place.scope

    def customer(self, index: int) -> Document:
        """Return one customer's document; any of the largest world's, whatever this one's size."""
        return self.population.customer(index)

    def secrets_of(self, index: int) -> Secrets:
        """Return what a customer answers when he is asked who he is."""
        return self.population.secrets_of(index)

    def work_of(self, index: int) -> list[Document]:
        """Return one customer's recent work, oldest first; none for most."""
        plot = self.population.traits_of(index).story.plot
        if not plot:
            return []
        return work_of(self._floor, index, self.customer(index), plot, self._plots.at(index))

    def customers(self) -> Iterator[Document]:
        """Yield the customers' documents in the order of their index."""
        return map(self.population.customer, range(self.size))

    def work(self) -> Iterator[Document]:
        """Yield tickets, promises, contacts and notes of the recent months, customer after customer."""
        for index in range(self.size):
            yield from self.work_of(index)

    def group(self) -> Iterator[Document]:
        """Yield what concerns many: an announcement, a management ticket with its children, a label."""
        from agentdesk.sample.group import group_of

        return group_of(self)

    def agents(self) -> Iterator[Document]:
        """Yield the staff's documents, in the scope of the organisation; the first is the demo's own agent."""
        return self._staff.documents()

    def outlets(self) -> Iterator[Document]:
        """Yield the region's outlets, in the scope of the organisation."""
        return outlets_of(self.seed, self.place, self.now_ms)

    def bookings(self) -> Iterator[Document]:
        """Yield the appointments of today with the slots they hold, and who waits to be called back."""
        people = [(index, self.customer(index)) for index in range(min(self.size, len(CAST)))]
        yield from bookings_of(people, list(self.outlets()), self.now_ms, self.catalogue)
        yield from call_backs_of(people, self.now_ms, self.catalogue)

    def callers(self) -> Iterator[Caller]:
        """Yield who rings in the demo; the first has a promise on offer that needs no more than his own number."""
        return callers_of(self.population, self.size, Source(self.seed, f"{self.place.code}/callers"))
