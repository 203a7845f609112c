"""The check refuses each mistake in remedies, services, question flows and scripts, at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.catalogue.check import check, check_all
from agentdesk.catalogue.files import load
from tests.catalogue.small import FILES, mistake, write

REMEDIES = """\
[[remedy]]
code = "R101"
category = "gift"
source = "sample"
name = { zh = "通用流量", en = "Data" }
note = { zh = "网络差影响上网", en = "Poor network" }
unit = { zh = "GB", en = "GB" }
steps = [1, 2, 5]
unit_cost = 300
money = "cost"
ceilings = { standard = 500, vip = 900, diamond = 1500 }
stackable = true
not_with = ["R102"]
verify = 1
callers = ["owner"]
department = "billing"
limits = { standard = "60m", vip = "30m", diamond = "11m" }
applies = [{ is = "line", kinds = ["mobile"] }]
evidence = { zh = "受影响的日期", en = "The days affected" }
offline = "later"
tell = { zh = "送您 {amount} GB，最迟 {due} 到。", en = "{amount} GB by {due}." }
booked = "responsible"

[[remedy]]
code = "R102"
category = "compensation"
source = "article"
name = { zh = "法定赔付", en = "What the law gives" }
note = { zh = "超时按天赔", en = "Paid by the day" }
unit = { zh = "元", en = "yuan" }
steps = [1]
unit_cost = 100
money = "cost"
basis = "late_days"
args = { percent = 1 }
stackable = true
not_with = ["R101"]
verify = 2
callers = ["owner"]
department = "billing"
limits = "48h"
evidence = { zh = "超时的工单", en = "The late ticket" }
offline = "same"
tell = { zh = "赔您 {amount} 元，最迟 {due} 到账。", en = "{amount} yuan in your account by {due}." }
booked = "billing"
statutory = true
"""

SERVICES = """\
[[service]]
code = "SM01"
family = "mobile"
group = "stop"
line = "mobile"
name = { zh = "停机保号", en = "Suspend" }
note = { zh = "号码留着", en = "The number stays" }
synonyms = ["报停", "办停机"]
verify = 2
callers = ["owner"]
applies = [{ is = "active" }]
fee = 500
effective = "at_once"
limit = "13m"
needs = [
    { id = "reason", zh = "为什么停", en = "Why", kind = "choice", choices = [
        { id = "abroad", zh = "出国", en = "abroad" },
        { id = "unused", zh = "不用", en = "unused" },
    ] },
    { id = "until", zh = "停到哪天", en = "Until when", kind = "date" },
]
undo = "SM01"
class = "fault.mobile"
department = "billing"
promise = "T01"
offline = "none"
confirm = { zh = "停机保号，{line}，可以吗？", en = "Suspend {line}?" }
done = { zh = "停好了，单号 {number}。", en = "Done, number {number}." }
source = "sample"
"""

FLOWS = """\
[[flow]]
code = "Q101"
category = "signal"
group = "no_signal"
name = { zh = "没有信号", en = "No signal" }
synonyms = ["没信号"]
source = "sample"
start = "s1"

[[flow.step]]
id = "s1"
ask = { zh = "重启过手机吗？", en = "Did you restart it?" }
answers = [
    { key = 1, says = { zh = "重启过", en = "Yes" }, to = "s2" },
    { key = 2, says = { zh = "没有", en = "No" }, to = "e1" },
]

[[flow.step]]
id = "s2"
ask = { zh = "别人的手机有信号吗？", en = "Have others a signal?" }
answers = [
    { key = 1, says = { zh = "有", en = "They have" }, to = "e2" },
    { key = 2, says = { zh = "也没有", en = "Nor they" }, to = "e3" },
    { key = 3, says = { zh = "再说一遍", en = "Say it again" }, to = "s1" },
]

[[flow.end]]
id = "e1"
kind = "solved"
tell = { zh = "重启一下就好。", en = "Restart it." }

[[flow.end]]
id = "e2"
kind = "promise"
promise = "T01"
tell = { zh = "最迟 {due} 办好。", en = "Done by {due}." }

