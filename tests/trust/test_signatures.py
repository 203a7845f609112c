"""Signed requests: whatever is changed of one on its way makes it another, and only the key's owner can sign."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.trust.signatures import (
    COVERED,
    Asked,
    BadSignature,
    Stamp,
    check,
    content_digest,
    headers_of,
    is_content,
    is_key,
    is_proof,
    prove,
    public_key,
    sign,
)

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
PUBLIC = public_key(KEY)

texts = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
COVERED_HEADERS = [name for name in COVERED if not name.startswith("@")]


@st.composite
def requests(draw: st.DrawFn) -> tuple[Asked, bytes]:
    """Draw a signed request and its body."""
    body = draw(st.binary(max_size=200))
    headers = draw(st.dictionaries(st.sampled_from(COVERED_HEADERS), texts, max_size=4))
    headers["content-digest"] = content_digest(body)
    path, query = "/" + draw(texts).replace("?", "_"), draw(texts)
    asked = Asked(draw(st.sampled_from(["GET", "POST"])), path, query, headers)
    stamp = Stamp(draw(st.integers(0, 10**11)), draw(st.from_regex(r"[A-Za-z0-9_-]{8,64}", fullmatch=True)), PUBLIC)
    return replace(asked, headers={**headers, **sign(asked, KEY, stamp)}), body


@given(requests())
def test_what_was_signed_is_good_and_says_when_and_by_whom(made: tuple[Asked, bytes]) -> None:
    asked, body = made
    stamp = check(asked, PUBLIC)
    assert stamp.key == PUBLIC
    assert is_content(asked.headers["content-digest"], body)


@given(requests(), st.data())
def test_any_change_makes_it_another_request(made: tuple[Asked, bytes], data: st.DataObject) -> None:
    asked, _ = made
    what = data.draw(st.sampled_from(["method", "path", "query", "header", "new header", "no header", "stamp"]))
    headers = dict(asked.headers)
    if what == "method":
        changed = replace(asked, method="PUT")
    elif what == "path":
        changed = replace(asked, path=asked.path + data.draw(texts))
    elif what == "query":
        changed = replace(asked, query=asked.query + data.draw(texts))
    elif what == "header":
        name = data.draw(st.sampled_from(sorted(headers)))
        place = data.draw(st.integers(0, len(headers[name]) - 1))
        other = data.draw(texts.filter(lambda text: text[0] != headers[name][place]))
        headers[name] = headers[name][:place] + other[0] + headers[name][place + 1 :]
        changed = replace(asked, headers=headers)
    elif what == "new header":
        name = data.draw(st.sampled_from(COVERED_HEADERS))
        headers[name] = f"{headers[name]}, x" if name in headers else "x"
        changed = replace(asked, headers=headers)
    elif what == "no header":
        del headers[data.draw(st.sampled_from(sorted(headers)))]
        changed = replace(asked, headers=headers)
    else:
        later = headers["signature-input"].replace(";created=", ";created=1")
        changed = replace(asked, headers={**headers, "signature-input": later})
    with pytest.raises(BadSignature):
        check(changed, PUBLIC)


def test_no_character_of_it_may_be_another() -> None:
    headers = {"authorization": "Bearer s-1.token", "content-digest": content_digest(b"x"), "range": "bytes=0-9"}
    asked = Asked("POST", "/v1/push", "a=1", headers)
    signed = {**headers, **sign(asked, KEY, Stamp(1_790_000_000, "nonce-0001", PUBLIC))}
    assert check(replace(asked, headers=signed), PUBLIC).nonce == "nonce-0001"
    for name, value in signed.items():
        for place, before in enumerate(value):
            # another of its sort: what has the form of a signature has to be one
            other = {"a": "b", "0": "1", '"': " ", " ": '"', "A": "B"}.get(before, "a" if before.islower() else "0")
            text = value[:place] + (other if other != before else "1") + value[place + 1 :]
            with pytest.raises(BadSignature):
                check(replace(asked, headers={**signed, name: text}), PUBLIC)
        with pytest.raises(BadSignature):
            check(replace(asked, headers={**signed, name: f"{value} "}), PUBLIC)


@given(requests())
def test_another_key_is_none(made: tuple[Asked, bytes]) -> None:
    asked, _ = made
    with pytest.raises(BadSignature):
        check(asked, public_key(OTHER))
    # who has another key, and says that it is this one
    bare = {name: value for name, value in asked.headers.items() if not name.startswith("signature")}
    stamp = replace(check(asked, PUBLIC), key=PUBLIC)
    forged = replace(asked, headers={**bare, **sign(replace(asked, headers=bare), OTHER, stamp)})
    with pytest.raises(BadSignature):
        check(forged, PUBLIC)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_a_digest_is_of_one_body_alone(body: bytes, other: bytes) -> None:
    assert is_content(content_digest(body), other) == (body == other)
    assert not is_content("", body)


@given(st.dictionaries(st.sampled_from(["signature-input", "signature"]), st.text(max_size=300)))
def test_no_text_makes_the_check_fail_in_another_way(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        check(Asked("GET", "/", "", headers), PUBLIC)


def test_a_header_that_came_twice_has_both_values() -> None:
    raw = [(b"Range", b"bytes=0-1"), (b"range", b" bytes=5-6 "), (b"accept", b"*/*")]
    assert headers_of(raw) == {"range": "bytes=0-1, bytes=5-6"}


def test_a_next_key_is_proved_for_one_site_by_its_owner() -> None:
    proof = prove(KEY, "s-1")
    assert is_proof(proof, PUBLIC, "s-1")
    assert not is_proof(proof, PUBLIC, "s-2")
    assert not is_proof(proof, public_key(OTHER), "s-1")
    assert not is_proof("", PUBLIC, "s-1")
    assert not is_proof("é" * 3, PUBLIC, "s-1")


def test_a_key_is_written_in_one_way() -> None:
    assert is_key(PUBLIC)
    last = PUBLIC[-1]
    twins = [PUBLIC[:-1] + c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if c != last]
    assert sum(map(is_key, twins)) == 15
    assert not any(is_key(text) for text in ("", PUBLIC + "=", PUBLIC[:-1], "é" * 43))
