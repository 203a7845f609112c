"""What the catalogue's files may hold beside promises: remedies, services by phone, question flows and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from agentdesk.catalogue.schema import Both, DottedName, LimitText, Minor, Model, Name, PerTier, Test, Words

_REMEDY = r"^R\d{3}$"
_SERVICE = r"^S[MFC]\d{2}$"
_FLOW = r"^Q\d{3}$"
_SCRIPT = r"^S\d{2}$"

WRITTEN: Mapping[str, str] = {
    _REMEDY: "a code such as R101",
    _SERVICE: "a code such as SM01 (mobile), SF01 (fixed) or SC01 (convergent)",
    _FLOW: "a code such as Q101",
    _SCRIPT: "a code such as S01",
}
"""How what a pattern asks for is written, for the messages."""

Source = Literal["article", "sample"]
Callers = list[Literal["owner", "user", "agent", "handler", "other"]]
Mode = Literal["same", "later", "none"]
Verify = Annotated[int, Field(ge=0, le=3)]


class RemedyEntry(Model):
    code: str = Field(pattern=_REMEDY)
    category: Literal["apology", "compensation", "gift", "priority", "correction"]
    source: Source
    name: Both
    note: Both
    unit: Both
    steps: list[Annotated[int, Field(ge=1)]] = Field(min_length=1)
    unit_cost: Minor
    money: Literal["none", "cost", "credit", "refund"]
    stackable: bool
    not_with: list[str] = Field(default=[])
    verify: Verify
    callers: Callers
    department: Name
    limits: PerTier[LimitText]
    applies: list[Test] = Field(default=[])
    evidence: Both
    offline: Mode
    tell: Both
    booked: Name
    statutory: bool = False
    basis: str | None = None
    args: dict[str, object] = Field(default={})
    ceilings: PerTier[Minor] | None = None
    days: PerTier[Annotated[int, Field(ge=1)]] | None = None
    check: bool = False


class ChoiceEntry(Both):
    id: Name


class InputEntry(Both):
    id: Name
    kind: Literal["choice", "text", "number", "date", "slot"]
    choices: list[ChoiceEntry] = Field(default=[])


class ServiceEntry(Model):
    code: str = Field(pattern=_SERVICE)
    family: Literal["mobile", "fixed", "convergent"]
    group: Name
    line: Name
    name: Both
    note: Both
    synonyms: list[Words]
    verify: Verify
    callers: Callers
    applies: list[Test] = Field(default=[])
    fee: Minor
    fee_note: Both | None = None
    effective: Literal["at_once", "within", "next_cycle", "appointment"]
    limit: LimitText
    needs: list[InputEntry] = Field(default=[])
    undo: str | None = None
    class_code: DottedName = Field(alias="class")
    department: Name
    promise: str
    offline: Mode
    confirm: Both
    done: Both
    later: Both | None = None
    law: Both | None = None
    source: Source


class AnswerEntry(Model):
    key: int = Field(ge=1, le=9)
    says: Both
    to: Name


class StepEntry(Model):
    id: Name
    ask: Both
    hint: Both | None = None
    answers: list[AnswerEntry] = Field(min_length=1, max_length=9)


class EndEntry(Model):
    id: Name
    kind: Literal["solved", "told", "promise", "ticket", "transfer"]
    tell: Both
    promise: str | None = None
    class_code: DottedName | None = Field(default=None, alias="class")
    station: Name | None = None
    to: Name | None = None


class OldName(Model):
    """A name that has only history: it is not translated."""

    zh: Words


class FlowEntry(Model):
    code: str = Field(pattern=_FLOW)
    category: Literal["signal", "activation", "messages", "ringback_vas", "tariff"]
    group: Name
    name: Both
    old_name: OldName | None = None
    synonyms: list[Words]
    source: Source
    start: Name
    step: list[StepEntry] = Field(min_length=1)
    end: list[EndEntry] = Field(min_length=1)


class ScriptEntry(Model):
    code: str = Field(pattern=_SCRIPT)
    name: Both
    when: Both
    step: Literal["accept", "listen", "confirm", "propose", "agree", "follow"]
    source: Source
    lines: list[Both] = Field(min_length=1)
    avoid: Both
    offline: Both | None = None
