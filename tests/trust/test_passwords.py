"""Passwords and PINs: what may be one, what opens, and when a hash is made again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.trust.passwords import (
    CHECKING,
    COMMONEST,
    LONGEST,
    SEALING,
    SHORTEST,
    BadPassword,
    Cost,
    checked,
    checked_pin,
    derive,
    for_site,
    hashed,
    is_outdated,
    same,
    verify,
    word_of,
)

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
SALT = b"0123456789abcdef"
GOOD = "sieben Brücken 7"


@settings(max_examples=30)
@given(st.text(max_size=40), st.text(max_size=40))
def test_a_hash_is_opened_by_its_own_password_alone(right: str, other: str) -> None:
    encoded = hashed(right, SALT, CHEAP)
    assert verify(encoded, right)
    if hashed(other, SALT, CHEAP) != encoded:
        assert not verify(encoded, other)


def test_the_same_characters_of_another_input_method_are_the_same_password() -> None:
    assert verify(hashed("\uff34\uff45\uff53\uff54pass１２", SALT, CHEAP), "Testpass12")
    assert derive("e\u0301tage-cinq", SALT, CHEAP) == derive("étage-cinq", SALT, CHEAP)


@pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$AAAA$", "\ud800", "$2b$12$abc"])
def test_what_is_no_hash_opens_nothing(broken: str) -> None:
    assert not verify(broken, GOOD)
    assert is_outdated(broken)


def test_a_hash_of_other_parameters_is_made_again() -> None:
    assert not is_outdated(hashed(GOOD, SALT, CHECKING))
    assert is_outdated(hashed(GOOD, SALT, CHEAP))
    assert not is_outdated(hashed(GOOD, SALT, CHEAP), CHEAP)


def test_a_guess_costs_what_is_recommended_at_least() -> None:
    assert (CHECKING.memory_kib >= 19 * 1024, CHECKING.passes >= 2) == (True, True)
    assert (SEALING.memory_kib >= 64 * 1024, SEALING.passes >= 3) == (True, True)


@pytest.mark.parametrize("cost", [(0, 8, 1), (1, 7, 1), (1, 8, 2), (1, 1 << 21, 1), (17, 64, 1), (1, 1024, 17)])
def test_nobody_is_asked_for_more_than_a_machine_has(cost: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="argon2"):
        Cost(*cost)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=SHORTEST, max_size=60))
def test_a_new_password_is_taken_by_its_length_and_not_by_its_composition(text: str) -> None:
    assert refusal(text) in ("", "common", "short", "long")


def refusal(password: str) -> str:
    """Return why a password isn't taken; nothing when it is."""
    try:
        return "" if checked(password) == password else "changed"
    except BadPassword as problem:
        return problem.code


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "short"),
        ("x" * (LONGEST + 1), "long"),
        ("ab" * (LONGEST * 3), "long"),
        ("password", "common"),
        ("PassWord", "common"),
        ("11111111", "common"),
        ("12345678", "common"),
        ("87654321", "common"),
        ("abababab", "common"),
        ("qwertyuiop", "common"),
        ("abcdefghij", "common"),
        ("kefu1024", "name"),
        ("Kefu102499", "name"),
        ("with\ta tab in it", "unreadable"),
        ("half \ud800 character", "unreadable"),
    ],
)
def test_what_everybody_tries_first_is_no_password(password: str, code: str) -> None:
    with pytest.raises(BadPassword) as refused:
        checked(password, agent="kefu1024", name="Kefu")
    assert refused.value.code == code


def test_none_of_the_commonest_is_taken() -> None:
    assert len(COMMONEST) > 150
    for password in COMMONEST:
        with pytest.raises(BadPassword):
            checked(password)


@pytest.mark.parametrize(
    "password", [GOOD, "我的密码是一句话没人猜到", "correct horse", "x" * 7 + "yz", "k" * 5 + "!?.,"]
)
def test_a_sentence_is_a_password(password: str) -> None:
    assert checked(password, "1024", "张敏") == password


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("12345", "short"),
        ("12345x", "digits"),
        ("１２３４５x", "digits"),
        ("٣١٤١٥٩", "digits"),
        ("123456", "common"),
        ("654321", "common"),
        ("890123", "common"),
        ("111111", "common"),
        ("121212", "common"),
        ("123123", "common"),
        ("3" * 65, "long"),
    ],
)
def test_a_pin_isnt_the_first_that_is_guessed(pin: str, code: str) -> None:
    with pytest.raises(BadPassword) as refused:
        checked_pin(pin, 6)
    assert refused.value.code == code
    assert checked_pin("318204", 6) == "318204"


def test_what_a_site_has_of_a_pin_is_no_other_sites_and_doesnt_make_its_words() -> None:
    root = derive("318204", SALT, CHEAP)
    here, there = for_site(root, "s-1"), for_site(root, "s-2")
    assert not same(here, there)
    assert same(here, for_site(derive("318204", SALT, CHEAP), "s-1"))
    word = word_of(root, "s-1", "approval-1", "given")
    assert word == word_of(root, "s-1", "approval-1", "given")
    assert word not in (word_of(here, "s-1", "approval-1", "given"), word_of(root, "s-1", "approval-2", "given"))
