"""Texts to customers: handed over once each as far as a spool can, tried later and later, kept where nobody sends."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.notices import NOBODY_MS, Command, Spool, sender_of
from agentdesk.centre.storage.contract import StorageError
from agentdesk.centre.timing import FIRST_RETRY_MS
from agentdesk.domain.operation import Operation
from tests.centre.kit import Site, World

MINUTE = 60_000
MOBILE = "+8618600000001"
LINE = {"key": "n1 try1", "id": "n1", "to": MOBILE, "text": "您好"}


def told(world: World) -> tuple[Site, Operation]:
    """Promise something at noon and tell it, with a receipt."""
    site = world.site()
    contact = site.contact(1)
    site.verify(contact, 1)
    promise = site.promise(contact, 1)
    body = {"seconds": 42, "notify": {"to": MOBILE}}
    site.make("commitment.spoken", promise.document, body, deps=(promise.id,), version=2)
    site.push()
    return site, promise


def lines(spool: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in spool.read_text().splitlines()] if spool.exists() else []


def awake(world: World) -> None:
    """Wait for the morning: a promise made at night is written about then."""
    world.clock.now += 14 * 60 * MINUTE


def test_what_is_promised_is_written_to_the_spool_once_and_marked_as_sent(world: World, tmp_path: Path) -> None:
    spool = tmp_path / "spool.jsonl"
    world.centre.send_with(Spool(spool))
    _, promise = told(world)
    awake(world)
    for _ in range(3):
        world.centre.jobs.run_due()
    (line,) = lines(spool)
    assert (line["to"], line["about"], line["try"]) == (MOBILE, promise.document, 1)
    data = world.document(f"{promise.document}.sms").data
    assert (data["state"], data["sent_by"], data["tries"]) == ("sent", "spool", 1)
    assert data["number"] in line["text"]


def test_without_a_sender_it_stays_queued_and_goes_when_there_is_one(world: World, tmp_path: Path) -> None:
    _, promise = told(world)
    awake(world)
    world.centre.jobs.run_due()
    assert world.document(f"{promise.document}.sms").data["state"] == "queued"
    world.centre.send_with(Spool(tmp_path / "spool"))
    world.clock.now += NOBODY_MS
    world.centre.jobs.run_due()
    assert world.document(f"{promise.document}.sms").data["state"] == "sent"


def test_a_server_that_dies_behind_the_spool_doesnt_write_it_twice(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    world.centre.send_with(Spool(spool))
    _, promise = told(world)
    awake(world)
    write, sent = world.centre.database.write, lines

    def dying(work: Any) -> Any:
        if sent(spool):
            raise StorageError("the process dies behind the spool")
        return write(work)

    monkeypatch.setattr(world.centre.database, "write", dying)
    with pytest.raises(StorageError):
        world.centre.timers.run_due()
    monkeypatch.undo()
    assert world.document(f"{promise.document}.sms").data["state"] == "queued"
    world.clock.now += FIRST_RETRY_MS
    world.centre.jobs.run_due()
    assert len(lines(spool)) == 1
    assert world.document(f"{promise.document}.sms").data["state"] == "sent"


class Broken:
    name = "broken"

    def __init__(self) -> None:
        self.tried: list[int] = []

    def send(self, line: Mapping[str, Any], again: bool) -> str | None:
        self.tried.append(int(line["try"]))
        return "no gateway"


def test_what_fails_is_tried_later_and_later_and_given_up_at_last(world: World) -> None:
    sender = Broken()
    world.centre.send_with(sender)
    _, promise = told(world)
    awake(world)
    for _ in range(200):
        world.centre.jobs.run_due()
        world.clock.now += 10 * MINUTE
    assert sender.tried == [1, 2, 3, 4, 5, 6]
    data = world.document(f"{promise.document}.sms").data
    assert (data["state"], data["problem"], data["tries"]) == ("failed", "no gateway", 6)


def test_half_a_line_that_a_power_cut_left_is_not_taken_for_sent(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    whole = Spool(spool)
    assert whole.send(LINE, again=False) is None
    assert whole.send(LINE, again=True) is None
    assert len(lines(spool)) == 1
    other = {**LINE, "key": "n2 try1", "id": "n2"}
    with spool.open("a") as file:
        file.write(json.dumps(other)[:30])
    assert whole.send(other, again=True) is None
    found = spool.read_text().splitlines()
    assert [json.loads(line)["id"] for line in (found[0], found[2])] == ["n1", "n2"]
    assert len(found) == 3


def test_a_spool_that_cant_be_written_is_a_failure_and_no_crash(tmp_path: Path) -> None:
    assert Spool(tmp_path / "nowhere" / "spool").send(LINE, again=False)
    assert Spool(tmp_path).send(LINE, again=False)


def test_a_command_gets_the_line_and_its_end_says_whether_it_was_sent(tmp_path: Path) -> None:
    got = tmp_path / "got"
    writes = f"import sys; open({str(got)!r}, 'w').write(sys.stdin.read())"
    sender = sender_of(f"command:{sys.executable} -c {json.dumps(writes)}")
    assert isinstance(sender, Command)
    assert sender.send(LINE, again=True) is None
    assert json.loads(got.read_text()) == {**LINE, "again": True}
    failing = Command([sys.executable, "-c", "import sys; sys.exit('no credit left')"])
    problem = failing.send(LINE, again=False)
    assert problem is not None
    assert "no credit left" in problem
    assert Command([str(tmp_path / "missing")]).send(LINE, again=False)


def test_a_setting_says_where_texts_go() -> None:
    assert sender_of(None) is None
    assert sender_of("") is None
    assert sender_of("command:") is None
    assert isinstance(sender_of("spool.jsonl"), Spool)
