"""What a stranger types as his name reaches nobody's terminal as a command."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.telephony.text import clean


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("王女士", "王女士"),
        ("\x1b[31m王\x1b[0m", "王"),
        ("王\ue863" + "\u0301" * 50, "王\ue863" + "\u0301" * 3),
        ("王[@click=app.quit]点我[/]", "王[@click=app.quit]点我[/]"),
        ("a\x00b\r\nEvent: Hangup", "ab Event: Hangup"),
        ("a\u202egnp.exe\u200b", "agnp.exe"),
        ("  \t ", None),
        ("\ud800", None),
        (17, None),
        (None, None),
    ],
)
def test_what_is_kept(raw: object, kept: str | None) -> None:
    assert clean(raw) == kept


def test_a_megabyte_is_cut() -> None:
    assert clean("王" * 1_000_000) == "王" * 120


@given(st.text(), st.integers(1, 40))
def test_the_result_is_one_clean_line_or_nothing(raw: str, limit: int) -> None:
    kept = clean(raw, limit)
    if kept is not None:
        assert 0 < len(kept) <= limit
        assert kept == kept.strip()
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in kept)
        assert clean(kept, limit) == kept
