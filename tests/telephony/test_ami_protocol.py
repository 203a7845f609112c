"""Bytes of the manager interface, cut anywhere and written by anybody, become messages."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.telephony.ami.channels import device, extension
from agentdesk.telephony.ami.protocol import FIELDS, LINE_BYTES, Message, Parser, encode
from tests.telephony.recording import everything, in_pieces


def parse(*pieces: bytes) -> list[Message]:
    parser = Parser()
    return [message for piece in pieces for message in parser.feed(piece)]


WHOLE = b"".join(block.wire for block in everything())


def test_a_recording_is_read_completely() -> None:
    messages = parse(WHOLE)
    assert len(messages) == len(everything())
    assert {m.get("calleridname") for m in messages if m.event == "QueueCallerJoin"} == {"王女士"}


@pytest.mark.parametrize("seed", range(5))
def test_it_doesnt_matter_where_the_bytes_are_cut(seed: int) -> None:
    assert parse(*in_pieces(WHOLE, Random(seed))) == parse(WHOLE)


def test_lines_may_end_in_either_way() -> None:
    assert parse(WHOLE.replace(b"\r\n", b"\n")) == parse(WHOLE)


def test_the_greeting_and_what_is_no_field() -> None:
    greeting, answer = parse(b"Asterisk Call Manager/9.0.0\r\nResponse: Success\r\nnonsense\r\nPing: Pong\r\n\r\n")
    assert greeting.get("greeting") == "Asterisk Call Manager/9.0.0"
    assert (answer.ok, answer.get("ping"), answer.event) == (True, "Pong", "")


def test_what_isnt_utf8_is_replaced_and_the_first_of_a_repeated_key_counts() -> None:
    (message,) = parse(b"Event: X\r\nCallerIDName: \xcd\xf5\xff\r\nEvent: Y\r\n\r\n")
    assert (message.event, message.get("calleridname")) == ("X", "\ufffd" * 3)


def test_lines_and_messages_are_bounded() -> None:
    many = b"".join(b"K%d: v\r\n" % n for n in range(FIELDS * 3))
    name, fields = parse(b"Event: X\r\nName: " + b"a" * 1_000_000 + b"\r\n\r\n", b"Event: Y\r\n" + many + b"\r\n")
    assert len(name.get("name")) < LINE_BYTES
    assert len(fields.fields) == FIELDS
    parser = Parser()
    for _ in range(100):
        assert parser.feed(b"x" * 10_000) == []
    assert len(parser._line) == LINE_BYTES


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_are_survived(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    assert parse(*pieces, b"\n\nEvent: End\n\n")[-1].event == "End"
    assert parse(*pieces) == parse(whole)


hostile = st.text(st.characters(codec="utf-8"), max_size=700)


@given(hostile, hostile)
def test_no_value_becomes_a_line_of_its_own(target: str, reason: str) -> None:
    raw = encode("Atxfer", [("Exten", target), ("Reason", reason)], "7")
    assert raw.endswith(b"\r\n\r\n")
    assert raw.count(b"\r\n\r\n") == 1
    lines = raw[:-4].split(b"\r\n")
    assert [text.partition(b":")[0] for text in lines] == [b"Action", b"ActionID", b"Exten", b"Reason"]
    assert b"\n" not in raw.replace(b"\r\n", b"")
    (message,) = parse(raw)
    assert message.get("action") == "Atxfer"


def test_an_injected_action_stays_a_value() -> None:
    raw = encode("Hangup", [("Channel", "PJSIP/8001\r\n\r\nAction: Command\r\nCommand: core stop now")], "1")
    assert raw.count(b"\r\nAction:") == 0


def test_a_key_is_ours() -> None:
    with pytest.raises(ValueError, match="no field"):
        encode("Hangup", [("Channel: x\r\nAction", "y")], "1")


@pytest.mark.parametrize(
    ("name", "of_device", "of_extension"),
    [
        ("Local/8001@agents/n", "local/8001@agents", "8001"),
        ("Local/8001@agents-0000002a;1", "local/8001@agents", "8001"),
        ("PJSIP/8001", "pjsip/8001", "8001"),
        ("PJSIP/8001-0000002a", "pjsip/8001", "8001"),
        ("PJSIP/zhang-min-0000002a", "pjsip/zhang-min", "zhang-min"),
        ("Agent/8001", "agent/8001", "8001"),
        ("8001", "8001", "8001"),
        ("", "", ""),
    ],
)
def test_channels_and_interfaces_of_one_phone_have_one_name(name: str, of_device: str, of_extension: str) -> None:
    assert (device(name), extension(name)) == (of_device, of_extension)
