"""What `agentdesk catalogue show` and `check` print: lines for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from agentdesk.catalogue import compiled, show_knowledge
from agentdesk.catalogue.show_parts import condition_text, limit_text, limits_text, rows
from agentdesk.catalogue.sources import Problem
from agentdesk.domain.finance.money import format_minor
from agentdesk.domain.policy import TIERS, Bilingual, Catalogue, Condition, Template

if TYPE_CHECKING:
    from agentdesk.catalogue.check import Checked

SAMPLE = Bilingual(
    "样例政策：由运营商替换后再对客户承诺。",
    "Sample policy: to be replaced by the operator's own before anybody is promised anything.",
)

_OFFLINE = {
    "same": Bilingual("照常", "the same"),
    "later": Bilingual("另有说法，最迟", "in other words, at the latest in"),
    "none": Bilingual("不承诺，改为", "not promised, instead"),
}
_LABELS = {
    "note": Bilingual("说明", "Note"),
    "programme": Bilingual("所属", "Belongs to"),
    "source": Bilingual("来源", "Source"),
    "verify": Bilingual("核验级别", "Verification level"),
    "applies": Bilingual("适用条件", "Applies when"),
    "callers": Bilingual("来电人", "Callers"),
    "limits": Bilingual("处理时限", "Time limit"),
    "also": Bilingual("中间时限", "Interim limit"),
    "law": Bilingual("法定时限", "Limit by law"),
    "department": Bilingual("责任部门", "Department"),
    "money": Bilingual("金额", "Money"),
    "once": Bilingual("次数", "How often"),
    "ask": Bilingual("征询", "Ask"),
    "tell": Bilingual("告知", "Tell"),
    "offline": Bilingual("断网时", "Line down"),
    "closing": Bilingual("结案", "Ends by"),
    "target": Bilingual("目标", "Target"),
    "measures": Bilingual("措施", "Measures"),
    "owner": Bilingual("责任人", "Owner"),
    "time_limit": Bilingual("时限", "Limit"),
    "supervision": Bilingual("督促检查", "Supervision"),
    "assessment": Bilingual("考核评估", "Assessment"),
}
_SOURCES = {"article": Bilingual("公开承诺", "published"), "sample": Bilingual("样例", "sample")}
_CLOSINGS = {"call": Bilingual("回访", "a follow-up call"), "proof": Bilingual("系统凭证", "the system's proof")}
_MONEY = {
    "cost": Bilingual("费用", "cost"),
    "credit": Bilingual("授信", "credit"),
    "refund": Bilingual("退还客户的钱", "the customer's own money"),
}
_STATUTORY = Bilingual("无条件赔付，不分等级", "compensation by right, the same for all tiers")
_AT_MOST = Bilingual("上限", "at most")
_WARNING = Bilingual("提醒", "a warning")
_ONCE = Bilingual("每账期一次", "once a billing cycle")
_TOGETHER = Bilingual("与此合计", "together with")
_SIX = ("target", "measures", "owner", "time_limit", "supervision", "assessment")


class UnknownTemplate(LookupError):
    """Nothing has this code; the message says which are near."""


def overview(
    catalogue: Catalogue, language: str = "zh", signed_off_by: str | None = None, signed_off_at: int | None = None
) -> tuple[str, ...]:
    """Return one line for each template, by programme and group, below the version and who signed it off."""
    lines = [catalogue.version]
    if signed_off_by:
        moment = datetime.fromtimestamp((signed_off_at or 0) / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        words = Bilingual(f"{signed_off_by} 于 {moment} 签发", f"signed off by {signed_off_by}, {moment}")
        lines.append(words.say(language))
    if catalogue.sample:
        lines.append(SAMPLE.say(language))
    groups: dict[tuple[str, str], list[Template]] = {}
    for template in catalogue.templates.values():
        groups.setdefault((template.programme, template.group), []).append(template)
    for (programme_id, group), own in groups.items():
        programme = catalogue.programmes[programme_id]
        lines += ["", f"{programme.name.say(language)} / {programme.groups[group].say(language)}"]
        lines += rows([_row(template, catalogue, language) for template in own])
    counts = {name: len(getattr(catalogue, name)) for name in show_knowledge.TABLES}
    if any(counts.values()):
        lines += ["", ", ".join(f"{name} {count}" for name, count in counts.items())]
    return tuple(lines)


def details(catalogue: Catalogue, code: str, language: str = "zh") -> tuple[str, ...]:
    """Return all that an entry says, or the list of a table such as `remedies`; raises UnknownTemplate."""
    if code in show_knowledge.TABLES:
        return show_knowledge.listed(catalogue, code, language)
    template = catalogue.templates.get(code.upper())
    if template is None:
        found = show_knowledge.details(catalogue, code.upper(), language)
        if found is None:
            raise _unknown(catalogue, code)
        return found
    facts = [(_LABELS[key].say(language), text) for key, text in _facts(template, catalogue, language)]
    return (f"{template.code}  {template.name.say(language)}", *rows(facts))


def as_json(catalogue: Catalogue, code: str | None = None) -> dict[str, Any]:
    """Return an entry, a table, or the whole catalogue without a code, as a JSON object; raises UnknownTemplate."""
    whole: dict[str, Any] = json.loads(compiled.dump(catalogue))
    content = whole["content"]
    if code is None:
        return {"version": catalogue.version, **content}
    head = {"version": catalogue.version, "sample": catalogue.sample}
    if code in show_knowledge.TABLES:
        return {**head, code: content[code]}
    for table in ("templates", *show_knowledge.TABLES):
        if code.upper() in content[table]:
            return {**head, **content[table][code.upper()]}
    raise _unknown(catalogue, code)


def check_lines(found: Checked, language: str = "zh") -> tuple[str, ...]:
    """Return what a check found: a line for each problem and warning, what there is, and one line for all of it."""
    count = len(found.problems)
    warned = tuple(f"{warning} ({_WARNING.say(language)})" for warning in found.warnings)
    counts = (", ".join(f"{name} {n}" for name, n in found.counts.items()),) if found.counts else ()
    if not count:
        return (*warned, *counts, Bilingual("目录检查通过", "the catalogue passes the check").say(language))
    summary = Bilingual(f"{count} 处要改", f"{count} to put right" if count > 1 else "1 thing to put right")
    return (*map(str, found.problems), *warned, summary.say(language))


def check_json(found: Checked) -> dict[str, Any]:
    """Return what a check found as a JSON object."""
    return {
        "ok": not found.problems,
        "problems": [_problem_json(problem) for problem in found.problems],
        "warnings": [_problem_json(problem) for problem in found.warnings],
        "counts": dict(found.counts),
    }


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "message": problem.message}


def _unknown(catalogue: Catalogue, code: str) -> UnknownTemplate:
    tables = (catalogue.templates, catalogue.remedies, catalogue.services, catalogue.flows, catalogue.scripts)
    known = [name for table in tables for name in table]
    # a slip of the finger is likelier than a code of another operator's
    near = get_close_matches(code.upper(), known, 5, 0.5) or known[:5]
    more = "`agentdesk catalogue show` lists them all"
    return UnknownTemplate(f"nothing in the catalogue has the code {code}: did you mean {', '.join(near)}? {more}")


def _row(template: Template, catalogue: Catalogue, language: str) -> tuple[str, ...]:
    department = catalogue.departments[template.department].name.say(language)
    return (
        template.code,
        template.name.say(language),
        f"v{template.verify}",
        limits_text(template.limits, language),
        department,
    )


def _facts(template: Template, catalogue: Catalogue, language: str) -> Iterator[tuple[str, str]]:
    programme = catalogue.programmes[template.programme]
    yield "note", template.note.say(language)
    yield "programme", f"{programme.name.say(language)} / {programme.groups[template.group].say(language)}"
    yield "source", _SOURCES[template.source].say(language)
    yield "verify", str(template.verify)
    for condition in template.applies:
        yield "applies", condition_text(condition)
    if template.callers:
        yield "callers", ", ".join(template.callers)
    yield "limits", limits_text(template.limits, language)
    if template.also:
        name, later = template.also.name.say(language), template.also.later
        more = f" ({_LABELS['offline'].say(language)} {limit_text(later, language)})" if later else ""
        yield "also", f"{name} {limits_text(template.also.limits, language)}{more}"
    if template.law:
        yield "law", limit_text(template.law, language)
    yield "department", catalogue.departments[template.department].name.say(language)
    if template.money:
        yield "money", _money_text(template, language)
    if template.once_per:
        more = f" ({_TOGETHER.say(language)} {', '.join(template.once_with)})" if template.once_with else ""
        yield "once", _ONCE.say(language) + more
    yield "ask", template.ask.say(language)
    yield "tell", template.tell.say(language)
    yield from _offline_facts(template, language)
    yield "closing", _CLOSINGS[template.closing].say(language)
    for name in _SIX:
        text: Bilingual = getattr(template.six, name)
        yield name, text.say(language)


def _money_text(template: Template, language: str) -> str:
    money = template.money
    assert money is not None
    text = f"{_MONEY[money.kind].say(language)}, {condition_text(Condition(money.basis, money.args))}"
    if money.statutory:
        return f"{text}; {_STATUTORY.say(language)}"
    if money.ceilings:
        most = " / ".join(format_minor(money.ceilings[tier], lang=language) for tier in TIERS)
        return f"{text}; {_AT_MOST.say(language)} {most}"
    return text


def _offline_facts(template: Template, language: str) -> Iterator[tuple[str, str]]:
    offline = template.offline
    text = _OFFLINE[offline.mode].say(language)
    if offline.limit:
        text = f"{text} {limit_text(offline.limit, language)}"
    yield "offline", f"{text} {offline.instead}" if offline.instead else text
    if offline.ask:
        yield "ask", offline.ask.say(language)
    if offline.tell:
        yield "tell", offline.tell.say(language)
