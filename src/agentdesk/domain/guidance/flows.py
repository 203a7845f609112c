"""Walking a question flow (问答流程): where it stands after some answers, how to go back, and finding one by words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.domain.guidance.knowledge import Flow, FlowEnd, FlowStep
from agentdesk.domain.language.pinyin import initials
from agentdesk.domain.language.text import looked_up

if TYPE_CHECKING:
    from agentdesk.domain.offering.offers import Offer
    from agentdesk.domain.policy import Catalogue

LONGEST = 60
"""How many answers a walk may have: a flow without an end is no flow."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A flow as far as it was walked: `path` are the steps with the keys that were pressed there."""

    flow: Flow
    path: tuple[tuple[str, int], ...] = ()

    @property
    def place(self) -> FlowStep | FlowEnd:
        """Return the question to ask now, or the end that was reached."""
        return _place(self.flow, self.path)

    @property
    def end(self) -> FlowEnd | None:
        place = self.place
        return place if isinstance(place, FlowEnd) else None

    def answer(self, key: int) -> Walk:
        """Return the walk after an answer; the same one where nothing has that key."""
        place = self.place
        if isinstance(place, FlowEnd) or len(self.path) >= LONGEST:
            return self
        if not any(answer.key == key for answer in place.answers):
            return self
        return Walk(self.flow, (*self.path, (place.id, key)))

    def back(self) -> Walk:
        """Return the walk without its last answer."""
        return Walk(self.flow, self.path[:-1])

    def said(self) -> tuple[tuple[FlowStep, str], ...]:
        """Return the questions that were asked with what was answered, in Chinese and English as data has them."""
        found = []
        for step_id, key in self.path:
            step = self.flow.steps[step_id]
            answer = next(a for a in step.answers if a.key == key)
            found.append((step, answer.to))
        return tuple(found)


def valid(flow: Flow, path: Iterable[tuple[str, int]], end: str | None) -> bool:
    """Tell whether a recorded path is one that the flow has, and leads to the end that was recorded with it."""
    walk = Walk(flow)
    for step, key in path:
        place = walk.place
        if isinstance(place, FlowEnd) or place.id != step:
            return False
        after = walk.answer(key)
        if after.path == walk.path:
            return False
        walk = after
    reached = walk.end
    return end is None or (reached is not None and reached.id == end)


def _place(flow: Flow, path: tuple[tuple[str, int], ...]) -> FlowStep | FlowEnd:
    at = flow.start
    for step_id, key in path:
        at = next(answer.to for answer in flow.steps[step_id].answers if answer.key == key)
    end = flow.ends.get(at)
    return end if end is not None else flow.steps[at]


def matching(flows: Iterable[Flow], typed: str, category: str = "") -> tuple[Flow, ...]:
    """Return the flows that all typed words lead to, the best first; all of a category where nothing is typed.

    Traditional characters and other spellings find what the usual ones do (`looked_up`).
    """
    words = looked_up(typed).split()
    scored = []
    for flow in flows:
        if category and flow.category != category:
            continue
        score = _score(flow, words)
        if score:
            scored.append((-score, flow.code, flow))
    return tuple(flow for _, _, flow in sorted(scored, key=lambda row: row[:2]))


def _score(flow: Flow, words: list[str]) -> int:
    total = 1
    zh, en, old = looked_up(flow.name.zh), flow.name.en.lower(), looked_up(flow.old_name)
    for word in words:
        if word in (zh, flow.code.lower()):
            best = 8
        elif word in zh or word in en:
            best = 5
        elif any(word in looked_up(synonym) for synonym in flow.synonyms):
            best = 4
        elif word.isascii() and len(word) > 1 and word in initials(flow.name.zh):
            best = 3
        elif word and word in old:
            best = 2
        else:
            return 0
        total += best
    return total


def suggested(
    catalogue: Catalogue, offers: Iterable[Offer], classes: Iterable[str], words: Iterable[str] = (), most: int = 5
) -> tuple[Flow, ...]:
    """Return the flows that may help now: those that end in what is on offer, in the classes or words of the matter.

    What is on offer and can be promised counts more the higher it stands; a class counts by how much of it agrees.
    """
    ranks = {offer.template.code: place for place, offer in enumerate(offers) if offer.status != "inapplicable"}
    wanted = tuple(classes)
    said = [looked_up(word) for word in words if len(word) > 1]
    scored = []
    for flow in catalogue.flows.values():
        score = 0
        for end in flow.ends.values():
            if end.promise in ranks:
                score = max(score, 6 - min(5, ranks[end.promise]))
            if end.class_code:
                score = max(score, *(_agree(end.class_code, one) for one in wanted), 0)
        for phrase in map(looked_up, (flow.name.zh, *flow.synonyms)):
            if any(word in phrase or phrase in word for word in said):
                score += 4
                break
        if score > 1:
            scored.append((-score, flow.code, flow))
    return tuple(flow for _, _, flow in sorted(scored, key=lambda row: row[:2])[:most])


def _agree(one: str, other: str) -> int:
    """Return how well two classes agree: 2 for each level that they share."""
    shared = 0
    for left, right in zip(one.split("."), other.split("."), strict=False):
        if left != right:
            break
        shared += 1
    return 2 * shared if shared > 1 else shared


def categories(flows: Mapping[str, Flow]) -> tuple[str, ...]:
    """Return the categories of flows in the order in which they come."""
    return tuple(dict.fromkeys(flow.category for flow in flows.values()))
