"""Where the agent's authority ends: a superior signs at his desk, or answers from the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentdesk.desk import drafts, hearing
from agentdesk.desk.drafts import By
from agentdesk.desk.drafts import promises as drafts_promises
from agentdesk.desk.models.approvals import approver_names, superiors, wanted_names
from agentdesk.desk.models.rows import text
from agentdesk.desk.models.tickets import move_rows
from agentdesk.desk.queries.people import staff_of
from agentdesk.desk.screens.approval import ApprovalDialog
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from tests.desk.driving import Hand, running, until, verified, wait_for
from tests.desk.world import NOW, REGION, WANG, Desk, document_of, entries, fill

LEADER = "bj3001"
BEYOND = "260"
"""Yuan: more than an agent may give a diamond customer alone."""


def floor(folder: Path) -> Desk:
    desk = Desk(folder)
    site = desk.site()
    leader = Document("org", LEADER, "agent", 1, {"name": "李班长", "role": "team_leader"})
    fill(site, "org", [leader], 11)
    site.close()
    return desk


async def beyond(desk: Desk, pilot: Hand) -> None:
    """Open a promise of money, and ask for more than the agent may give."""
    await verified(desk, pilot, WANG)
    line = desk.contact.board.of("U10")
    assert line is not None
    await pilot.press(line.key)
    await wait_for(pilot, "本人上限")
    await pilot.press("e")
    desk.clock.advance(500)
    await pilot.press(*f"{BEYOND} reminder missed", "enter")
    await wait_for(pilot, "申请批准")
    desk.clock.advance(500)
    await pilot.press("g")
    await wait_for(pilot, "主管在本席")
    desk.clock.advance(500)


async def ask_superiors(desk: Desk, pilot: Hand) -> None:
    """Have the open request go to all superiors."""
    await pilot.press("g")
    desk.clock.advance(500)
    await pilot.press("enter")
    await wait_for(pilot, "已提交")


async def test_a_superior_signs_at_this_desk_and_promise_and_approval_are_on_disk_together(tmp_path: Path) -> None:
    desk = floor(tmp_path)
    async with running(desk) as pilot:
        await beyond(desk, pilot)
        await pilot.press("s")
        desk.clock.advance(500)
        await pilot.press(*"bj1024 ok", "enter")
        await wait_for(pilot, "不能批准自己的承诺")
        await pilot.press(*["backspace"] * 9, *f"{LEADER} fair", "enter")
        await wait_for(pilot, "已承诺")

    site = desk.site()
    (asked,), (given,), (made,) = (
        entries(site, kind) for kind in ("approval.asked", "approval.given", "commitment.made")
    )
    assert [entry.seq for entry in (asked, given, made)] == [asked.seq, asked.seq + 1, asked.seq + 2]
    assert (given.actor, made.actor, made.amount) == (LEADER, "bj1024", 26_000)
    approval = document_of(site, asked)
    assert (approval.data["state"], approval.data["used_by"]) == ("used", made.document)
    site.close()


async def test_what_was_asked_is_answered_from_the_list_and_promised_by_one_key(tmp_path: Path) -> None:
    desk = floor(tmp_path)
    async with running(desk) as pilot:
        await beyond(desk, pilot)
        await ask_superiors(desk, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: desk.app.heard.waiting == 1)
        await pilot.press("g")
        await wait_for(pilot, "待批 1")
        await pilot.press("a")
        await wait_for(pilot, "请主管输入工号")
        desk.clock.advance(500)
        await pilot.press(*LEADER, "enter")
        await until(pilot, lambda: desk.app.heard.given == 1)
        await wait_for(pilot, "待批 0")
        desk.clock.advance(500)
        await pilot.press("enter")
        await wait_for(pilot, "再输一遍金额")
        desk.clock.advance(500)
        await pilot.press(*BEYOND, "enter")
        await wait_for(pilot, "已承诺")

    site = desk.site()
    (made,) = entries(site, "commitment.made")
    approvals = [d for d in site.view.work(REGION, "c-wang", site.now()) if d.type == "approval"]
    assert [(d.data["state"], d.data["used_by"]) for d in approvals] == [("used", made.document)]
    assert made.body is not None
    assert made.body["approval"] == approvals[0].id
    site.close()


async def test_the_dialog_names_every_role_whose_number_is_taken_there_or_one_below_it(tmp_path: Path) -> None:
    desk = floor(tmp_path)
    async with running(desk) as pilot:
        await beyond(desk, pilot)
        dialog = desk.app.screen
        assert isinstance(dialog, ApprovalDialog)
        facts, offer = dialog._facts, dialog._offer
        roles = facts.catalogue.roles
        taken = set()
        for role in roles:
            somebody = Document("org", "bj9009", "agent", 1, {"name": "某人", "role": role})
            if superiors([somebody], "bj9009", offer, facts)[0] is not None:
                taken.add(role)
        assert taken == {"team_leader", "duty_manager", "hall_manager"}
        await wait_for(pilot, "值班经理、班长及以上")
        named = approver_names(offer, facts).split("、")
        lowest = {role for role in taken if roles[role].name.zh in named}
        assert len({roles[role].rank for role in lowest}) == 1
        assert all(roles[role].rank > roles["team_leader"].rank for role in taken - lowest)
        await ask_superiors(desk, pilot)

    site = desk.site()
    (asked,) = entries(site, "approval.asked")
    approval = document_of(site, asked)
    assert wanted_names(approval.data, site.catalogue()) == "值班经理、班长"
    site.close()


def test_what_is_done_about_a_promise_goes_by_the_policy_that_it_was_made_under() -> None:
    by = By("bj1024", "agent", REGION, "newer")
    promise = Document(REGION, "p1", "commitment", 3, {"catalogue": "older", "contact": "k1"})
    old = Document(REGION, "p2", "commitment", 3, {"contact": "k1"})
    builds: tuple[Callable[[Document], Draft], ...] = (
        lambda d: drafts.commitment_spoken(by, d, 5),
        lambda d: drafts.commitment_voided(by, d, "mis-key"),
        lambda d: drafts.commitment_withdrawn(by, d, "no more"),
        lambda d: drafts.commitment_fulfilled(by, d, "done"),
        lambda d: drafts_promises.moved(by, d, "chased", {}),
        lambda d: drafts_promises.approval_answered(by, d, True, ""),
    )
    for build in builds:
        assert (build(promise).catalogue, build(old).catalogue) == ("older", "newer")


def label_on(name: str, **data: Any) -> Document:
    asked = {"number": "+8613500001111", "sort": "nuisance", "asked_by": "bj2001", "state": "asked", "at": NOW}
    return Document(REGION, name, "label", 1, {**asked, **data})


def test_a_label_that_waits_is_counted_for_a_superior_but_for_who_asked_and_once_it_is_decided(tmp_path: Path) -> None:
    site = Desk(tmp_path).site()
    labels = [label_on("b-1"), label_on("b-2", asked_by="bj1024"), label_on("b-3", state="approved")]
    fill(site, REGION, labels, upto=20)
    heard, _news = hearing.look(site, "bj1024", hearing.Heard())
    assert heard.waiting == 1
    assert hearing.status_words(heard, superior=True)
    assert not hearing.status_words(heard, superior=False)
    site.close()


def test_what_was_done_says_by_whom_in_names_as_far_as_they_are_known(tmp_path: Path) -> None:
    site = Desk(tmp_path).site()
    moves = [
        {"what": "made", "at": NOW, "by": "bj1024"},
        {"what": "handed_over", "at": NOW, "by": "x9", "to": "bj1024"},
    ]
    promise = Document(REGION, "p1", "commitment", 3, {"owner": "bj1024", "at": NOW, "moves": moves})
    staff = staff_of(site, promise)
    assert staff == {"bj1024": "张敏"}
    newer, older = (text(line) for line in move_rows(promise, None, NOW, 100, staff))
    assert "张敏" in newer
    assert "x9" in newer
    assert "张敏" in older
    assert "bj1024" not in older
    site.close()
