"""The handbook: its tables of keys are the registry's, and what it says a key does is a key."""

from __future__ import annotations

import pytest

from scripts.keytables import WORDS, file_of, tables


@pytest.mark.parametrize("language", WORDS)
def test_the_tables_of_keys_are_those_of_the_registry(language: str) -> None:
    kept = file_of(language).read_text(encoding="utf-8")
    assert kept == tables(language), "keys or their words have changed: run `make pictures`"
