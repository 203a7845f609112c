"""The check of remedies, services by phone and scripts: whom they are for, what they refer to, and the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agentdesk.catalogue.entries import Entries, Entry
from agentdesk.catalogue.knowledge_schema import RemedyEntry, ScriptEntry, ServiceEntry
from agentdesk.catalogue.order import clocks, falling, listed
from agentdesk.catalogue.parts import limit_of
from agentdesk.catalogue.schema import TemplateEntry
from agentdesk.catalogue.sources import Problem
from agentdesk.catalogue.spoken_check import script_blanks, spoken
from agentdesk.catalogue.template_check import Known, examine_basis, examine_test
from agentdesk.domain.condition.conditions import LINE_KINDS
from agentdesk.domain.language.words import WordsError, blanks

RESPONSIBLE = "responsible"
"""Books a remedy to the department that caused the matter."""

FAMILIES: Mapping[str, tuple[str, frozenset[str]]] = {
    "mobile": ("SM", frozenset({"mobile", "any"})),
    "fixed": ("SF", frozenset({"broadband", "fixed", "iptv", "any"})),
    "convergent": ("SC", frozenset({"convergent", "any"})),
}
"""How the codes of a family of services begin, and the lines that they may be for."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The entries that remedies and services refer to, by code."""

    known: Known
    remedies: Mapping[str, Entry[RemedyEntry]]
    services: Mapping[str, Entry[ServiceEntry]]
    classes: frozenset[str]


def examine_knowledge(entries: Entries, known: Known) -> Iterator[Problem]:
    """Yield what is wrong with remedies, services and scripts."""
    tables = Tables(
        known,
        {entry.key: entry for entry in entries.remedies},
        {entry.key: entry for entry in entries.services},
        frozenset(entry.key for entry in entries.classes),
    )
    for remedy in entries.remedies:
        yield from _remedy(remedy, tables)
        yield from _remedy_money(remedy)
        yield from _remedy_words(remedy)
    for template in known.templates.values():
        yield from _breach(template, tables)
    for service in entries.services:
        yield from _service(service, tables)
        yield from _service_inputs(service)
        yield from _service_words(service)
    for script in entries.scripts:
        yield from _script(script)


def _remedy(entry: Entry[RemedyEntry], tables: Tables) -> Iterator[Problem]:
    model = entry.model
    yield from tables.known.department(entry, model.department)
    if model.booked != RESPONSIBLE and model.booked not in tables.known.departments:
        message = f"`booked` is {model.booked!r}: name a department, or `{RESPONSIBLE}` for the one that caused it"
        yield entry.problem(message, "booked")
    for code in model.not_with:
        other = tables.remedies.get(code)
        if other is None or other is entry:
            yield entry.problem(f"`not_with` names {code}, which is no other remedy: correct it", "not_with")
        elif entry.key not in other.model.not_with:
            message = f"{code} would give the same twice, but doesn't say so: add {entry.key} to its `not_with`"
            yield entry.problem(message, "not_with")
    if model.steps != sorted(set(model.steps)):
        yield entry.problem("`steps` go up, each once: put them in order", "steps")
    for test in model.applies:
        yield from examine_test(entry, test, "applies")
    yield from clocks(entry, model.limits, None, tables.known.calendars)


def _breach(entry: Entry[TemplateEntry], tables: Tables) -> Iterator[Problem]:
    """What a broken promise gives by itself gives money: nobody is there to choose a size or a gift."""
    code = entry.model.breach
    if code is None:
        return
    remedy = tables.remedies.get(code)
    if remedy is None or remedy.model.money not in ("cost", "refund"):
        yield entry.problem(f"`breach` is {code!r}: name a remedy that gives money", "breach")


def _remedy_money(entry: Entry[RemedyEntry]) -> Iterator[Problem]:
    model = entry.model
    if model.basis is not None:
        yield from examine_basis(entry, model.basis, model.args, "basis")
    elif model.args:
        yield entry.problem("`args` belong to a `basis`: add it or remove them", "args")
    if model.ceilings is not None:
        yield from falling(entry, model.ceilings, "ceilings")
    if model.money == "none" and (model.ceilings is not None or model.basis is not None):
        yield entry.problem("gives no money: remove `ceilings` and `basis`, or say `cost`", "money")
    if model.statutory:
        if model.ceilings is not None:
            yield entry.problem("statutory compensation has no tier: remove `ceilings`", "ceilings")
        if any(test.name == "tier" for test in model.applies):
            yield entry.problem("statutory compensation has no tier: remove the condition `tier`", "applies")
    elif model.money != "none" and model.ceilings is None:
        yield entry.problem("money has a ceiling unless the law fixes it: add `ceilings`", "money")


def _remedy_words(entry: Entry[RemedyEntry]) -> Iterator[Problem]:
    yield from spoken(entry, ("tell",), entry.model.tell)
    used = _blanks(entry.model.tell.zh)
    if "due" not in used:
        yield entry.problem("`tell` doesn't say until when: add {due}", "tell", "zh")
    if "amount" not in used and (len(entry.model.steps) > 1 or entry.model.basis):
        yield entry.problem("`tell` doesn't say how much: add {amount}", "tell", "zh")
    if "name" in used and entry.model.verify == 0:
        yield entry.problem("`tell` says {name} to a caller nobody verified: raise `verify`", "tell", "zh")


