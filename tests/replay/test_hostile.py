"""A recording comes from somebody: it is read without running anything, and refused where it goes too far."""

from __future__ import annotations

import base64
import json
import sys
import tracemalloc
import zlib
from pathlib import Path

import pytest

from agentdesk.cli.program import main
from agentdesk.replay.tape import BadRecording, read
from agentdesk.replay.values import MOST_CATALOGUE, BadValue, Decoder
from tests.hostile import HOSTILE, drawable, json_texts

HEAD = '{"session": 1, "program": "1", "size": [80, 24]}\n'


@pytest.mark.parametrize("name", json_texts())
def test_a_line_that_is_none_is_told_with_its_number(tmp_path: Path, name: str) -> None:
    file = tmp_path / "session.jsonl"
    body = json_texts()[name].replace(b"\n", b" ")
    for before in (b"", HEAD.encode()):
        file.write_bytes(before + body + b"\n")
        with pytest.raises(BadRecording, match=rf"line {1 + bool(before)}|ends before"):
            read(file)


@pytest.mark.parametrize(
    "name",
    [
        "agentdesk.__main__:main",
        "agentdesk.cli.program:main",
        "agentdesk.desk.hall:Path",
        "agentdesk.store.small_files:os.system",
        "agentdesk.store.files:fcntl.flock",
        "agentdesk.replay.values:Enum.__class__",
        "agentdesk.domain.policy:Catalogue.__init__",
        "agentdesk.replay.tape:Path",
        "agentdesk.desk.deeds:replace",
        "agentdesk.telephony.hook:HookSource",
        "agentdesk.cli.machine:MachineClock",
        "subprocess:Popen",
        "builtins:eval",
        "builtins:SystemExit",
        "os:system",
        "agentdesk.nothing:X",
        "",
    ],
)
def test_a_recording_names_nothing_but_values_of_this_program(name: str) -> None:
    before = set(sys.modules)
    for value in (
        {"$": "value", "of": name, "v": {}},
        {"$": "enum", "of": name, "v": "x"},
        {"$": "error", "of": name, "args": ["x"], "v": {}},
    ):
        with pytest.raises((BadValue, ValueError, TypeError)):
            Decoder().value(value)
    assert "agentdesk.__main__" not in set(sys.modules) - before


def test_a_catalogue_that_unfolds_without_end_is_not_unfolded() -> None:
    packed = base64.b64encode(zlib.compress(bytes(4 * MOST_CATALOGUE), 9)).decode()
    assert len(packed) < 2_000_000
    tracemalloc.start()
    try:
        with pytest.raises(BadValue, match="larger"):
            Decoder().define({"catalogue": "v", "v": packed})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2.5 * MOST_CATALOGUE


def test_what_a_recording_says_is_printed_without_what_a_terminal_obeys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "session.jsonl"
    for words in HOSTILE:
        step = {"step": 1, "what": "key", "at": [1, 1], "key": words}
        lines = [json.loads(HEAD) | {"program": words}, {"settings": {}, "keymap": None}, step]
        file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        assert main(["replay", str(file), "--steps"]) in (0, 1)
        said = capsys.readouterr()
        assert all(map(drawable, (said.out + said.err).split("\n")))
