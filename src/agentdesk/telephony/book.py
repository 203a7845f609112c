"""The calls a desk or a board knows about, folded from the events of all its sources; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentdesk.telephony.model import Call, CallEvent, CallMoment
from agentdesk.telephony.story import apply

KEPT_CALLS = 500
"""How many calls a book remembers; the oldest that are over go first."""


@dataclass(frozen=True, slots=True)
class CallChange:
    """What one event changed: the call before and after it, and the moments that are new."""

    event: CallEvent
    before: Call | None
    after: Call
    news: tuple[CallEvent, ...]


class CallBook:
    """All calls by id; a report that says nothing new, by call, kind and agent, is swallowed."""

    def __init__(self, limit: int = KEPT_CALLS) -> None:
        self._limit = limit
        self._calls: dict[str, Call] = {}

    def fold(self, event: CallEvent) -> CallChange | None:
        """Takes a report in; None when it says nothing new."""
        before = self._calls.get(event.call_id)
        after = apply(before, event)
        self._calls[event.call_id] = after
        if before is None:
            self._make_room(event.call_id)
        if after == before:
            return None
        return CallChange(event, before, after, _news(before, after))

    def get(self, call_id: str) -> Call | None:
        """The call of this id, if it is remembered."""
        return self._calls.get(call_id)

    def live(self) -> list[Call]:
        """The calls that somebody is still in, oldest first."""
        return [call for call in self._calls.values() if not call.over]

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls.values()))

    def __len__(self) -> int:
        return len(self._calls)

    def _make_room(self, keep: str) -> None:
        if len(self._calls) <= self._limit:
            return
        others = (i for i in self._calls if i != keep)
        finished = next((i for i, call in self._calls.items() if call.over and i != keep), None)
        self._calls.pop(finished if finished is not None else next(others))


def _news(before: Call | None, after: Call) -> tuple[CallEvent, ...]:
    """Moments of `after` that `before` didn't have: the n-th of its kind and agent counts as the same one."""
    known: dict[tuple[CallMoment, str | None], int] = {}
    for moment in before.moments if before is not None else ():
        key = (moment.kind, moment.agent)
        known[key] = known.get(key, 0) + 1
    news = []
    for moment in after.moments:
        key = (moment.kind, moment.agent)
        if known.get(key, 0) > 0:
            known[key] -= 1
        else:
            news.append(moment)
    return tuple(news)