[[flow.end]]
id = "e3"
kind = "ticket"
class = "fault.mobile"
station = "expert"
tell = { zh = "专家 {due} 前回电。", en = "An expert rings by {due}." }
"""

SCRIPTS = """\
[[script]]
code = "S01"
name = { zh = "开头语", en = "Opening" }
when = { zh = "电话接起", en = "On answering" }
step = "accept"
source = "sample"
lines = [
    { zh = "您好，{agent} 号为您服务。", en = "Hello, number {agent}." },
    { zh = "您慢慢说。", en = "Take your time." },
]
avoid = { zh = "不说又是您", en = "Never: you again" }
"""

OWN = {
    "mobile.toml": FLOWS,
    "remedies.toml": REMEDIES,
    "scripts.toml": SCRIPTS,
    "services.toml": SERVICES,
}


def refused(root: Path, old: str, new: str, mark: str, message: str) -> None:
    """Spoil the small catalogue in one place and expect the problem at the mark's line."""
    assert sum(text.count(old) for text in OWN.values()) == 1, f"{old!r} must stand there once"
    files = {name: text.replace(old, new) for name, text in OWN.items()}

    problems = check(write(root, {**FILES, **files}))

    found = [(problem.file, problem.line) for problem in problems if message in problem.message]
    assert found, "\n".join(map(str, problems))
    name = next(name for name, text in files.items() if mark in text)
    assert found[0] == (name, files[name][: files[name].index(mark) + len(mark)].count("\n") + 1)


BROKEN_REMEDIES = [
    mistake("code", '"R101"\n', '"X101"\n', '"X101"\n'[:-1], "write it as a code such as R101"),
    mistake("category", '"gift"', '"present"', '"present"', "R101: `category`"),
    mistake(
        "department",
        'department = "billing"\nlimits = { s',
        'department = "nobody"\nlimits = { s',
        'department = "nobody"',
        "no department is called 'nobody'",
    ),
    mistake("booked", 'booked = "responsible"', 'booked = "nobody"', 'booked = "nobody"', "R101: `booked` is 'nobody'"),
    mistake(
        "not_with_nobody", 'not_with = ["R101"]', 'not_with = ["R109"]', '"R109"', "R109, which is no other remedy"
    ),
    mistake(
        "not_with_one_way", 'not_with = ["R101"]', "not_with = []", 'not_with = ["R102"]', "add R101 to its `not_with`"
    ),
    mistake("steps", "steps = [1, 2, 5]", "steps = [2, 1, 5]", "steps = [2", "`steps` go up"),
    mistake(
        "condition", '{ is = "line", kinds = ["mobile"] }', '{ is = "lime" }', '"lime"', "no condition is called 'lime'"
    ),
    mistake(
        "orders",
        '{ is = "line", kinds = ["mobile"] }',
        '{ is = "dropped_call" }',
        '"dropped_call"',
        "use it in `boosts`",
    ),
    mistake("clock", 'vip = "30m"', 'vip = "90m"', '"90m"', "vip waits longer than standard"),
    mistake("basis", 'basis = "late_days"', 'basis = "later_days"', '"later_days"', "no basis is called 'later_days'"),
    mistake("args", "args = { percent = 1 }", "args = { share = 1 }", "{ share", "has no argument `share`"),
    mistake("falling", "vip = 900", "vip = 400", "vip = 400", "`ceilings` falls from 500 for standard to 400 for vip"),
    mistake(
        "no_ceiling",
        "ceilings = { standard = 500, vip = 900, diamond = 1500 }\n",
        "",
        'unit_cost = 300\nmoney = "cost"',
        "add `ceilings`",
    ),
    mistake(
        "statutory_ceiling",
        "statutory = true",
        "statutory = true\nceilings = 100",
        "ceilings = 100",
        "remove `ceilings`",
    ),
    mistake(
        "statutory_tier",
        'evidence = { zh = "超时的工单"',
        'applies = [{ is = "tier", tiers = ["vip"] }]\nevidence = { zh = "超时的工单"',
        'tiers = ["vip"] }]',
        "remove the condition `tier`",
    ),
    mistake("no_deadline", "最迟 {due} 到账。", "很快到账。", "很快到账。", "`tell` doesn't say until when"),
    mistake("no_amount", "送您 {amount} GB，", "送您流量，", "送您流量，", "`tell` doesn't say how much"),
    mistake(
        "one_language", '"{amount} GB by {due}."', '"Data by {due}."', '"Data by', "has {amount} in one language only"
    ),
    mistake("unknown_blank", "最迟 {due} 到。", "最迟 {duo} 到。", "{duo}", "has an unknown blank {duo}"),
    mistake(
        "translation", 'en = "Poor network"', 'en = "网络差"', '"网络差"', "is not translated: write it in English"
    ),
    mistake(
        "chinese",
        'zh = "网络差影响上网"',
        'zh = "Poor network all day long"',
        '"Poor network all',
        "is not translated: write it in Chinese",
    ),
]

