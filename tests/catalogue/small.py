"""A small catalogue that passes the check, to be spoilt in one place at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.catalogue.check import check

POLICY = """\
[catalogue]
label = "small-1"
sample = true

[[programme]]
id = "own"
name = { zh = "自有承诺", en = "Own" }
groups.first = { zh = "第一组", en = "First" }

[[tier]]
id = "standard"
name = { zh = "普通", en = "Standard" }
mark = "--"
quick_limit = 3000
customer_90_days = 10000

[[tier]]
id = "vip"
name = { zh = "VIP", en = "VIP" }
mark = "++"
quick_limit = 5000
customer_90_days = 20000

[[tier]]
id = "diamond"
name = { zh = "钻石", en = "Diamond" }
mark = "<>"
quick_limit = 9000
customer_90_days = 50000

[[card]]
id = "gold"
name = { zh = "金卡", en = "Gold" }
tier = "vip"

[[role]]
id = "agent"
name = { zh = "客服代表", en = "Agent" }
rank = 10
cost_limit = { standard = 5000, vip = 10000, diamond = 20000 }

[[role]]
id = "leader"
name = { zh = "班长", en = "Leader" }
rank = 30
approves = true
cost_limit = { standard = 30000, vip = 50000, diamond = 90000 }

[[calendar]]
id = "always"
every_day = ["00:00-24:00"]

[[calendar]]
id = "office"
weekdays = ["08:30-12:00", "13:30-18:00"]

[[department]]
id = "billing"
name = { zh = "计费中心", en = "Billing" }
calendar = "office"

[[ticket]]
kind = "fault"
limits = { standard = "36h", vip = "24h", diamond = "12h" }
law = "48h"

[[station]]
station = "expert"
limits = { standard = "2h office", vip = "1h office", diamond = "30m office" }

[[station]]
station = "department_reply"
before_due = "4h"

[[class]]
code = "fault"
name = { zh = "障碍", en = "Fault" }

[[class]]
code = "fault.mobile"
name = { zh = "移动网络", en = "Mobile network" }
department = "billing"

[rules]
repeat_days = { fault = 7 }
quiet_hours = "21:00-08:00"
"""

TEMPLATES = """\
[[template]]
code = "T01"
programme = "own"
group = "first"
source = "sample"
name.zh = "信用开机"
name.en = "Power-on"
note.zh = "先开后补"
note.en = "On now, paid later"
verify = 2
applies = [
    { is = "line", kinds = ["mobile"] },
    { is = "arrears", at_least = 1, at_most = { standard = 10000 } },
]
limits = { standard = "20m", vip = "10m", diamond = "10m" }
law = "24h"
department = "billing"
boosts = [{ points = 60, is = "stopped", reasons = ["arrears"] }]
money.kind = "credit"
money.basis = "arrears_cover"
money.args = { step = 10000 }
money.ceilings = { standard = 10000, vip = 20000, diamond = 30000 }
once_per = "cycle"
once_with = ["T02"]
days = 3
ask.zh = "授信 {amount} 元，{days} 天内补交，可以吗？"
ask.en = "A credit of {amount} yuan for {days} days. All right?"
tell.zh = "单号 {number}，最迟 {due} 开机，授信 {amount} 元。"
tell.en = "Number {number}, on by {due}, a credit of {amount} yuan."
offline.mode = "later"
offline.limit = "4h"
offline.ask.zh = "系统恢复后授信 {amount} 元，可以吗？"
offline.ask.en = "A credit of {amount} yuan once the system is back. All right?"
offline.tell.zh = "已记下，最迟 {due} 开机，授信 {amount} 元。"
offline.tell.en = "Noted, on by {due}, a credit of {amount} yuan."
six.target.zh = "十分钟内开机"
six.target.en = "On within ten minutes"
six.measures.zh = "自动授信"
six.measures.en = "Credit by itself"
six.owner.zh = "信控组长"
six.owner.en = "Credit leader"
six.time_limit.zh = "十分钟"
six.time_limit.en = "Ten minutes"
six.supervision.zh = "每天核对"
six.supervision.en = "Compared daily"
six.assessment.zh = "超时扣分"
six.assessment.en = "Late costs points"

[[template]]
code = "T02"
programme = "own"
group = "first"
source = "sample"
name.zh = "障碍赔付"
name.en = "Compensation"
note.zh = "修不好就赔"
note.en = "Paid if not mended"
verify = 0
limits = "24h"
department = "billing"
money.kind = "cost"
money.basis = "fixed"
money.args = { amount = 500 }
money.statutory = true
once_per = "cycle"
once_with = ["T01"]
ask.zh = "赔付 {amount} 元，可以吗？"
ask.en = "We pay {amount} yuan. All right?"
tell.zh = "最迟 {due} 赔付 {amount} 元。"
tell.en = "{amount} yuan by {due}."
offline.mode = "none"
offline.instead = "T01"
six.target.zh = "全部赔付"
six.target.en = "All are paid"
six.measures.zh = "自动赔付"
six.measures.en = "Paid by itself"
six.owner.zh = "维护主管"
six.owner.en = "Head of maintenance"
six.time_limit.zh = "一天"
six.time_limit.en = "A day"
six.supervision.zh = "每周抽查"
six.supervision.en = "Looked at weekly"
six.assessment.zh = "计入成本"
six.assessment.en = "Booked as cost"
"""

FILES = {"policy.toml": POLICY, "templates.toml": TEMPLATES}


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder, which is returned."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def mistake(name: str, old: str, new: str, mark: str, message: str) -> object:
    """A mistake: what stands in place of what, a text at whose end the problem must point, and what it must say.

    Without a mark the problem belongs to no file.
    """
    return pytest.param(old, new, mark, message, id=name)


def assert_refused(root: Path, old: str, new: str, mark: str, message: str) -> None:
    """Spoil the small catalogue in one place and expect the problem."""
    assert sum(text.count(old) for text in FILES.values()) == 1, f"{old!r} must stand in the small catalogue once"
    files = {name: text.replace(old, new) for name, text in FILES.items()}

    problems = check(write(root, files))

    found = [(problem.file, problem.line) for problem in problems if message in problem.message]
    assert found, "\n".join(map(str, problems))
    assert found[0] == _place(files, mark)


def _place(files: dict[str, str], mark: str) -> tuple[str, int]:
    if not mark:
        return ".", 1
    name = next(name for name, text in files.items() if mark in text)
    text = files[name]
    return name, text[: text.index(mark) + len(mark)].count("\n") + 1
