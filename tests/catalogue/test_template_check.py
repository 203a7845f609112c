"""The check refuses each mistake in a template, at its line, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalogue.small import TEMPLATES, assert_refused, mistake

T02 = TEMPLATES[TEMPLATES.index('code = "T02"') :]
SIX_1 = TEMPLATES[TEMPLATES.index("six.target") : TEMPLATES.index('\n\n[[template]]\ncode = "T02"')]
SIX_2 = T02[T02.index("six.target") :].rstrip()

SIX_HAVES = [
    mistake(
        f"no_{have}",
        f'six.{have}.zh = "{zh}"\nsix.{have}.en = "{en}"\n',
        "",
        "six.target.zh",
        f"T01: `six.{have}` is missing: a template needs all of the six haves",
    )
    for have, zh, en in (
        ("measures", "自动授信", "Credit by itself"),
        ("owner", "信控组长", "Credit leader"),
        ("time_limit", "十分钟", "Ten minutes"),
        ("supervision", "每天核对", "Compared daily"),
        ("assessment", "超时扣分", "Late costs points"),
    )
]

TEXTS = [
    mistake(
        "no_target",
        'six.target.zh = "十分钟内开机"\nsix.target.en = "On within ten minutes"\n',
        "",
        "six.measures.zh",
        "T01: `six.target` is missing",
    ),
    mistake(
        "no_translation",
        'note.en = "On now, paid later"\n',
        "",
        "note.zh",
        "T01: `note.en` is missing: write every text in Chinese and in English",
    ),
    mistake(
        "no_such_fault",
        'note.en = "On now, paid later"\n',
        'note.en = "On now, paid later"\nticket = "complaint"\n',
        'ticket = "complaint"',
        "T01: `ticket` is 'complaint': name a symptom of a fault",
    ),
    mistake("blank", '"先开后补"', '"  "', 'note.zh = "  "', "T01: `note.zh` is blank: write the text"),
    mistake("space", '"On now, paid later"', '"On now "', "note.en", "T01: `note.en` begins or ends with a space"),
    mistake("chinese_english", '"On now, paid later"', '"先开后补"', "note.en", "T01: `note.en` is not translated"),
    mistake(
        "not_translated_class", 'en = "Fault" }', 'en = "障碍" }', 'zh = "障碍", en', "fault: `name.en` is not trans"
    ),
]

WORDS = [
    mistake(
        "unknown_blank",
        "授信 {amount} 元，{days} 天内",
        "授信 {sum} 元，{days} 天内",
        "ask.zh",
        "T01: `ask.zh` has an unknown blank {sum}: use one of also, amount, days",
    ),
    mistake(
        "stray_brace", "赔付 {amount} 元，可以吗", "赔付 {amount 元，可以吗", "{amount 元", "T02: `ask.zh`: '{' is no"
    ),
    mistake(
        "one_language_only",
        "A credit of {amount} yuan for {days} days",
        "A credit of {amount} yuan",
        'ask.en = "A credit',
        "T01: `ask` has {days} in one language only: say the same in both",
    ),
    mistake(
        "number_too_early",
        'ask.zh = "赔付 {amount} 元，可以吗？"\nask.en = "We pay {amount} yuan. All right?"',
        'ask.zh = "{number} {amount}"\nask.en = "{number} {amount}."',
        'ask.zh = "{number}',
        "T02: `ask` has {number}, which exists only after the promise",
    ),
    mistake(
        "no_deadline",
        'tell.zh = "最迟 {due} 赔付 {amount} 元。"\ntell.en = "{amount} yuan by {due}."',
        'tell.zh = "赔付 {amount} 元。"\ntell.en = "{amount} yuan."',
        'tell.zh = "赔付',
        "T02: `tell` doesn't say until when: add {due}",
    ),
    mistake(
        "no_amount",
        'ask.zh = "赔付 {amount} 元，可以吗？"\nask.en = "We pay {amount} yuan. All right?"',
        'ask.zh = "赔付，可以吗？"\nask.en = "We pay. All right?"',
        'ask.zh = "赔付',
        "T02: `ask` doesn't say how much: add {amount}",
    ),
    mistake(
        "amount_without_money",
        'money.kind = "cost"\nmoney.basis = "fixed"\nmoney.args = { amount = 500 }\nmoney.statutory = true\n',
        "",
        'ask.zh = "赔付',
        "T02: `ask` has {amount}, but the template gives no money",
    ),
    mistake(
        "days_unknown", "days = 3\n", "", 'ask.zh = "授信', "T01: `ask` has {days}, but the template has no `days`"
    ),
    mistake(
        "days_unsaid",
        'ask.zh = "授信 {amount} 元，{days} 天内补交，可以吗？"\n'
        'ask.en = "A credit of {amount} yuan for {days} days. All right?"',
        'ask.zh = "授信 {amount} 元，可以吗？"\nask.en = "A credit of {amount} yuan. All right?"',
        "days = 3",
        "T01: `days` is in no words",
    ),
    mistake(
        "name_to_a_stranger",
        'tell.zh = "最迟 {due} 赔付 {amount} 元。"\ntell.en = "{amount} yuan by {due}."',
        'tell.zh = "{name}，最迟 {due} 赔付 {amount} 元。"\ntell.en = "{name}, {amount} yuan by {due}."',
        'tell.zh = "{name}',
        "T02: `tell` says {name} to a caller nobody verified: raise `verify`",
    ),
    mistake("blank_in_a_note", '"修不好就赔"', '"赔 {amount}"', 'note.zh = "赔', "T02: `note.zh` has a brace"),
    mistake(
        "same_words",
        'ask.zh = "赔付 {amount} 元，可以吗？"',
        'ask.zh = "系统恢复后授信 {amount}  元，可以吗？"',
        'ask.zh = "系统恢复后授信 {amount}  元',
        "T02: `ask.zh` is word for word `offline.ask.zh` of T01 in templates.toml:2: say what differs",
    ),
    mistake(
        "same_name",
        '"Compensation"',
        '"Power-on"',
        'name.zh = "障碍赔付"\nname.en',
        "T02: `name.en` is word for word `name.en` of T01",
    ),
    mistake(
        "boilerplate",
        SIX_2,
        SIX_1,
        'offline.instead = "T01"\nsix',
        "T02: all six haves (zh) are those of T01 in templates.toml:2",
    ),
]

CONDITIONS = [
    mistake(
        "condition", 'is = "line"', 'is = "lines"', "applies = [", "T01: `applies`: no condition is called 'lines'"
    ),
    mistake(
        "boost_condition", 'is = "stopped"', 'is = "halted"', "boosts = [", "T01: `boosts`: no condition is called"
    ),
    mistake(
        "argument",
        "at_least = 1",
        "at_last = 1",
        "applies = [",
        "T01: `applies`: arrears has no argument `at_last` (it takes: at_least, at_most)",
    ),
    mistake(
        "argument_missing", ', kinds = ["mobile"]', "", "applies = [", "T01: `applies`: line needs `kinds`: add it"
    ),
    mistake(
        "argument_type",
        "at_least = 1",
        'at_least = "1"',
        "applies = [",
        "T01: `applies`: arrears takes a whole number as `at_least`, not '1'",
    ),
    mistake("argument_truth", "at_least = 1", "at_least = true", "applies = [", "takes a whole number as `at_least`"),
    mistake(
        "argument_list", 'kinds = ["mobile"]', "kinds = []", "applies = [", "line takes a list of names as `kinds`"
    ),
    mistake(
        "argument_choice",
        'kinds = ["mobile"]',
        'kinds = ["moblie"]',
        "applies = [",
        "T01: `applies`: line has 'moblie' in `kinds`: use one of broadband, convergent",
    ),
    mistake(
        "argument_tiers",
        "at_most = { standard = 10000 }",
        "at_most = { gold = 10000 }",
        "applies = [",
        "arrears takes whole numbers by tier (standard, vip, diamond) as `at_most`",
    ),
    mistake("no_condition_named", 'is = "line", ', "", "    { kinds = ", "T01: `applies.0.is` is missing: add it"),
    mistake("points", "points = 60, ", "", "boosts = [", "T01: `boosts.0.points` is missing: add it"),
]

OFFLINE = [
    mistake(
        "no_limit",
        'offline.limit = "4h"\n',
        "",
        'offline.mode = "later"',
        "T01: `offline.mode` is 'later': add `offline.limit`",
    ),
    mistake(
        "no_words",
        'offline.ask.zh = "系统恢复后授信 {amount} 元，可以吗？"\n'
        'offline.ask.en = "A credit of {amount} yuan once the system is back. All right?"\n',
        "",
        'offline.mode = "later"',
        "T01: `offline.mode` is 'later': add `offline.ask`",
    ),
    mistake(
        "own_words_are_not_own",
        'offline.ask.zh = "系统恢复后授信 {amount} 元，可以吗？"',
        'offline.ask.zh = "授信 {amount} 元，{days} 天内补交，可以吗？"',
        "offline.ask.zh",
        "T01: `offline.ask.zh` is word for word `ask.zh` of T01",
    ),
    mistake(
        "no_instead",
        'offline.instead = "T01"\n',
        "",
        'offline.mode = "none"',
        "T02: `offline.mode` is 'none': add `offline.instead`",
    ),
    mistake(
        "too_much",
        'offline.mode = "none"\n',
        'offline.mode = "same"\n',
        "offline.instead",
        "T02: `offline.mode` is 'same': remove `offline.instead`",
    ),
    mistake(
        "faster",
        'offline.limit = "4h"',
        'offline.limit = "5m"',
        "offline.limit",
        "T01: `offline.limit` is shorter than the limit with the line up",
    ),
    mistake(
        "calendar",
        'offline.limit = "4h"',
        'offline.limit = "4h nights"',
        "offline.limit",
        "T01: `offline.limit`: no calendar is called 'nights'",
    ),
    mistake(
        "mode",
        'offline.mode = "none"',
        'offline.mode = "never"',
        'offline.mode = "never"',
        "T02: `offline.mode`: input should be 'same', 'later' or 'none', not 'never'",
    ),
]

_OWN = 'limits = { standard = "20m", vip = "10m", diamond = "10m" }\n'


def also(name: str, table: str, message: str, mark: str = "also = {") -> object:
    """A second deadline of T01 that the check has something against."""
    first = 'name = { zh = "首次联系", en = "First contact" }'
    return mistake(name, _OWN, f"{_OWN}also = {{ {first}, {table} }}\n", mark, message)


ALSO = [
    also(
        "also_late",
        'limits = "20m", later = "1h"',
        "T01: `also.limits` for standard doesn't come before the promise's own",
    ),
    also(
        "also_falls",
        'limits = { standard = "2m", vip = "3m", diamond = "3m" }, later = "1h"',
        "T01: vip waits longer than standard",
    ),
    also("also_limit", 'limits = "soon", later = "1h"', "T01: `also.limits.standard`"),
    also("also_no_later", 'limits = "5m"', "T01: `offline.mode` is 'later': add `also.later`"),
    also("also_fast", 'limits = "5m", later = "2m"', "T01: `also.later` is shorter than the limit with the line up"),
    also("also_too_late", 'limits = "5m", later = "4h"', "T01: `also.later` doesn't come before `offline.limit`"),
    also("also_nights", 'limits = "5m", later = "2h nights"', "T01: `also.later`: no calendar is called 'nights'"),
    also(
        "also_untold",
        'limits = "5m", later = "1h"',
        "T01: `tell` doesn't say the second deadline: add {also}",
        "tell.zh",
    ),
    also(
        "also_untold_offline",
        'limits = "5m", later = "1h"',
        "T01: `offline.tell` doesn't say the second deadline: add {also}",
        "offline.tell.zh",
    ),
    mistake(
        "no_also",
        "最迟 {due} 赔付",
        "最迟 {also} 联系，{due} 赔付",
        'tell.zh = "最迟 {also}',
        "T02: `tell` has {also}, but the template has no `also`",
    ),
]


@pytest.mark.parametrize(("old", "new", "mark", "message"), [*SIX_HAVES, *TEXTS, *WORDS, *CONDITIONS, *OFFLINE, *ALSO])
def test_a_mistake_in_a_template_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, mark: str, message: str
) -> None:
    assert_refused(tmp_path, old, new, mark, message)
