"""What people and programs are shown of a catalogue."""

from __future__ import annotations

import json

import pytest

from agentdesk.catalogue import packaged, show
from agentdesk.catalogue.check import Checked
from agentdesk.catalogue.show_parts import limit_text
from agentdesk.catalogue.sources import Problem
from agentdesk.domain.language.text import cells
from agentdesk.domain.policy import Flow, SixHaves
from agentdesk.domain.times.calendar import Limit

CATALOGUE = packaged()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_has_a_line_of_its_own_in_order(language: str) -> None:
    lines = show.overview(CATALOGUE, language)

    listed = [line[:3] for line in lines if line[:3] in CATALOGUE.templates]
    assert listed == list(CATALOGUE.templates)
    assert lines[0] == CATALOGUE.version
    assert lines[1] == show.SAMPLE.say(language)
    assert max(map(cells, lines)) <= 100


def test_columns_stand_below_each_other_though_characters_are_wide() -> None:
    lines = [line for line in show.overview(CATALOGUE, "zh") if line[:3] in ("U10", "U11", "U12", "U13")]

    assert len({cells(line[: line.index("  v")]) for line in lines}) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", CATALOGUE.templates)
def test_a_template_is_shown_with_all_its_words_and_six_haves(code: str, language: str) -> None:
    template = CATALOGUE.templates[code]
    text = "\n".join(show.details(CATALOGUE, code, language))

    six = [getattr(template.six, name) for name in SixHaves.__slots__]
    offline = [template.offline.ask, template.offline.tell]
    for words in (template.name, template.note, template.ask, template.tell, *six, *offline):
        assert words is None or words.say(language) in text


def test_a_template_says_whom_it_is_for_and_what_it_gives() -> None:
    lines = show.details(CATALOGUE, "u04", "en")

    assert lines[0] == "U04  Emergency power-on"
    assert "Applies when        stopped reasons=arrears" in lines
    assert "Money               credit, arrears_cover step=10000 room=0; at most ¥100.00 / ¥200.00 / ¥300.00" in lines
    assert any(line.startswith("How often           once a billing cycle (together with ") for line in lines)
    assert "Line down           in other words, at the latest in 4 h" in lines


def test_an_unknown_code_names_the_known_ones() -> None:
    with pytest.raises(show.UnknownTemplate, match="nothing in the catalogue has the code X99: did you mean "):
        show.details(CATALOGUE, "X99")
    with pytest.raises(show.UnknownTemplate):
        show.as_json(CATALOGUE, "X99")


def test_json_has_the_version_with_everything_or_one_template() -> None:
    whole = json.loads(json.dumps(show.as_json(CATALOGUE)))
    one = show.as_json(CATALOGUE, "U04")

    assert whole["version"] == one["version"] == CATALOGUE.version
    assert whole["templates"]["U04"]["name"] == one["name"] == {"zh": "信用开机", "en": "Emergency power-on"}
    assert one["sample"] is True


@pytest.mark.parametrize(
    ("limit", "zh", "en"),
    [
        (Limit(10), "10 分钟", "10 min"),
        (Limit(90), "90 分钟", "90 min"),
        (Limit(150), "2 小时 30 分钟", "2 h 30 min"),
        (Limit(36 * 60), "36 小时", "36 h"),
        (Limit(15 * 1440), "15 天", "15 d"),
        (Limit(120, "working", "field"), "2 小时 (field)", "2 h (field)"),
        (Limit(0), "0 分钟", "0 min"),
    ],
)
def test_a_time_limit_reads_as_people_say_it(limit: Limit, zh: str, en: str) -> None:
    assert (limit_text(limit, "zh_CN"), limit_text(limit, "en")) == (zh, en)


def test_a_check_is_shown_problem_by_problem() -> None:
    problems = (Problem("a.toml", 3, "U01: wrong"), Problem("b.toml", 1, "U02: wrong"))

    wrong, right = Checked(problems), Checked((), problems[:1], {"templates": 2})
    assert show.check_lines(wrong, "en") == ("a.toml:3: U01: wrong", "b.toml:1: U02: wrong", "2 to put right")
    assert show.check_lines(right, "zh") == ("a.toml:3: U01: wrong (提醒)", "templates 2", "目录检查通过")
    assert show.check_json(wrong)["problems"][0] == {"file": "a.toml", "line": 3, "message": "U01: wrong"}
    assert (show.check_json(wrong)["ok"], show.check_json(right)["ok"]) == (False, True)


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("r301", ("R301  ", "Booked to", "responsible", "Not with", "1, 2, 5, 10 GB")),
        ("sm01", ("SM01  ", "Taken back by", "SM02", "going abroad", "Read back")),
        ("s02", ("S02  ", "Never read out", "Step")),
        ("Q201", ("Q201  ", "  1 Forgot", "= e6 promise U04: ", "= e1 told: ")),
    ],
)
def test_what_is_no_commitment_is_shown_whole_too(code: str, parts: tuple[str, ...]) -> None:
    lines = "\n".join(show.details(CATALOGUE, code, "en"))
    assert all(part in lines for part in parts)
    assert show.as_json(CATALOGUE, code)["code"] == code.upper()


@pytest.mark.parametrize(("table", "count"), [("remedies", 78), ("services", 136), ("flows", 165), ("scripts", 25)])
def test_each_table_is_listed(table: str, count: int) -> None:
    assert len(show.details(CATALOGUE, table, "zh")) == count
    assert len(show.as_json(CATALOGUE, table)[table]) == count


@pytest.mark.parametrize("flow", CATALOGUE.flows.values(), ids=lambda flow: flow.code)
def test_a_flow_is_printed_with_all_its_steps_and_ends(flow: Flow) -> None:
    printed = "\n".join(show.details(CATALOGUE, flow.code, "zh"))
    assert all(step.ask.zh in printed for step in flow.steps.values())
    assert all(end.tell.zh in printed for end in flow.ends.values())


def test_who_signed_a_version_off_stands_below_it() -> None:
    lines = show.overview(CATALOGUE, "en", signed_off_by="Zhou Lan", signed_off_at=1_780_000_000_000)
    assert lines[1] == "signed off by Zhou Lan, 2026-05-28 20:26 UTC"
