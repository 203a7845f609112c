"""What the policy knows beside promises: services by phone, question flows and spoken scripts, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agentdesk.domain.language.phrases import Bilingual, Condition
from agentdesk.domain.times.calendar import Limit


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that an input may take."""

    id: str
    name: Bilingual


@dataclass(frozen=True, slots=True)
class Input:
    """What has to be asked before a service can be ordered; only a `choice` has `choices`."""

    id: str
    name: Bilingual
    kind: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is ordered by phone (电话办理).

    `line` is the kind of line it is for, or `any`. `fee` is minor units, the lowest where a choice changes it. From
    `effective` and `limit` follows when it works: at once or within the limit of the call, with the next billing
    cycle, or the time until an appointment is confirmed. `undo` is the service that takes it back (its own code
    where it goes both ways). While the line is down `promise` (or what that one has in its place) stands for a
    service whose `offline` is none. `confirm` is read back before, `done` is said after, or `later` while the
    line is down (DOMAIN rule 12); `law` says what the law asks for.
    """

    code: str
    family: str
    group: str
    line: str
    name: Bilingual
    note: Bilingual
    synonyms: tuple[str, ...]
    verify: int
    callers: tuple[str, ...]
    applies: tuple[Condition, ...]
    fee: int
    effective: Literal["at_once", "within", "next_cycle", "appointment"]
    limit: Limit
    needs: tuple[Input, ...]
    class_code: str
    department: str
    promise: str
    offline: Literal["same", "later", "none"]
    confirm: Bilingual
    done: Bilingual
    source: Literal["article", "sample"]
    fee_note: Bilingual | None = None
    undo: str | None = None
    law: Bilingual | None = None
    later: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller may answer: the key that the agent presses, and the step or end that it leads to."""

    key: int
    says: Bilingual
    to: str


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A question to ask; `hint` is for the agent alone."""

    id: str
    ask: Bilingual
    answers: tuple[Answer, ...]
    hint: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class FlowEnd:
    """Where a flow comes to rest.

    `kind` is solved in the call, told, promise (`promise` is its template), ticket (`class_code` and `station`) or
    transfer (`to` a role or place). `{due}` and `{department}` in `tell` are those of the promise or ticket.
    """

    id: str
    kind: Literal["solved", "told", "promise", "ticket", "transfer"]
    tell: Bilingual
    promise: str | None = None
    class_code: str | None = None
    station: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A question flow (问答流程): steps and ends by id, begun at `start`.

    `old_name` is what the article calls it where that name has lost its sense.
    """

    code: str
    category: str
    group: str
    name: Bilingual
    synonyms: tuple[str, ...]
    source: Literal["article", "sample"]
    start: str
    steps: Mapping[str, FlowStep]
    ends: Mapping[str, FlowEnd]
    old_name: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A spoken script (口语化脚本): lines to be said in order, at a moment of the six-step method.

    `step` is accept, listen, confirm, propose, agree or follow; `avoid` says what never to say, `offline` what
    changes while the centre can't be reached.
    """

    code: str
    name: Bilingual
    when: Bilingual
    step: str
    source: Literal["article", "sample"]
    lines: tuple[Bilingual, ...]
    avoid: Bilingual
    offline: Bilingual | None = None
