"""`agentdesk held` at the centre and `agentdesk outbox` at a site: deciding what was held or refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.domain.verdict import Verdict
from tests.centre.kit import AGENT, SCOPE, World, build_world
from tests.cli.commands import Ran, inside
from tests.sync.histories import Node, Story
from tests.sync.test_later_verdicts import BAD, moody


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = build_world(tmp_path)
    yield world
    world.centre.database.close()


def held(world: World, *words: object) -> Ran:
    return inside("held", *words, "--database", world.url)


def test_what_is_held_is_listed_shown_and_decided_by_name(world: World) -> None:
    site = world.site()
    note = site.note(actor="stranger")
    site.note(deps=(note.id,))
    promise = site.promise(site.contact(), actor="stranger")
    site.push()

    listed = held(world, "list")
    assert listed.code == 0, listed.err
    assert "the administrator to sign you on" in listed.out
    rows = held(world, "list", "--site", site.id, "--json").json["held"]
    assert {row["id"]: row["in_force"] for row in rows}[promise.id] is True
    shown = held(world, "show", note.id, "--json").json
    assert (shown["actor"], shown["body"]["text"]) == ("stranger", "来电咨询")
    assert held(world, "show", note.id).code == 0

    let_go = held(world, "release", note.id, "--by", "李班长", "--words", "我知道", "--json")
    assert let_go.code == 0, let_go.err
    assert [row["verdict"] for row in let_go.json["decided"]] == ["flagged", "applied"]
    told = world.document(note.id, f"site/{site.id}").data
    assert (told["by"], told["words"], told["verdict"]) == ("李班长", "我知道", "flagged")
    assert note.document in world.documents(SCOPE, note.document)

    refused = held(world, "refuse", promise.id, "wrong")
    assert refused.code == 3
    assert "it was said to the customer" in refused.error
    assert held(world, "release", promise.id).code == 0
    assert "nothing is held" in held(world, "list").out
    assert held(world, "show", promise.id).code == 1


def test_what_is_refused_at_the_centre_says_why(world: World) -> None:
    site = world.site()
    note = site.note(actor="stranger")
    site.push()
    assert held(world, "refuse", note.id, "  ").code == 1
    assert held(world, "refuse", note.id, "nobody knows him", "--by", "leader").code == 0
    assert world.document(note.id, f"site/{site.id}").data["reasons"][0]["values"] == {
        "by": "leader",
        "words": "nobody knows him",
    }


# ---------------------------------------------------------------- at the site


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    found = Story(tmp_path)
    yield found
    found.close()


def outbox(node: Node, *words: object) -> Ran:
    return inside("outbox", *words, "--data", node.folder)


def told(story: Story, node: Node) -> None:
    for _ in range(2):
        node.sync()
        story.centre.jobs.run_due()
    node.sync()


def test_an_author_corrects_tries_again_and_withdraws_from_the_command_line(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = story.enrolled("hall")
    with moody(monkeypatch, Verdict.REFUSED):
        wrong, again, gone = (node.note(BAD).operation.id for _ in range(3))
        node.sync()
    by = ("--agent", AGENT)
    assert [row["id"] for row in outbox(node, "list", "--inbox", "--json").json["operations"]] == [wrong, again, gone]
    explained = outbox(node, "explain", wrong, "--json").json
    assert explained["ways_out"] == ["retry", "amend", "withdraw"]
    assert explained["waits_for_a_person"]

    assert outbox(node, "amend", wrong, "--set", "text=", *by).code == 3
    assert outbox(node, "amend", wrong, "--set", "text", *by).code == 1
    made = outbox(node, "amend", wrong, "--set", "text=well said", "--json", *by).json
    assert made["kind"] == "note.added"
    assert outbox(node, "retry", again, *by).code == 0
    assert outbox(node, "withdraw", gone, *by).code == 0
    told(story, node)

    lives = {id_: outbox(node, "explain", id_, "--json").json for id_ in (wrong, again, gone, made["made"])}
    assert [lives[id_]["verdict"] for id_ in (wrong, again, gone)] == ["refused", "applied", "refused"]
    assert lives[made["made"]]["verdict"] == "applied"
    steps = [step["step"] for step in lives[again]["steps"]]
    # the command line goes by the machine's clock, and the site of this test by another
    assert {"made", "decided", "answered", "asked_retried", "decided_later", "seen"} <= set(steps)
    assert (steps[0], steps[-1]) == ("made", "seen")
    assert made["made"] in {step.get("superseded_by") for step in lives[wrong]["steps"]}
    assert not any(life["waits_for_a_person"] for life in lives.values())
    text = outbox(node, "explain", again, "--language", "en").out
    assert f"{AGENT} asked to have it tried again" in text
    assert f"tried again for {AGENT}: in force" in text
    assert outbox(node, "withdraw", again, *by).code == 3


def test_the_author_reads_who_decided_at_the_centre(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    node = story.enrolled("hall")
    with moody(monkeypatch, Verdict.HELD):
        note = node.note(BAD).operation.id
        node.sync()
    done = inside("held", "release", note, "--by", "leader", "--words", "all right", "--database", story.path)
    assert done.code == 0, done.err
    told(story, node)

    out = outbox(node, "explain", note, "--language", "en").out
    assert "leader decided at the centre: in force; all right" in out
    assert "its change came back: number" in out


# ---------------------------------------------------------------- what has no id that can be read


def nameless(node: Node, head: str = "{") -> str:
    """Make an operation whose head the site's disk garbles before it is sent; returns its id."""
    made = node.note("spoilt").operation.id
    with node.site.files.writing() as outbox:
        outbox.execute("UPDATE operation SET head = ? WHERE id = ?", (head, made))
    node.sync()
    return made


