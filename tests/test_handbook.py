"""The handbook: its tables of keys are the registry's, and each key that it names is one."""

from __future__ import annotations

import re

import pytest

from agentdesk.desk.actions import all_actions
from agentdesk.desk.actions.action import named
from scripts.keytables import FOLDER, WORDS, file_of, tables

SIGNS = frozenset({"-", "*", ">", "^x"})
"""Signs that stand on the screen and are no keys."""


@pytest.mark.parametrize("language", WORDS)
def test_the_tables_of_keys_are_those_of_the_registry(language: str) -> None:
    kept = file_of(language).read_text(encoding="utf-8")
    assert kept == tables(language), "keys or their words have changed: run `make pictures`"


@pytest.mark.parametrize("language", WORDS)
def test_each_key_that_the_handbook_names_is_one(language: str) -> None:
    text = (FOLDER / f"{language}.md").read_text(encoding="utf-8")
    spans = re.findall(r"`([^`\n]+)`", text)
    told = {span for span in spans if len(span) == 1 or re.fullmatch(r"\^[a-z]", span)} - SIGNS
    keys = {named(key) for action in all_actions().values() for key in action.keys}
    assert told
    assert told <= keys
