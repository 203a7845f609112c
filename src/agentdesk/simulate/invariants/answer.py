"""What holds of every answer that leaves the centre."""

from __future__ import annotations

from collections.abc import Iterator

from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.invariants.centre import CRASHES, RESENT
from agentdesk.simulate.record import Answered, codes


@invariant(
    "An operation gets the same verdict on each resend, unless it was held, or its author wanted another, and it is "
    "decided since.",
    "answer",
    met=RESENT,
)
def one_verdict(look: Look) -> Iterator[str]:
    if look.path != "/v1/push":
        return
    for verdict in look.answer["verdicts"]:
        said = Answered(verdict["verdict"], codes(verdict.get("reasons")), verdict.get("scope"), verdict.get("change"))
        before = look.record.answers.get(verdict["id"])
        if before is not None and verdict["id"]:
            look.world.met["one_verdict"] += 1
            if before != said and before.verdict != "held" and verdict["id"] not in look.record.wished:
                yield f"{verdict['id']} was {before.verdict} {before.reasons}, and now is {said.verdict} {said.reasons}"
        look.record.answers[verdict["id"]] = said


@invariant(
    "An answer says only what is on the centre's disk.",
    "answer",
    met=(*CRASHES, "centre's disk full", "centre's file busy"),
)
def answered_after_the_commit(look: Look) -> Iterator[str]:
    if look.path != "/v1/push":
        return
    file = look.world.watch.file(look.world.server.file)
    for verdict in look.answer["verdicts"]:
        row = file.execute(
            "SELECT 1 FROM archive WHERE id = ? AND seq = ? LIMIT 1", (verdict["id"], verdict["seq"])
        ).fetchone()
        if row is None:
            yield f"{verdict['id']} is answered {verdict['verdict']}, and isn't in the centre's file"


@invariant(
    "What is served is a prefix: a page ends at a row that is on disk, and holds documents as a commit left them.",
    "answer",
    met=("commit shared", *CRASHES),
)
def pages_are_of_the_log(look: Look) -> Iterator[str]:
    if look.path != "/v1/pull":
        return
    look.world.tally["pages looked at"] += len(look.answer["pages"])
    facts = look.record.centre
    for page in look.answer["pages"]:
        if page.get("reset") or page.get("denied"):
            continue
        log = facts.logs.get(page["scope"], [])
        if page["upto"] > len(log):
            yield f"a page of {page['scope']} ends at {page['upto']}, the log at {len(log)}"
        elif page["upto"] and not page["hash"].startswith(log[page["upto"] - 1].hash):
            yield f"a page of {page['scope']} ends at {page['upto']} with another hash"
        for row in page.get("rows") or ():
            if row["action"] == "put" and row["rev"] not in facts.documents.get((row["scope"], row["id"]), {}):
                yield f"revision {row['rev']} of {row['id']} is served, and no commit left it"


@invariant(
    "A restore of the centre is noticed before it gives a new verdict to a site that can prove it.",
    "answer",
    met=("sites that can prove it",),
)
def a_loss_is_noticed_first(look: Look) -> Iterator[str]:
    lost = look.record.provers.get(look.site)
    if lost is None or look.path != "/v1/push":
        return
    if look.answer["epoch"] != lost:
        del look.record.provers[look.site]
    elif look.answer["verdicts"]:
        yield f"{look.site} gets verdicts of the epoch {lost}, which it can prove to be lost"
