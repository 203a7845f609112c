"""What `agentdesk catalogue show` prints of remedies, services, question flows and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from agentdesk.catalogue.show_parts import condition_text, limit_text, limits_text, rows
from agentdesk.domain.finance.money import format_minor
from agentdesk.domain.policy import TIERS, Bilingual, Catalogue, Flow, FlowEnd, Remedy, Script, Service

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS = {
    "note": Bilingual("说明", "Note"),
    "category": Bilingual("类别", "Category"),
    "source": Bilingual("来源", "Source"),
    "verify": Bilingual("核验级别", "Verification level"),
    "applies": Bilingual("适用条件", "Applies when"),
    "callers": Bilingual("来电人", "Callers"),
    "limits": Bilingual("处理时限", "Time limit"),
    "department": Bilingual("责任部门", "Department"),
    "steps": Bilingual("可选数量", "Sizes"),
    "cost": Bilingual("单位成本", "Cost of one"),
    "money": Bilingual("金额", "Money"),
    "ceilings": Bilingual("上限", "At most"),
    "booked": Bilingual("记入", "Booked to"),
    "not_with": Bilingual("不同时给", "Not with"),
    "stackable": Bilingual("可叠加", "Stackable"),
    "evidence": Bilingual("凭据", "Evidence"),
    "tell": Bilingual("告知", "Tell"),
    "offline": Bilingual("断网时", "Line down"),
    "line": Bilingual("线路", "Line"),
    "synonyms": Bilingual("又叫", "Also called"),
    "fee": Bilingual("费用", "Fee"),
    "effective": Bilingual("生效", "In force"),
    "needs": Bilingual("要问", "To ask"),
    "undo": Bilingual("撤销用", "Taken back by"),
    "class": Bilingual("分类", "Class"),
    "promise": Bilingual("承诺", "Promise"),
    "confirm": Bilingual("复述确认", "Read back"),
    "done": Bilingual("办完说", "Say when done"),
    "law": Bilingual("规定", "Law"),
    "when": Bilingual("何时说", "When"),
    "step": Bilingual("步骤", "Step"),
    "say": Bilingual("怎么说", "Say"),
    "avoid": Bilingual("不要说", "Avoid"),
}
_SAME = Bilingual("（见上）", "(see above)")

Fact = tuple[str, str]


def details(catalogue: Catalogue, code: str, language: str) -> tuple[str, ...] | None:
    """Return all that an entry says; None if it is none of these."""
    for table, shown in _SHOWN.items():
        entry = getattr(catalogue, table).get(code)
        if entry is not None:
            lines = shown(entry, catalogue, language)
            return (f"{entry.code}  {entry.name.say(language)}", *lines)
    return None


def listed(catalogue: Catalogue, table: str, language: str) -> tuple[str, ...]:
    """Return one line for each entry of `remedies`, `services`, `flows` or `scripts`."""
    found = []
    for entry in getattr(catalogue, table).values():
        group = getattr(entry, "group", None) or getattr(entry, "category", None) or getattr(entry, "step", "")
        found.append((str(entry.code), str(entry.name.say(language)), str(group)))
    return tuple(rows(found)) if found else ()


def _labelled(facts: Iterator[Fact], language: str) -> tuple[str, ...]:
    return tuple(rows([(_LABELS[key].say(language), text) for key, text in facts]))


def _remedy(remedy: Remedy, catalogue: Catalogue, language: str) -> tuple[str, ...]:
    return _labelled(_remedy_facts(remedy, catalogue, language), language)


def _remedy_facts(remedy: Remedy, catalogue: Catalogue, language: str) -> Iterator[Fact]:
    yield "note", remedy.note.say(language)
    yield "category", remedy.category
    yield "source", remedy.source
    yield "verify", str(remedy.verify)
    yield from (("applies", condition_text(condition)) for condition in remedy.applies)
    yield "callers", ", ".join(remedy.callers)
    yield "steps", f"{', '.join(map(str, remedy.steps))} {remedy.unit.say(language)}"
    yield "cost", format_minor(remedy.unit_cost, lang=language)
    yield "money", f"{remedy.money} {remedy.basis}" if remedy.basis else remedy.money
    if remedy.ceilings:
        yield "ceilings", " / ".join(format_minor(remedy.ceilings[tier], lang=language) for tier in TIERS)
    yield "booked", _department(catalogue, remedy.booked, language)
    yield "stackable", str(remedy.stackable).lower()
    if remedy.not_with:
        yield "not_with", ", ".join(remedy.not_with)
    yield "limits", limits_text(remedy.limits, language)
    yield "department", _department(catalogue, remedy.department, language)
    yield "evidence", remedy.evidence.say(language)
    yield "tell", remedy.tell.say(language)
    yield "offline", remedy.offline


def _service(service: Service, catalogue: Catalogue, language: str) -> tuple[str, ...]:
    return _labelled(_service_facts(service, catalogue, language), language)


def _service_facts(service: Service, catalogue: Catalogue, language: str) -> Iterator[Fact]:
    yield "note", service.note.say(language)
    yield "category", f"{service.family} / {service.group}"
    yield "line", service.line
    yield "synonyms", ", ".join(service.synonyms)
    yield "verify", str(service.verify)
    yield from (("applies", condition_text(condition)) for condition in service.applies)
    yield "callers", ", ".join(service.callers)
    fee = format_minor(service.fee, lang=language)
    yield "fee", f"{fee}; {service.fee_note.say(language)}" if service.fee_note else fee
    yield "effective", f"{service.effective}, {limit_text(service.limit, language)}"
    for need in service.needs:
        choices = ", ".join(choice.name.say(language) for choice in need.choices)
        yield "needs", f"{need.name.say(language)} ({choices or need.kind})"
    if service.undo:
        yield "undo", service.undo
    yield "class", service.class_code
    yield "department", _department(catalogue, service.department, language)
    yield "promise", service.promise
    yield "offline", service.later.say(language) if service.later else service.offline
    yield "confirm", service.confirm.say(language)
    yield "done", service.done.say(language)
    if service.law:
        yield "law", service.law.say(language)


def _script(script: Script, _catalogue: Catalogue, language: str) -> tuple[str, ...]:
    facts = [("when", script.when.say(language)), ("step", script.step)]
    facts += [("say", line.say(language)) for line in script.lines]
    facts.append(("avoid", script.avoid.say(language)))
    if script.offline:
        facts.append(("offline", script.offline.say(language)))
    return _labelled(iter(facts), language)


def _flow(flow: Flow, _catalogue: Catalogue, language: str) -> tuple[str, ...]:
    """Return a flow as a tree: what comes again is shown where it came first."""
    head = [f"{flow.category} / {flow.group}", ", ".join(flow.synonyms)]
    shown: set[str] = set()
    return (*head, "", *_branch(flow, flow.start, "", language, shown))


def _branch(flow: Flow, place: str, indent: str, language: str, shown: set[str]) -> Iterator[str]:
    end = flow.ends.get(place)
    if end is not None:
        yield f"{indent}= {place} {_end_text(end)}: {end.tell.say(language)}"
        return
    step = flow.steps[place]
    if place in shown:
        yield f"{indent}{place} {_SAME.say(language)}"
        return
    shown.add(place)
    yield f"{indent}{place} {step.ask.say(language)}"
    if step.hint:
        yield f"{indent}   ({step.hint.say(language)})"
    for answer in step.answers:
        yield f"{indent}  {answer.key} {answer.says.say(language)}"
        yield from _branch(flow, answer.to, f"{indent}      ", language, shown)


def _end_text(end: FlowEnd) -> str:
    more = (end.promise, end.class_code, end.station, end.to)
    return " ".join((end.kind, *(text for text in more if text)))


def _department(catalogue: Catalogue, code: str, language: str) -> str:
    known = catalogue.departments.get(code)
    return known.name.say(language) if known else code


_SHOWN: Mapping[str, Callable[..., Sequence[str]]] = {
    "remedies": _remedy,
    "services": _service,
    "flows": _flow,
    "scripts": _script,
}
TABLES = tuple(_SHOWN)
"""The tables that can be listed beside the commitments."""