BROKEN_SERVICES = [
    mistake("code", 'code = "SM01"', 'code = "SF01"', 'code = "SF01"', "has a code that begins with SM"),
    mistake(
        "no_later",
        'offline = "none"\nconfirm = { zh = "停机保号',
        'offline = "later"\nconfirm = { zh = "停机保号',
        'promise = "T01"\noffline = "later"',
        "`offline` is 'later': add `later`",
    ),
    mistake(
        "later_without_need",
        'done = { zh = "停好了，单号 {number}。", en = "Done, number {number}." }',
        'done = { zh = "停好了，单号 {number}。", en = "Done, number {number}." }\n'
        'later = { zh = "记下了，单号 {number}，{due} 前停。", en = "Noted, number {number}, by {due}." }',
        "later = {",
        "`offline` is 'none': remove `later`",
    ),
    mistake(
        "later_says_no_time",
        'offline = "none"\nconfirm = { zh = "停机保号',
        'offline = "later"\nlater = { zh = "记下了，单号 {number}。", en = "Noted, {number}." }\n'
        'confirm = { zh = "停机保号',
        'later = { zh = "记下',
        "`later` doesn't say {due}: add it",
    ),
    mistake("line", 'line = "mobile"', 'line = "iptv"', 'line = "iptv"', "a mobile service is for any, mobile"),
    mistake("class", 'class = "fault.mobile"\ndep', 'class = "fault.tv"\ndep', '"fault.tv"', "isn't in the tree"),
    mistake("undo", 'undo = "SM01"', 'undo = "SM09"', '"SM09"', "which is no service"),
    mistake("limit", '"13m"', '"13m nowhere"', '"13m nowhere"', "no calendar is called 'nowhere'"),
    mistake("synonyms", '["报停", "办停机"]', '["报停", "报停"]', '"报停"]', "has a word twice"),
    mistake(
        "stricter_promise",
        'verify = 2\ncallers = ["owner"]\napplies = [{ is = "active" }]\nfee',
        'verify = 1\ncallers = ["owner"]\napplies = [{ is = "active" }]\nfee',
        'department = "billing"\npromise = "T01"',
        "T01, which stands in for it, level 2",
    ),
    mistake("promise", 'promise = "T01"\noff', 'promise = "T09"\noff', '"T09"', "which is no template"),
    mistake(
        "choices", '"Until when", kind = "date"', '"Until when", kind = "choice"', "needs = [", "a choice has `choices`"
    ),
    mistake("one_choice", '        { id = "unused", zh = "不用", en = "unused" },\n', "", "needs = [", "two or more"),
    mistake("needs_twice", '{ id = "until"', '{ id = "reason"', "needs = [", "asks for one thing twice"),
    mistake(
        "number_early",
        "停机保号，{line}，",
        "单号 {number}，{line}，",
        "单号 {number}，{line}",
        "exists only after the order",
    ),
    mistake("no_number", "停好了，单号 {number}。", "停好了。", "停好了。", "doesn't say the order's number"),
    mistake(
        "word_for_word",
        'done = { zh = "停好了，单号 {number}。"',
        'done = { zh = "停机保号，{line}，可以吗？{number}"',
        "可以吗？{number}",
        "in one language only",
    ),
]