def at_the_centre(story: Story, *words: object) -> Ran:
    return inside("held", *words, "--database", story.path)


def test_what_cant_be_read_is_named_by_its_place_and_its_author_told(story: Story) -> None:
    node = story.enrolled("hall")
    first, second = nameless(node), nameless(node, '{"id":7}')
    site, lineage = node.site.identity.site, node.lineage
    listed = at_the_centre(story, "list", "--json").json["held"]
    assert {row["id"] for row in listed} == {""}
    assert {row["place"] for row in listed} == {f"{site}:{lineage}:{seq}" for seq in (1, 2)}
    (short, _) = (line.split()[0] for line in at_the_centre(story, "list").out.splitlines()[-2:])
    assert short == f"{site}:{lineage[:13]}:1"

    assert at_the_centre(story, "show", short, "--json").json["place"] == listed[0]["place"]
    assert at_the_centre(story, "show", "").code == 1
    let_go = at_the_centre(story, "release", short)
    assert (let_go.code, "refuse it, and its author enters it anew" in let_go.error) == (3, True)
    done = at_the_centre(story, "refuse", short, "the disk is bad", "--by", "leader")
    assert done.code == 0, done.err
    assert done.out.split()[:2] == [short, "refused"]

    told(story, node)
    assert [node.verdicts()[id_][0] for id_ in (first, second)] == [Verdict.REFUSED, Verdict.HELD]
    assert [(r.code, r.values["by"]) for r in node.verdicts()[first][1]] == [("refused_by", "leader")]
    assert [row["place"] for row in at_the_centre(story, "list", "--json").json["held"]] == [f"{site}:{lineage}:2"]
    explained = outbox(node, "explain", first, "--json").json
    assert (explained["verdict"], explained["waits_for_a_person"]) == ("refused", True)
    assert "refused by leader: the disk is bad" in outbox(node, "explain", first, "--language", "en").out


def test_a_decision_by_place_is_the_authors_to_read_once(story: Story) -> None:
    node = story.enrolled("hall")
    made = nameless(node)
    assert at_the_centre(story, "refuse", f"{node.site.identity.site}:{node.lineage}:1", "no").code == 0
    told(story, node)
    node.site.outbox.done(made, AGENT, node.site.now())
    before = node.site.outbox.life(made).verdicts
    node.site.files.renew_replica("small")
    told(story, node)
    assert node.site.outbox.life(made).verdicts == before
    assert not node.site.outbox.is_in_inbox(made)


def test_another_operation_under_the_same_id_is_named_by_its_place(world: World) -> None:
    site = world.site()
    first = site.note(actor="stranger")
    other = site.note(id_=first.id)
    site.push()
    names = [line.split()[0] for line in held(world, "list").out.splitlines()[-2:]]
    assert names == [first.id[:13], f"{site.id}:{site.lineage[:13]}:{other.seq}"]
    assert held(world, "show", first.id, "--json").json["document"] == first.document
    assert held(world, "show", names[1], "--json").json["document"] == other.document

    release = held(world, "release", names[1])
    assert (release.code, "two different entries have one id" in release.error) == (3, True)
    assert held(world, "refuse", names[1], "its id was used before").code == 0
    assert [row["document"] for row in held(world, "list", "--json").json["held"]] == [first.document]
    # by its place it is the same one as by its id
    assert held(world, "release", f"{site.id}:{site.lineage}:{first.seq}").code == 0
    assert set(world.documents(SCOPE, first.document, other.document)) == {first.document}
    assert held(world, "list", "--json").json["held"] == []
