"""From the entries about customers to the policy's values, and what must hold between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from agentdesk.catalogue.parts import both_of, condition_of
from agentdesk.catalogue.sources import Problem
from agentdesk.catalogue.template_check import examine_test
from agentdesk.domain.profile.customers import CallReason, Club, CustomerPolicy, Leaving, Right, WarningRule
from agentdesk.domain.profile.warnings import DETECTORS

if TYPE_CHECKING:
    from agentdesk.catalogue.entries import Entries, Entry
    from agentdesk.catalogue.schema import Model


def customers_of(entries: Entries) -> CustomerPolicy:
    """Return what the entries say about customers; rights and warnings keep the order of the files."""
    head = entries.customers[0].model if entries.customers else None
    return CustomerPolicy(
        clubs={e.key: Club(e.key, both_of(e.model.name), both_of(e.model.note)) for e in entries.clubs},
        rights={
            m.id: Right(
                m.id,
                m.layer,
                both_of(m.name),
                both_of(m.note),
                tuple(m.tiers),
                m.club,
                m.months,
                tuple(map(condition_of, m.needs)),
                m.offer,
            )
            for m in (e.model for e in entries.rights)
        },
        warnings={
            m.code: WarningRule(m.code, both_of(m.name), m.figure, m.card, m.retention, tuple(m.offers))
            for m in (e.model for e in entries.warnings)
        },
        reasons={
            m.id: CallReason(
                m.id, both_of(m.name), tuple(m.classes), tuple(m.ivr), tuple(m.offers), tuple(m.first), m.silent
            )
            for m in (e.model for e in entries.call_reasons)
        },
        leaving={m.id: Leaving(m.id, both_of(m.name), both_of(m.words)) for m in (e.model for e in entries.leaving)},
        portraits=head.portraits.model_dump() if head else {},
        values=head.values.model_dump() if head else {},
        joining_days=head.joining_days if head else 90,
        resolving_days=head.resolving_days if head else 30,
        retention=tuple(head.retention) if head else (),
    )


def examine_customers(entries: Entries) -> Iterator[Problem]:
    """Yield what is wrong between the entries about customers and the rest of the catalogue."""
    templates = {entry.key for entry in entries.templates}
    clubs = {entry.key for entry in entries.clubs}
    for right in entries.rights:
        model = right.model
        if model.club is not None and model.club not in clubs:
            yield right.problem(f"no club is called {model.club!r}: add it or use another", "club")
        bound = {"tier": bool(model.tiers), "feature": model.club is not None, "tenure": model.months > 0}
        if not bound.get(model.layer, True):
            wanted = {"tier": "tiers", "feature": "club", "tenure": "months"}[model.layer]
            yield right.problem(f"a right of the {model.layer} layer needs `{wanted}`: add it", "layer")
        yield from _offers(right, "offer", [model.offer] if model.offer else [], templates)
        for test in model.needs:
            yield from examine_test(right, test, "needs")
    for warning in entries.warnings:
        if warning.key not in DETECTORS:
            known = ", ".join(sorted(DETECTORS))
            yield warning.problem(f"is no warning that this program knows: use one of {known}", "code")
        yield from _offers(warning, "offers", warning.model.offers, templates)
    retention = set(entries.customers[0].model.retention) if entries.customers else set()
    for reason in entries.call_reasons:
        yield from _offers(reason, "offers", reason.model.offers, templates)
        yield from _offers(reason, "first", reason.model.first, templates)
        held = sorted(retention & {*reason.model.offers, *reason.model.first}) if reason.model.silent else []
        if held:
            yield reason.problem(f"keeps offers to stay silent and offers {held[0]}: take it out", "offers")
    for head in entries.customers:
        yield from _offers(head, "retention", head.model.retention, templates)
        if head.model.values.high < head.model.values.medium:
            yield head.problem("`values.high` is less than `values.medium`: raise it", "values")


def _offers(entry: Entry[Model], name: str, codes: Iterable[str], templates: set[str]) -> Iterator[Problem]:
    for code in codes:
        if code not in templates:
            yield entry.problem(f"`{name}` names {code!r}, which is no template: add it or use another", name)
