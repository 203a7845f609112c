"""The check refuses each mistake in the policy, at its line, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.catalogue.check import check
from agentdesk.catalogue.files import load
from agentdesk.catalogue.sources import CatalogueError
from tests.catalogue.small import FILES, POLICY, TEMPLATES, assert_refused, mistake, write

SHAPE = [
    mistake(
        "duplicate_code",
        'code = "T02"',
        'code = "T01"',
        'costs points"\n\n[[template]]\ncode = "T01"',
        "T01: is there already, in templates.toml:2",
    ),
    mistake(
        "duplicate_role",
        'id = "leader"',
        'id = "agent"',
        'diamond = 20000 }\n\n[[role]]\nid = "agent"',
        "agent: is there already, in policy.toml:37",
    ),
    mistake(
        "code", 'code = "T02"', 'code = "t-2"', 'code = "t-2"', "t-2: `code` is 't-2': write it as a code such as U04"
    ),
    mistake(
        "unknown_key",
        "verify = 2",
        "verify = 2\nverfiy = 2",
        "verfiy = 2",
        "T01: `verfiy` is not known here: remove it or correct its spelling",
    ),
    mistake("unknown_table", "[rules]", "[rule]", "[rule]", "[rule] is no table of a catalogue: use one of calendar"),
    mistake("array_or_table", "[rules]", "[[rules]]", "[[rules]]", "write this table as [rules]"),
    mistake(
        "verify", "verify = 2", "verify = 4", "verify = 4", "T01: `verify`: input should be less than or equal to 3"
    ),
    mistake(
        "class_kind",
        'code = "fault.mobile"',
        'code = "falut.mobile"',
        'code = "falut.mobile"',
        "falut.mobile: begins with no kind of ticket: use one of complaint",
    ),
    mistake(
        "class_parent",
        'code = "fault.mobile"',
        'code = "fault.fixed.dead"',
        'code = "fault.fixed.dead"',
        "fault.fixed.dead: has no class above it: add fault.fixed",
    ),
    mistake(
        "class_depth",
        'code = "fault.mobile"',
        'code = "cause.fault.a.b.c"',
        'code = "cause.fault.a.b.c"',
        "cause.fault.a.b.c: has more than three levels",
    ),
    mistake("ticket_kind", 'kind = "fault"', 'kind = "wish"', 'kind = "wish"', "wish: begins with no kind of ticket"),
    mistake("station", 'station = "expert"', 'station = "boss"', 'station = "boss"', "boss: is no station: use one of"),
    mistake(
        "rule_kind",
        "repeat_days = { fault = 7 }",
        "repeat_days = { wish = 7 }",
        "repeat_days",
        "rules: `repeat_days` has 'wish', which is no kind of ticket",
    ),
    mistake(
        "home_visits",
        "repeat_days = { fault = 7 }",
        'repeat_days = { fault = 7 }\nhall = { homes = ["10:00-12:00", "08:00-10:00"] }',
        "hall = ",
        "rules: `hall.homes` overlap or end before they begin",
    ),
    mistake("no_head", '[catalogue]\nlabel = "small-1"\nsample = true\n', "", "", "no [catalogue] table in any file"),
]

REFERENCES = [
    mistake(
        "programme",
        'programme = "own"\ngroup = "first"\nsource = "sample"\nname.zh = "信',
        'programme = "new"\ngroup = "first"\nsource = "sample"\nname.zh = "信',
        'programme = "new"',
        "T01: no programme is called 'new'",
    ),
    mistake(
        "group",
        'group = "first"\nsource = "sample"\nname.zh = "信',
        'group = "second"\nsource = "sample"\nname.zh = "信',
        'group = "second"',
        "T01: own has no group 'second': use one of first",
    ),
    mistake(
        "department",
        'department = "billing"\nboosts',
        'department = "money"\nboosts',
        'department = "money"',
        "T01: no department is called 'money': use one of billing",
    ),
    mistake(
        "class_department",
        'department = "billing"\n\n[rules]',
        'department = "money"\n\n[rules]',
        'department = "money"',
        "fault.mobile: no department is called 'money'",
    ),
    mistake(
        "calendar",
        'calendar = "office"',
        'calendar = "nights"',
        'calendar = "nights"',
        "billing: no calendar is called 'nights'",
    ),
    mistake(
        "limit_calendar",
        'limits = "24h"',
        'limits = "24h nights"',
        'limits = "24h nights"',
        "T02: no calendar is called 'nights': use one of always, office",
    ),
    mistake("station_calendar", '"1h office"', '"1h nights"', '"1h nights"', "expert: no calendar is called 'nights'"),
    mistake(
        "tier",
        'tier = "vip"',
        'tier = "gold"',
        'tier = "gold"',
        "gold: `tier`: input should be 'standard', 'vip' or 'diamond', not 'gold'",
    ),
    mistake(
        "tier_missing",
        'vip = "10m", diamond',
        "diamond",
        'limits = { standard = "20m"',
        "T01: `limits.vip` is missing: add it",
    ),
    mistake(
        "instead",
        'offline.instead = "T01"',
        'offline.instead = "T09"',
        "offline.instead",
        "T02: `offline.instead` is 'T09': name a template that can be promised with the line down",
    ),
    mistake(
        "instead_none",
        'offline.instead = "T01"',
        'offline.instead = "T02"',
        "offline.instead",
        "T02: `offline.instead` is 'T02'",
    ),
    mistake(
        "once_with",
        'once_with = ["T02"]',
        'once_with = ["T07"]',
        'once_with = ["T07"]',
        "T01: `once_with` names T07, which is no other template",
    ),
    mistake(
        "once_one_sided",
        'once_with = ["T02"]\n',
        "",
        'once_with = ["T01"]',
        "T02: T01 counts as the same promise, but doesn't say so: add T02 there",
    ),
    mistake(
        "once_without_per",
        'once_per = "cycle"\nonce_with = ["T01"]',
        'once_with = ["T01"]',
        'once_with = ["T01"]',
        "T02: `once_with` says nothing without `once_per`",
    ),
]

MONEY = [
    mistake("basis", '"arrears_cover"', '"arrears"', 'money.basis = "arrears"', "T01: no basis is called 'arrears'"),
    mistake(
        "basis_argument",
        "{ step = 10000 }",
        "{ steps = 10000 }",
        "money.args",
        "T01: `money`: arrears_cover has no argument `steps`",
    ),
    mistake(
        "basis_argument_missing", "{ amount = 500 }", "{}", "money.args = {}", "T02: `money`: fixed needs `amount`"
    ),
    mistake(
        "ceilings_fall",
        "standard = 10000, vip = 20000, diamond = 30000",
        "standard = 10000, vip = 20000, diamond = 15000",
        "money.ceilings",
        "T01: `money.ceilings` falls from 20000 for vip to 15000 for diamond",
    ),
    mistake(
        "credit_without_ceilings",
        "money.ceilings = { standard = 10000, vip = 20000, diamond = 30000 }\n",
        "",
        "money.kind",
        "T01: credit is bounded by no role: add `money.ceilings`",
    ),
    mistake(
        "role_falls_with_tier",
        "standard = 5000, vip = 10000, diamond = 20000",
        "standard = 5000, vip = 4000, diamond = 20000",
        "vip = 4000",
        "agent: `cost_limit` falls from 5000 for standard to 4000 for vip",
    ),
    mistake(
        "role_falls_with_rank",
        "standard = 30000, vip = 50000, diamond = 90000",
        "standard = 4000, vip = 50000, diamond = 90000",
        "standard = 4000",
        "leader: `cost_limit` for standard is 4000, less than agent of a lower rank may promise",
    ),
    mistake(
        "tier_rule_falls",
        "quick_limit = 9000",
        "quick_limit = 100",
        "quick_limit = 100",
        "diamond: `quick_limit` is 100, less than 5000 for vip",
    ),
    mistake(
        "statutory_ceilings",
        "money.statutory = true",
        "money.statutory = true\nmoney.ceilings = 900",
        "money.ceilings = 900",
        "T02: statutory compensation has no tier: remove `money.ceilings`",
    ),
    mistake(
        "statutory_by_tier",
        'money.basis = "fixed"\nmoney.args = { amount = 500 }',
        'money.basis = "by_tier"\nmoney.args = { standard = 1, vip = 2, diamond = 3 }',
        'money.basis = "by_tier"',
        "T02: statutory compensation has no tier: use another basis",
    ),
    mistake(
        "statutory_condition",
        "verify = 0\n",
        'verify = 0\napplies = [{ is = "tier", tiers = ["vip"] }]\n',
        'applies = [{ is = "tier"',
        "T02: statutory compensation has no tier: remove the condition `tier`",
    ),
    mistake(
        "negative",
        "quick_limit = 3000",
        "quick_limit = -1",
        "quick_limit = -1",
        "standard: `quick_limit`: input should be greater than or equal to 0, not -1",
    ),
    mistake(
        "not_whole",
        "quick_limit = 3000",
        "quick_limit = 30.0",
        "quick_limit = 30.0",
        "standard: `quick_limit`: input should be a valid integer, not 30.0",
    ),
]

TIME = [
    mistake(
        "slower_tier", 'diamond = "10m" }', 'diamond = "15m" }', 'diamond = "15m"', "T01: diamond waits longer than vip"
    ),
    mistake(
        "slower_station", '"30m office" }', '"3h office" }', '"3h office"', "expert: diamond waits longer than vip"
    ),
    mistake(
        "beyond_law",
        'law = "24h"',
        'law = "15m"',
        'limits = { standard = "20m"',
        "T01: the limit for standard is longer than the law's 15m: shorten it",
    ),
    mistake(
        "ticket_beyond_law",
        'law = "48h"',
        'law = "30h"',
        'limits = { standard = "36h"',
        "fault: the limit for standard is longer than the law's 30h",
    ),
    mistake(
        "law_in_working_time",
        'law = "24h"',
        'law = "24h office"',
        'law = "24h office"',
        "T01: the law's time is natural time",
    ),
    mistake(
        "limit_unreadable",
        'limits = "24h"',
        'limits = "1 day"',
        'limits = "1 day"',
        "T02: `limits.standard` is '1 day': write it as a time limit such as 10m, 36h or 7d",
    ),
    mistake(
        "both_clocks",
        'before_due = "4h"',
        'before_due = "4h"\nlimits = "1h"',
        'limits = "1h"',
        "department_reply: give either `limits` or `before_due`, not both",
    ),
    mistake(
        "no_clock", 'before_due = "4h"\n', "", '30m office" }\n\n[[station]]', "give either `limits` or `before_due`"
    ),
    mistake(
        "before_due_working",
        'before_due = "4h"',
        'before_due = "4h office"',
        "before_due",
        "department_reply: `before_due` is natural time",
    ),
    mistake("overlapping_hours", '"13:30-18:00"', '"11:30-18:00"', 'id = "office"', "office: put periods in order"),
    mistake(
        "no_years",
        'id = "office"\n',
        'id = "office"\nholidays = "china"\n',
        'id = "office"',
        "office: say for which years, for example years = [2025, 2030]",
    ),
    mistake(
        "hours_unreadable",
        '"00:00-24:00"',
        '"all day"',
        "every_day",
        "always: `every_day.0` is 'all day': write it as hours such as 08:30-12:00",
    ),
]


@pytest.mark.parametrize(("old", "new", "mark", "message"), [*SHAPE, *REFERENCES, *MONEY, *TIME])
def test_a_mistake_in_the_policy_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, mark: str, message: str
) -> None:
    assert_refused(tmp_path, old, new, mark, message)


def test_the_small_catalogue_itself_passes(tmp_path: Path) -> None:
    assert check(write(tmp_path, FILES)) == ()
    assert load(tmp_path).version.startswith("small-1+")


def test_tables_may_be_spread_over_files_at_will(tmp_path: Path) -> None:
    whole = load(write(tmp_path / "two", FILES))
    one = load(write(tmp_path / "one", {"all.toml": TEMPLATES + POLICY}))

    assert one == whole


def test_a_head_in_two_files_is_refused(tmp_path: Path) -> None:
    files = {**FILES, "zz.toml": '[catalogue]\nlabel = "other-1"\nsample = true\n'}

    problems = check(write(tmp_path, files))

    assert [str(p) for p in problems] == [
        "zz.toml:2: other-1: a catalogue has one [catalogue] table only: remove this one"
    ]


def test_all_problems_are_told_at_once_and_in_order(tmp_path: Path) -> None:
    spoilt = {**FILES, "policy.toml": POLICY.replace('tier = "vip"', 'tier = "gold"').replace("rank = 30\n", "")}

    problems = check(write(tmp_path, spoilt))

    assert [p.file for p in problems] == ["policy.toml", "policy.toml"]
    assert list(problems) == sorted(problems)
    with pytest.raises(CatalogueError, match=r"policy.toml:34: gold: .* \(and 1 more\)") as refused:
        load(tmp_path)
    assert refused.value.problems == problems