BROKEN_FLOWS = [
    mistake("start", 'start = "s1"', 'start = "s9"', 'start = "s9"', "which is no step"),
    mistake("id_twice", 'id = "s2"', 'id = "s1"', 'to = "e1" },\n]\n\n[[flow.step]]\nid = "s1"', "s1 is there twice"),
    mistake(
        "keys",
        '{ key = 2, says = { zh = "没有"',
        '{ key = 3, says = { zh = "没有"',
        '"Did you restart it?" }\nanswers',
        "number the answers 1, 2, 3 in order",
    ),
    mistake(
        "key_range",
        '{ key = 2, says = { zh = "没有"',
        '{ key = 12, says = { zh = "没有"',
        "key = 12",
        "less than or equal to 9",
    ),
    mistake(
        "nowhere",
        'en = "No" }, to = "e1"',
        'en = "No" }, to = "e9"',
        '"Did you restart it?" }\nanswers',
        "there is no 'e9'",
    ),
    mistake("unreached_end", 'en = "No" }, to = "e1"', 'en = "No" }, to = "e2"', 'id = "e1"', "no answer leads to e1"),
    mistake(
        "unreached_step",
        '"重启过", en = "Yes" }, to = "s2"',
        '"重启过", en = "Yes" }, to = "e2"',
        'id = "s2"',
        "no answer leads to s2",
    ),
    mistake(
        "one_answer",
        '    { key = 2, says = { zh = "没有", en = "No" }, to = "e1" },\n',
        "",
        '"Did you restart it?" }\nanswers',
        "has one answer",
    ),
    mistake(
        "same_words",
        'zh = "没有"',
        'zh = "重启过"',
        '"Did you restart it?" }\nanswers',
        "two answers of the same words",
    ),
    mistake("no_promise", 'promise = "T01"\ntell', "tell", 'kind = "promise"', "end e2 is a promise: add `promise`"),
    mistake("unknown_promise", 'promise = "T01"\ntell', 'promise = "T07"\ntell', '"T07"', "T07, which is no template"),
    mistake(
        "class",
        'class = "fault.mobile"\nstation',
        'class = "fault.tv"\nstation',
        '"fault.tv"',
        "no symptom of the tree",
    ),
    mistake("station", 'station = "expert"', 'station = "moon"', '"moon"', "moon is no station"),
    mistake(
        "not_its_own",
        'kind = "solved"',
        'kind = "solved"\npromise = "T01"',
        'kind = "solved"\npromise = "T01"',
        "is solved: remove `promise`",
    ),
    mistake("transfer", 'kind = "solved"', 'kind = "transfer"\nto = "moon"', '"moon"', "nobody is called moon"),
    mistake("no_deadline", "最迟 {due} 办好。", "很快办好。", 'tell = { zh = "很快办好。', "doesn't say until when"),
    mistake(
        "empty_deadline",
        '"重启一下就好。", en = "Restart it."',
        '"{due} 前会好。", en = "Well by {due}."',
        "前会好。",
        "promises nothing",
    ),
]


@pytest.mark.parametrize(("old", "new", "mark", "message"), [*BROKEN_REMEDIES, *BROKEN_SERVICES, *BROKEN_FLOWS])
def test_each_mistake_is_refused_at_its_line(tmp_path: Path, old: str, new: str, mark: str, message: str) -> None:
    refused(tmp_path, old, new, mark, message)


def test_the_small_knowledge_itself_passes(tmp_path: Path) -> None:
    folder = write(tmp_path, {**FILES, **OWN})

    assert check(folder) == ()
    catalogue = load(folder)
    tables = (catalogue.remedies, catalogue.services, catalogue.flows, catalogue.scripts)
    assert [list(table) for table in tables] == [["R101", "R102"], ["SM01"], ["Q101"], ["S01"]]


def test_steps_from_which_no_end_can_be_reached_are_refused(tmp_path: Path) -> None:
    trap = FLOWS.replace('to = "e1"', 'to = "s2"').replace('to = "e2"', 'to = "s1"').replace('to = "e3"', 'to = "s1"')
    problems = [str(problem) for problem in check(write(tmp_path, {**FILES, "mobile.toml": trap}))]

    assert any("from step s1 no end can be reached" in problem for problem in problems)
    assert any("from step s2 no end can be reached" in problem for problem in problems)


def test_a_promise_for_another_kind_of_line_is_no_end_of_a_flow(tmp_path: Path) -> None:
    problems = check(write(tmp_path, {**FILES, "signal-fixed.toml": FLOWS}))

    assert any("name a promise that this caller's line can be given" in problem.message for problem in problems)


def test_words_of_another_entry_are_refused_and_so_are_those_with_a_changed_noun(tmp_path: Path) -> None:
    second = REMEDIES.replace("R101", "R103").replace("R102", "R104").replace("法定赔付", "另一赔付")
    second = second.replace("通用流量", "定向流量").replace(
        "网络差影响上网", "昨天晚上家里的网络一直很差，影响了孩子在线上课和大人的远程办公"
    )
    first = {
        "remedies.toml": REMEDIES.replace(
            "网络差影响上网", "昨天晚上家里的网络一直很差，影响了老人在线上课和大人的远程办公"
        )
    }
    problems = check(write(tmp_path, {**FILES, **first, "zz.toml": second}))
    said = [f"{problem.file}:{problem.line} {problem.message}" for problem in problems]

    assert any(line.startswith("zz.toml:") and "is word for word `tell` of R101" in line for line in said)
    assert any(line.startswith("zz.toml:6 R103: `note` is `note` of R101") for line in said)
    # it harms nobody before it is published
    assert load(tmp_path).remedies.keys() == {"R101", "R102", "R103", "R104"}


def test_a_commitment_that_nothing_leads_to_is_a_warning(tmp_path: Path) -> None:
    found = check_all(write(tmp_path, FILES))

    assert found.problems == ()
    assert [warning.message.partition(":")[0] for warning in found.warnings] == ["T02"]
    assert found.counts["templates"] == 2
    assert found.counts["line down: none"] == 1
