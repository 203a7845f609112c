"""The centre's logs say what happened and where, and nothing of whom it was about."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from agentdesk.centre.logs import JsonLines
from tests.store.world import close_all
from tests.sync.histories import Story

PERSONAL = ("机密的话", "客户1", "18600000001", "张敏")


def test_nothing_personal_is_logged_whatever_a_site_sends(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    story = Story(tmp_path)
    node = story.enrolled("hall")
    node.note("机密的话 18600000001 客户1")
    node.reveal()
    node.sync()
    story.close()
    close_all()
    lines = [JsonLines().format(record) for record in caplog.records if record.name.startswith("agentdesk")]
    assert lines, "it is looked at what is there"
    assert not [line for line in lines for one in PERSONAL if one in line]
