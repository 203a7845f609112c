"""A content in encrypted chunks: it comes back whole, and nothing else comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.trust.streams import CHUNK, TAG, Forged, Opener, Sealer, sealed_size

KEY, ABOUT = bytes(range(32)), b"a name\nregion/bj"
SIZES = st.one_of(st.integers(0, 300), st.sampled_from([n * CHUNK + more for n in (1, 2, 3) for more in (-1, 0, 1)]))


def sealed(content: bytes, pieces: int = 1_000, key: bytes = KEY, about: bytes = ABOUT) -> bytes:
    sealer = Sealer(key, about)
    parts = [part for n in range(0, len(content), pieces) for part in sealer.feed(content[n : n + pieces])]
    return b"".join([*parts, sealer.finish()])


def opened(data: bytes, pieces: int = 70_000, key: bytes = KEY, about: bytes = ABOUT, size: int | None = None) -> bytes:
    opener = Opener(key, about, len(data) if size is None else size)
    content = b"".join(part for n in range(0, len(data), pieces) for part in opener.feed(data[n : n + pieces]))
    if not opener.finished:
        raise Forged("there is more to come")
    return content


@settings(max_examples=30, deadline=None)
@given(size=SIZES, put=st.integers(999, 200_000), take=st.integers(999, 200_000))
def test_a_content_comes_back_however_it_is_cut(size: int, put: int, take: int) -> None:
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    data = sealed(content, put)
    assert len(data) == sealed_size(size)
    assert opened(data, take) == content
    assert size < 20 or content[:20] not in data


@settings(max_examples=40, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_wrong_byte_is_always_found(place: float, flip: int) -> None:
    data = bytearray(sealed(bytes(150_000)))
    data[int(place * len(data))] ^= flip
    with pytest.raises(Forged):
        opened(bytes(data))


PART = CHUNK + TAG
WHOLE = sealed(bytes(3 * CHUNK + 100))
OTHER = sealed(bytes([1]) * (3 * CHUNK + 100))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(WHOLE[PART:], id="the first one is missing"),
        pytest.param(WHOLE[:PART] + WHOLE[2 * PART :], id="one in between is missing"),
        pytest.param(WHOLE[: 3 * PART], id="the last one is missing"),
        pytest.param(WHOLE[:PART], id="only the first is there"),
        pytest.param(WHOLE[PART : 2 * PART] + WHOLE[:PART] + WHOLE[2 * PART :], id="two have changed places"),
        pytest.param(WHOLE[:PART] + WHOLE, id="one comes twice"),
        pytest.param(WHOLE + WHOLE[-116:], id="the last comes twice"),
        pytest.param(WHOLE + b"x", id="a byte more"),
        pytest.param(WHOLE[:-1], id="a byte less"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_parts_stay_where_they_were_put(data: bytes) -> None:
    with pytest.raises(Forged):
        opened(data)


def test_it_opens_with_its_own_key_and_under_its_own_name_only() -> None:
    for key, about in ((bytes(32), ABOUT), (KEY, b"another name\nregion/bj")):
        with pytest.raises(Forged):
            opened(WHOLE, key=key, about=about)
    with pytest.raises(Forged):
        opened(OTHER[:PART] + WHOLE[PART:], key=bytes(32))


def test_more_than_was_said_is_not_taken() -> None:
    with pytest.raises(Forged, match="more behind its end"):
        opened(WHOLE, size=len(WHOLE) - 1)


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_a_key_has_32_bytes(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(key, ABOUT)
    with pytest.raises(ValueError, match="32 bytes"):
        Opener(key, ABOUT, 16)
