"""Chinese as it is written in Taiwan: made of the simplified texts, all of them, and nothing else in them changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk._resources import taiwan_table
from agentdesk.catalogue import packaged
from agentdesk.desk import i18n as spoken
from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.language.taiwan import TAIWAN, Converter, chinese, read_with, traditional
from scripts import i18n
from tests.desk.driving import answered, running, screen_text, wait_for
from tests.desk.world import WANG, Desk


@pytest.fixture(autouse=True)
def _speak_as_before() -> Iterator[None]:
    before = spoken.language()
    read_with(taiwan_table().read_bytes)
    yield
    spoken.use(before)


def test_every_text_of_the_desk_has_its_form_with_the_same_blanks() -> None:
    simplified = {i18n.key(one): one for one in i18n.texts(i18n.read(i18n.po_file("zh_CN")))}
    turned = {i18n.key(one): one for one in i18n.texts(i18n.derived("zh_TW"))}
    assert set(turned) == set(simplified)
    assert not list(i18n.misderived())
    for known, message in turned.items():
        for form, before in zip(i18n.forms(message), i18n.forms(simplified[known]), strict=True):
            assert bool(form) == bool(before), known
            assert i18n.placeholders(form) == i18n.placeholders(before)


def test_every_text_of_the_packaged_policy_has_its_form() -> None:
    converter = Converter(i18n.read_words(i18n.words_of("zh_TW")))
    found = [text for text in i18n.policy_texts() if chinese(text)]
    assert len(found) > 1000
    assert [text for text in found[::7] if traditional(text) != converter.text(text)] == []


def test_a_text_of_another_policy_is_turned_over_character_by_character() -> None:
    assert traditional("这句话谁也没有写过: {due} 前") == "這句話誰也沒有寫過: {due} 前"


def test_words_that_are_said_otherwise_are_said_so() -> None:
    converter = Converter(i18n.read_words(i18n.words_of("zh_TW")))
    said = {"短信": "簡訊", "宽带": "寬頻", "默认": "預設", "套餐": "方案", "营业厅": "門市", "网络": "網路"}
    assert {word: converter.text(word) for word in said} == said


def test_english_stays_english_and_chinese_stays_simplified_elsewhere() -> None:
    both = Bilingual("宽带", "broadband")
    assert (both.say("zh-CN"), both.say("zh"), both.say("en")) == ("宽带", "宽带", "broadband")
    assert chinese(both.say(TAIWAN))
    assert all(template.name.say(TAIWAN) for template in packaged().templates.values())


async def test_a_promise_is_made_and_told_in_the_words_of_taiwan(tmp_path: Path) -> None:
    desk = Desk(tmp_path, language=TAIWAN)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await wait_for(pilot, "寬頻")
        assert "可承諾" in screen_text(pilot)
        await pilot.press("3")
        await wait_for(pilot, "先徵詢")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "已承諾")
