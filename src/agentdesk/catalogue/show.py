"""What `agentdesk catalogue show` and `check` print: lines for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from agentdesk.catalogue import compiled
from agentdesk.catalogue.sources import Problem
from agentdesk.domain.calendar import Limit
from agentdesk.domain.money import format_minor
from agentdesk.domain.policy import TIERS, Bilingual, Catalogue, Condition, Template
from agentdesk.domain.text import cells

SAMPLE = Bilingual(
    "样例政策：由运营商替换后再对客户承诺。",
    "Sample policy: to be replaced by the operator's own before anybody is promised anything.",
)

_UNITS = {"zh": (" 天", " 小时", " 分钟"), "en": (" d", " h", " min")}
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
_MONEY = {"cost": Bilingual("费用", "cost"), "credit": Bilingual("授信", "credit")}
_STATUTORY = Bilingual("无条件赔付，不分等级", "compensation by right, the same for all tiers")
_AT_MOST = Bilingual("上限", "at most")
_ONCE = Bilingual("每账期一次", "once a billing cycle")
_TOGETHER = Bilingual("与此合计", "together with")
_SIX = ("target", "measures", "owner", "time_limit", "supervision", "assessment")


class UnknownTemplate(LookupError):
    """No template has this code; the message says which have."""


def limit_text(limit: Limit, language: str = "zh") -> str:
    """Return a time limit in words, working time with its calendar: `36 h`, `2 h (field)`."""
    text = _amount(limit, language)
    return text if limit.unit == "natural" else f"{text} ({limit.calendar})"


def _amount(limit: Limit, language: str) -> str:
    names = _UNITS["zh" if language.startswith("zh") else "en"]
    # people say 36 hours and 90 minutes, but 5 days
    days, rest = divmod(limit.amount, 1440) if limit.unit == "natural" and limit.amount > 4320 else (0, limit.amount)
    hours, minutes = divmod(rest, 60) if rest > 90 or not rest % 60 else (0, rest)
    parts = [f"{n}{name}" for n, name in zip((days, hours, minutes), names, strict=True) if n]
    return " ".join(parts) or f"0{names[2]}"


def overview(catalogue: Catalogue, language: str = "zh") -> tuple[str, ...]:
    """Return one line for each template, by programme and group."""
    lines = [catalogue.version]
    if catalogue.sample:
        lines.append(SAMPLE.say(language))
    groups: dict[tuple[str, str], list[Template]] = {}
    for template in catalogue.templates.values():
        groups.setdefault((template.programme, template.group), []).append(template)
    for (programme_id, group), own in groups.items():
        programme = catalogue.programmes[programme_id]
        lines += ["", f"{programme.name.say(language)} / {programme.groups[group].say(language)}"]
        lines += _table([_row(template, catalogue, language) for template in own])
    return tuple(lines)


def details(catalogue: Catalogue, code: str, language: str = "zh") -> tuple[str, ...]:
    """Return all that a template says; raises UnknownTemplate."""
    template = _template(catalogue, code)
    rows = [(_LABELS[key].say(language), text) for key, text in _facts(template, catalogue, language)]
    return (f"{template.code}  {template.name.say(language)}", *_table(rows))


def as_json(catalogue: Catalogue, code: str | None = None) -> dict[str, Any]:
    """Return a template, or the whole catalogue without a code, as a JSON object; raises UnknownTemplate."""
    whole: dict[str, Any] = json.loads(compiled.dump(catalogue))
    content = whole["content"]
    if code is None:
        return {"version": catalogue.version, **content}
    found: dict[str, Any] = content["templates"][_template(catalogue, code).code]
    return {"version": catalogue.version, "sample": catalogue.sample, **found}


def check_lines(problems: Sequence[Problem], language: str = "zh") -> tuple[str, ...]:
    """Return what a check found, a line for each problem and one for all of them."""
    count = len(problems)
    if not count:
        return (Bilingual("目录检查通过", "the catalogue passes the check").say(language),)
    summary = Bilingual(f"{count} 处要改", f"{count} to put right" if count > 1 else "1 thing to put right")
    return (*map(str, problems), summary.say(language))


def check_json(problems: Iterable[Problem]) -> dict[str, Any]:
    """Return what a check found as a JSON object."""
    found = [{"file": p.file, "line": p.line, "message": p.message} for p in problems]
    return {"ok": not found, "problems": found}


def _template(catalogue: Catalogue, code: str) -> Template:
    try:
        return catalogue.templates[code.upper()]
    except KeyError:
        known = ", ".join(catalogue.templates)
        raise UnknownTemplate(f"no template has the code {code}: use one of {known}") from None


def _row(template: Template, catalogue: Catalogue, language: str) -> tuple[str, ...]:
    department = catalogue.departments[template.department].name.say(language)
    return template.code, template.name.say(language), f"v{template.verify}", _limits(template, language), department


def _limits(template: Template, language: str) -> str:
    """Return the limits by tier, with their calendar once: `2 h / 1 h / 30 min (daytime)`."""
    limits = [template.limits[tier] for tier in TIERS]
    calendars = {limit.calendar for limit in limits}
    shared = calendars.pop() if len(calendars) == 1 else ""
    texts = [_amount(limit, language) if shared else limit_text(limit, language) for limit in limits]
    text = " / ".join(texts[:1] if len(set(texts)) == 1 else texts)
    return f"{text} ({shared})" if shared else text


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
    yield "limits", _limits(template, language)
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


def condition_text(condition: Condition) -> str:
    """Return a condition as it stands in the file: `stopped reasons=arrears`."""
    args = (f"{name}={_argument(value)}" for name, value in condition.args.items())
    return " ".join((condition.name, *args))


def _argument(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{item}" for key, item in value.items())
    return str(value)


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


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows with their columns below each other, however wide the characters are."""
    widths = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
