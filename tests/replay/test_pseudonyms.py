"""Other names for people: the same for the same one, of the same shape, and not to be told from without the secret."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.language.text import cells
from agentdesk.domain.numbering.numbers import Number, normalise
from agentdesk.replay.pseudonyms import Pseudonyms

SECRET = b"a secret of this test alone, never written"
HAN = st.sampled_from("王敏慧张强欧阳娜单翟司马单晓东梅")


@given(st.text(HAN, min_size=2, max_size=4))
def test_a_name_keeps_its_length_and_loses_itself(name: str) -> None:
    other = Pseudonyms(SECRET).text(name, "name")
    assert len(other) == len(name)
    assert other != name
    assert other == Pseudonyms(SECRET).text(name, "name")


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_stays_a_mobile_however_it_is_written(digits: str) -> None:
    who = Pseudonyms(SECRET)
    other = who.text(digits)
    assert other != digits
    assert other[:3] == digits[:3]
    assert who.text(f"+86{digits}") == f"+86{other}"
    assert digits not in who.text(f"回电 {digits}, 谢谢", "text")
    assert other in who.text(f"回电 {digits}, 谢谢", "text")
    assert isinstance(normalise(digits), Number) == isinstance(normalise(other), Number)
    for sign in " -":
        said, others = (sign.join((one[:3], one[3:7], one[7:])) for one in (digits, other))
        for field in ("text", "line"):
            assert who.text(said, field) == others
            assert others in who.text(f"回电 {said}, 谢谢", field)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    assert digits.translate(wide) not in who.text(f"回电 {digits.translate(wide)}", "text")


@pytest.mark.parametrize("said", ["010 8765 4321", "0512-8765-4321", "110105 19900307 7531", "1000 1000 0019"])
def test_a_number_that_is_read_in_groups_is_exchanged_as_if_it_stood_together(said: str) -> None:
    who = Pseudonyms(SECRET)
    digits, other = said.replace(" ", "").replace("-", ""), who.text(f"记下 {said}", "text")[3:]
    assert other != said
    assert "".join(filter(str.isdigit, other)) == who.text(digits, "text")
    assert [len(one) for one in re.split("[ -]", other)] == [len(one) for one in re.split("[ -]", said)]


@given(st.text(max_size=60), st.sampled_from(["text", "name", "state", ""]))
def test_every_text_keeps_its_width(text: str, field: str) -> None:
    assert cells(Pseudonyms(SECRET).text(text, field)) == cells(text)


def test_a_person_who_is_known_has_his_other_name_in_texts_too() -> None:
    who = Pseudonyms(SECRET)
    other = who.text("王敏慧", "name")
    assert other in who.text("王敏慧要求下午回电", "text")


def test_codes_ids_and_moments_stay() -> None:
    who = Pseudonyms(SECRET)
    for text in ("commitment.made", "region/bj", "01a20c41-0f00-7c36-9e26-123456789012", "2026-11-24", "bj1024"):
        assert who.text(text) == text
    for figures in ("2026-11-24 14:32", "2026-11-24", "62 300", "1,500.50"):
        assert figures in who.text(f"{figures}。", "text")


def test_a_certificate_keeps_its_province_and_its_year() -> None:
    other = Pseudonyms(SECRET).text("110105199003077531", "certificate")
    assert len(other) == 18
    assert other[:2] == "11"
    assert other[6:14] == "19900101"
    assert other != "110105199003077531"


def test_two_secrets_give_two_names() -> None:
    names = {Pseudonyms(bytes([one])).text("王敏慧", "name") for one in range(20)}
    assert len(names) > 10


@given(st.characters())
def test_a_character_that_is_typed_becomes_one_of_its_kind(character: str) -> None:
    other = Pseudonyms(SECRET).typed(character, Random(1))
    assert cells(other) == cells(character)
    assert other.isdigit() == character.isdigit()
    # signs, numerals of other scripts, and what has no width of its own stay
    assert other != character or not character.isalnum() or character.isnumeric() or not cells(character)


def test_those_who_work_there_go_by_other_ids_and_numbers_wherever_they_stand() -> None:
    who = Pseudonyms(SECRET)
    staff = ["bj1024", "1024", "bj1025", "1025", "a-1", "a-2", "boss"]
    who.learn_staff(staff)
    others = [who.text(one) for one in staff]
    assert not set(others) & set(staff)
    assert len(set(others)) == len(staff)
    assert who.text("handed over to bj1024", "text").endswith(who.text("bj1024"))
    assert who.text("agent/bj1024:state") == f"agent/{who.text('bj1024')}:state"
    assert "1024" not in who.text("工号 1024 已接单", "text")
