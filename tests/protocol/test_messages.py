"""The protocol: what both ends must agree on, and what a newer end may add."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agentdesk.domain.operation import GENESIS
from agentdesk.domain.verdict import Verdict
from agentdesk.protocol.errors import STATUS, ErrorCode
from agentdesk.protocol.limits import MAX_OPERATIONS
from agentdesk.protocol.messages import (
    OperationVerdict,
    PullRequest,
    PushAnswer,
    PushRequest,
    ScopePage,
)


def test_a_first_push_begins_at_the_beginning() -> None:
    request = PushRequest.model_validate({"lineage": "l", "operations": []})

    assert (request.after_seq, request.after_hash) == (0, GENESIS)


@given(texts=st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5))
def test_the_texts_of_operations_travel_byte_for_byte(texts: list[tuple[str, str, str]]) -> None:
    request = PushRequest(lineage="l", operations=texts)

    assert PushRequest.model_validate_json(request.model_dump_json()).operations == texts


def test_a_newer_end_may_say_more() -> None:
    answer = {
        "epoch": "e",
        "verdicts": [{"id": "o", "seq": 1, "verdict": "applied", "durable": True}],
        "last_seq": 1,
        "server_time": 0,
        "limits": {"operations": 100, "bytes": 1000, "seconds": 3},
    }
    read = PushAnswer.model_validate_json(json.dumps(answer))

    assert read.verdicts == [OperationVerdict(id="o", seq=1, verdict=Verdict.APPLIED)]
    assert read.limits.operations == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"operations": [["", "", ""]] * (MAX_OPERATIONS + 1)},
        {"operations": [["", ""]]},
        {"operations": [["", "", "", ""]]},
        {"after_seq": -1},
        {"after_seq": 2**53},
        {"lineage": ""},
        {"lineage": "x" * 65},
    ],
)
def test_a_push_of_another_shape_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PushRequest.model_validate({"lineage": "l", "operations": [], **wrong})


def test_an_empty_cursor_is_the_beginning() -> None:
    request = PullRequest.model_validate({"cursors": {"org": {}}})

    assert (request.cursors["org"].epoch, request.cursors["org"].seq) == ("", 0)


def test_a_page_says_what_it_is_not_by_default() -> None:
    page = ScopePage(scope="org")

    assert (page.more, page.reset, page.denied, page.rows) == (False, False, False, [])


def test_every_error_has_a_status() -> None:
    assert set(STATUS) == set(ErrorCode)
    assert all(400 <= status < 600 for status in STATUS.values())