def _service(entry: Entry[ServiceEntry], tables: Tables) -> Iterator[Problem]:
    model = entry.model
    begins, lines = FAMILIES[model.family]
    if not model.code.startswith(begins):
        yield entry.problem(f"a {model.family} service has a code that begins with {begins}: rename it", "code")
    if model.line not in lines:
        message = f"`line` is {model.line!r}, but a {model.family} service is for {listed(lines)}: correct one of them"
        yield entry.problem(message, "line")
    yield from tables.known.department(entry, model.department)
    if model.class_code not in tables.classes:
        yield entry.problem(f"`class` is {model.class_code}, which isn't in the tree: add it or use another", "class")
    if model.undo is not None and model.undo not in tables.services:
        yield entry.problem(f"`undo` names {model.undo}, which is no service: correct it", "undo")
    try:
        limit_of(model.limit, tables.known.calendars)
    except ValueError as error:
        yield entry.problem(str(error), "limit")
    if len(set(model.synonyms)) < len(model.synonyms):
        yield entry.problem("`synonyms` has a word twice: remove one", "synonyms")
    for test in model.applies:
        yield from examine_test(entry, test, "applies")
    yield from _service_promise(entry, tables)


def _service_promise(entry: Entry[ServiceEntry], tables: Tables) -> Iterator[Problem]:
    model = entry.model
    template = tables.known.templates.get(model.promise)
    if template is None:
        yield entry.problem(f"`promise` is {model.promise!r}, which is no template: name one", "promise")
        return
    if model.offline == "none" and template.model.offline.mode == "none" and not template.model.offline.instead:
        message = f"neither it nor {model.promise} can be had with the line down: name a promise that can"
        yield entry.problem(message, "promise")
    if template.model.verify > model.verify:
        message = (
            f"needs level {model.verify}, but `promise` {model.promise}, which stands in for it, level "
            f"{template.model.verify}: name a promise that needs no more, or raise `verify`"
        )
        yield entry.problem(message, "promise")
    if model.line == "any" or model.line not in LINE_KINDS:
        return
    for test in template.model.applies:
        kinds = test.args.get("kinds")
        if test.name == "line" and isinstance(kinds, list) and model.line not in kinds:
            message = (
                f"`promise` {model.promise} is for {listed(map(str, kinds))} only, not for {model.line}: name another"
            )
            yield entry.problem(message, "promise")


def _service_inputs(entry: Entry[ServiceEntry]) -> Iterator[Problem]:
    needs = entry.model.needs
    if len({need.id for need in needs}) < len(needs):
        yield entry.problem("`needs` asks for one thing twice: give each an id of its own", "needs")
    for need in needs:
        if (need.kind == "choice") != bool(need.choices):
            yield entry.problem(f"`needs` {need.id}: a choice has `choices`, and nothing else has them", "needs")
        elif need.choices and (len(need.choices) < 2 or len({c.id for c in need.choices}) < len(need.choices)):
            yield entry.problem(f"`needs` {need.id}: a choice has two or more `choices`, each once", "needs")


def _service_words(entry: Entry[ServiceEntry]) -> Iterator[Problem]:
    yield from spoken(entry, ("confirm",), entry.model.confirm)
    yield from spoken(entry, ("done",), entry.model.done)
    if "number" in _blanks(entry.model.confirm.zh):
        yield entry.problem("`confirm` has {number}, which exists only after the order: remove it", "confirm", "zh")
    if "number" not in _blanks(entry.model.done.zh):
        yield entry.problem("`done` doesn't say the order's number: add {number}", "done", "zh")
    yield from _service_later(entry)


def _service_later(entry: Entry[ServiceEntry]) -> Iterator[Problem]:
    """What may be ordered with the line down, to be done later, is said in words of its own (DOMAIN rule 12)."""
    offline, later = entry.model.offline, entry.model.later
    if (offline == "later") != (later is not None):
        what = "add `later`, what is said then" if later is None else "remove `later`"
        yield entry.problem(f"`offline` is {offline!r}: {what}", "offline" if later is None else "later")
    elif later is not None:
        yield from spoken(entry, ("later",), later)
        for blank in sorted({"due", "number"} - _blanks(later.zh)):
            yield entry.problem(f"`later` doesn't say {{{blank}}}: add it", "later", "zh")


def examine_services_down(entries: Entries) -> Iterator[Problem]:
    """What is said before such a service is read back: that it is noted now, and done by when."""
    for entry in entries.rules:
        words = entry.model.services_down
        if words is None:
            if any(service.model.offline == "later" for service in entries.services):
                yield entry.problem("services are ordered with the line down: add `services_down`, what is said first")
            continue
        yield from spoken(entry, ("services_down",), words)
        if "due" not in _blanks(words.zh):
            yield entry.problem("`services_down` doesn't say until when: add {due}", "services_down", "zh")


def _script(entry: Entry[ScriptEntry]) -> Iterator[Problem]:
    known = script_blanks()
    for place, line in enumerate(entry.model.lines):
        yield from spoken(entry, ("lines", place), line, known)
    if entry.model.offline is not None:
        yield from spoken(entry, ("offline",), entry.model.offline, known)


def _blanks(text: str) -> frozenset[str]:
    try:
        return blanks(text)
    except WordsError:
        return frozenset()  # told where it stands
