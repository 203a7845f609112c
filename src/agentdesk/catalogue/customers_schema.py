"""What the catalogue's files may hold about customers: clubs, rights, warnings, reasons of calls and for leaving."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from agentdesk.catalogue.schema import Both, DottedName, Minor, Model, Name, Test, TierName, Words

PORTRAIT_NAMES = ("data", "voice", "product", "network", "price", "service")
Figure = Annotated[int, Field(ge=1)]


class ClubEntry(Model):
    id: Name
    name: Both
    note: Both


class RightEntry(Model):
    id: Name
    layer: Literal["standard", "tier", "feature", "tenure"]
    name: Both
    note: Both
    tiers: list[TierName] = Field(default=[])
    club: Name | None = None
    months: int = Field(default=0, ge=0)
    needs: list[Test] = Field(default=[])
    offer: str | None = None


class WarningEntry(Model):
    code: Name
    name: Both
    figure: int = Field(default=0, ge=0)
    card: bool = True
    retention: bool = False
    offers: list[str] = Field(default=[])


class CallReasonEntry(Model):
    id: Name
    name: Both
    classes: list[DottedName] = Field(default=[])
    ivr: list[Words] = Field(default=[])
    offers: list[str] = Field(default=[])
    first: list[str] = Field(default=[])
    silent: bool = False


class LeavingEntry(Model):
    id: Name
    name: Both
    words: Both


class Portraits(Model):
    data: Figure
    voice: Figure
    product: Figure
    network: Figure
    price: Figure
    service: Figure


class Values(Model):
    high: Minor
    medium: Minor


class CustomersEntry(Model):
    portraits: Portraits
    values: Values
    joining_days: Figure = 90
    resolving_days: Figure = 30
    retention: list[str] = Field(default=[])
