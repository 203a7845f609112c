"""Bugs to plant: each replaces one function of the shipped code, as somebody could have written it.

No invariant knows of them. That each is found, and how soon, is what says that the simulation is worth something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agentdesk.centre import allowances, histories, judging, provisioning, push, timing
from agentdesk.centre.storage import copying, reads, sqlite, writes
from agentdesk.domain.kinds import promise_clocks, service
from agentdesk.domain.kinds.commitments import collisions, making
from agentdesk.domain.operation import head_hash
from agentdesk.replica.tables import put, set_cursor, take_away
from agentdesk.store import charges, files, intake, outbox, tidying
from agentdesk.sync import core

Make = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Plant:
    """A bug: what it is, and the one attribute that it replaces, made from what stands there."""

    name: str
    says: str
    owner: Any
    attribute: str
    make: Make


@contextmanager
def planted(name: str | None) -> Iterator[None]:
    """Have a bug in the shipped code meanwhile; None for none. Raises KeyError for one that isn't there."""
    if name is None:
        yield
        return
    plant = PLANTS[name]
    before = getattr(plant.owner, plant.attribute)
    setattr(plant.owner, plant.attribute, plant.make(before))
    try:
        yield
    finally:
        setattr(plant.owner, plant.attribute, before)


def _bare_sequence(right: Any) -> Any:
    """Number a log from a sequence: what a transaction took and lost stays taken."""
    last: list[Any] = []

    def lock_scopes(self: Any, names: Sequence[str]) -> Any:
        heads = right(self, names)
        taken = dict(last[0].moved) if last and last[0]._path == self._path else {}
        last[:] = [self]
        return {name: replace(head, seq=max(head.seq, taken.get(name, 0))) for name, head in heads.items()}

    return lock_scopes


def _early_answer(right: Any) -> Any:
    """Answer when the work is done, and leave the commit to the next one who comes."""

    def commit(self: Any, group: Sequence[Any]) -> Mapping[str, int]:
        writer = self.writer
        if writer.in_transaction:
            writer.execute("COMMIT")
        writer.execute("BEGIN IMMEDIATE")
        tx = sqlite.SqliteTransaction(writer, self._dialect, self.path, self.seals)
        for job in group:
            try:
                job.future.set_result(tx.attempt(partial(job.work, tx)))
            except BaseException as error:
                job.future.set_exception(error)
        return tx.moved

    return commit


def _retry_on_write(right: Any) -> Any:
    """Send what failed again only when something new was written."""
    seen: dict[int, int] = {}

    def next_(self: Any, now: int, waiting: int) -> Any:
        if self._push.failures:
            if seen.setdefault(id(self), waiting) >= waiting:
                return right(self, now, 0)
        else:
            seen.pop(id(self), None)
        return right(self, now, waiting)

    return next_


def _pull_behind_push(right: Any) -> Any:
    """Look for what is new only when nothing waits to be sent."""

    def next_(self: Any, now: int, waiting: int) -> Any:
        step = right(self, now, waiting)
        if isinstance(step, core.Pull) and waiting:
            return core.Push(self.most, self.most_bytes) if now >= self._push.at else core.Wait(self._push.at)
        return step

    return next_


def _early_overlay(right: Any) -> Any:
    """Take an operation for arrived as soon as it is answered."""

    def settle(connection: Any, cursors: Any) -> Any:
        far = {scope: (epoch, 1 << 60, digest) for scope, (epoch, _, digest) in cursors.items()}
        return right(connection, far)

    return settle


def _unchained(right: Any) -> Any:
    """Take operations for what they say they are, whatever they follow."""

    def entries(*arguments: Any) -> Any:
        found = right(*arguments)
        for entry in found:
            if entry.problem is not None and entry.problem.code == "chain_broken":
                entry.problem = None
        return found

    return entries


def _cursor_first(right: Any) -> Any:
    """Move the cursor, then take the page in: two transactions where there should be one."""

    def page(self: Any, page: Any) -> None:
        with self._files.filling(page.scope) as replica:
            set_cursor(replica, page.scope, page.epoch, page.upto, page.digest)
        with self._files.filling(page.scope) as replica:
            put(replica, (row.document for row in page.rows if row.document is not None))
            take_away(replica, ((row.key.scope, row.key.id) for row in page.rows if row.document is None))
        with self._files.writing() as connection:
            self._settle(connection, (row.key for row in page.rows))

    return page


def _receipts_expire(right: Any) -> Any:
    """Forget receipts after twenty seconds, by the clock."""

    def receipts_at(self: Any, site: str, lineage: str, first: int, last: int) -> Any:
        (newest,) = next(iter(self._rows("SELECT max(received_at) FROM archive")))
        old = {
            row[0]
            for row in self._rows(
                "SELECT seq FROM archive WHERE site = ? AND lineage = ? AND received_at < ?",
                site,
                lineage,
                (newest or 0) - 20_000,
            )
        }
        return [receipt for receipt in right(self, site, lineage, first, last) if receipt.seq not in old]

    return receipts_at


def _judged_again(right: Any) -> Any:
    """Forget how far a lineage came: what is sent again is judged again."""

    def lock_lineage(self: Any, site: str, lineage: str) -> Any:
        head = right(self, site, lineage)
        if head is None or site == "centre" or head.seq < 2:
            return head
        before = self.archived(site, lineage, head.seq - 1, head.seq - 1)
        self._run("DELETE FROM receipt WHERE site = ? AND lineage = ? AND seq = ?", site, lineage, head.seq)
        return replace(head, seq=head.seq - 1, hash=head_hash(before[0].head))

    return lock_lineage


def _free_of_others(right: Any) -> Any:
    """Let an operation stand, whatever became of those it depends on."""
    return lambda operation, verdicts, instead: (None, False)


def _flags_unsaid(right: Any) -> Any:
    """Call a flagged operation done: nobody needs to look at it."""
    return frozenset(verdict for verdict in right if verdict.value != "flagged")


def _kept_give_back(right: Any) -> Any:
    """Keep what an operation gave back to its lease, though it isn't done."""
    return lambda connection, operation, verdict, changed: charges.give_back(connection, operation)


def _second_verdict(right: Any) -> Any:
    """Take whatever verdict comes, also for what has one: the last word counts, and its place isn't looked at."""

    def record(self: Any, connection: Any, lineage: str, answers: Any, *rest: Any) -> Any:
        placeless = [replace(answer, change=None, scope=None) for answer in answers]
        return right(self, connection, lineage, placeless, *rest)

    return record


def _by_sequence(right: Any) -> Any:
    """Answer what was seen by its number alone, whatever it is."""

    def seen_before(tx: Any, head: Any, request: Any, count: int) -> Any:
        after = request.after_seq
        return tx.receipts_at(head.site, head.lineage, after + 1, after + count) if after < head.seq else []

    return seen_before


def _reclaimed(right: Any) -> Any:
    """Take back what a site has left of its leases when it wasn't heard for fifteen seconds."""

    def grant(tx: Any, means: Any, site: Any, lineage: str, secret: bytes) -> None:
        silent = means.now() - 15_000
        sql = "SELECT site FROM archive WHERE site <> 'centre' GROUP BY site HAVING max(received_at) < ?"
        for (other,) in list(tx._rows(sql, silent)):
            for lease in tx.leases(other):
                tx.put_lease(replace(lease, amount=lease.spent))
        right(tx, means, site, lineage, secret)

    return grant


def _always_lease(right: Any) -> Any:
    """Lease at once after a restore, whatever is out there."""
    return lambda snapshot: True


def _unnoticed(right: Any) -> Any:
    """Believe nobody who says that history was lost."""
    return lambda snapshot, epoch, cause: None


def _same_name(right: Any) -> Any:
    """Give a new generation of a replica the name of the one that serves."""
    return lambda self, name: max(1, right(self, name) - 1)


def _numberless(right: Any) -> Any:
    """Make snapshots without the numbers under which customers are found."""

    return lambda connection, scope: iter(())


def _never_pruned(right: Any) -> Any:
    """Keep every receipt for ever."""
    return lambda self, site, lineage, below: 0


def _compacted(right: Any) -> Any:
    """Cut from a log what a later row has overtaken, wherever that stands."""

    def cut_log(self: Any, scope: str, floor: int) -> None:
        self._run(
            "DELETE FROM scope_log WHERE scope = ?1 AND EXISTS (SELECT 1 FROM scope_log l "
            "WHERE l.scope = ?1 AND l.document = scope_log.document AND l.seq > scope_log.seq)",
            scope,
        )

    return cut_log


def _tidied_early(right: Any) -> Any:
    """Let operations go at a site as soon as they are answered."""

    def tidy(files: Any, now: int, keep_ms: int = 0, keep_last: int = 0) -> int:
        with files.writing() as outbox:
            ids = [row[0] for row in outbox.execute("SELECT operation FROM verdict").fetchall()]
            tidying._forget(outbox, ids)
        return len(ids)

    return tidy


def _taken_off(right: Any) -> Any:
    """Take a clock's row off the list, and then do what it says."""

    def claim(self: Any, rows: Sequence[Any], tx: Any) -> Any:
        claimed = right(self, rows, tx)
        for row in claimed:
            tx.move_timer(row, None)
        return claimed

    return claim


def _unasked(right: Any) -> Any:
    """Go by how often something was done rather than by what was."""

    def first_open(document: Any, steps: Any) -> Any:
        done = sum("due_at" in move for move in document.data.get("moves") or ())
        return next((step for number, step in enumerate(steps) if number >= min(done, 1)), None)

    return first_open


def _unmarked(right: Any) -> Any:
    """Leave an approval as it is when something is given on it: it serves once more."""
    return lambda approval, operation, situation: ()


def _believed(right: Any) -> Any:
    """Take an approval that is named for one that covers, whatever became of it."""
    return lambda approval, wanted, policy: ()


def _handed_over_once(right: Any) -> Any:
    """Ask the network about an order once, and leave it at that."""
    asked: set[str] = set()

    def ask(self: Any, order: Any) -> Any:
        if order.id in asked:
            return None
        asked.add(order.id)
        return right(self, order)

    return ask


def _effected_again(right: Any) -> Any:
    """Let what took effect take effect again."""
    return right | {"effected"}


_LIST = (
    Plant(
        "bare-sequence", "log numbers come from a bare sequence", writes.SqlTransaction, "lock_scopes", _bare_sequence
    ),
    Plant("early-answer", "the centre answers before its commit", sqlite.SqliteFile, "commit", _early_answer),
    Plant("retry-on-write", "a failed push waits for the next write", core.SyncCore, "next", _retry_on_write),
    Plant("pull-behind-push", "pulls wait until nothing is to be pushed", core.SyncCore, "next", _pull_behind_push),
    Plant("early-overlay", "the overlay goes when the answer comes", intake, "settle", _early_overlay),
    Plant("unchained", "nobody looks whether an operation follows the one before", push, "_entries", _unchained),
    Plant("cursor-first", "page and cursor in two transactions", intake.Intake, "page", _cursor_first),
    Plant("receipts-expire", "receipts expire by time", reads.SqlSnapshot, "receipts_at", _receipts_expire),
    Plant(
        "judged-again",
        "the last operation is judged on each resend",
        writes.SqlTransaction,
        "lock_lineage",
        _judged_again,
    ),
    Plant("free-of-others", "dependencies are not looked at", judging, "_blocked", _free_of_others),
    Plant("flags-unsaid", "flagged promises reach no inbox", outbox, "NEEDS_A_PERSON", _flags_unsaid),
    Plant("kept-give-back", "money given back in vain stays given back", outbox, "settle_charges", _kept_give_back),
    Plant("by-sequence", "what was seen is recognised by its number only", push, "_seen_before", _by_sequence),
    Plant("reclaimed", "a silent site's allowance is leased to others", allowances, "grant", _reclaimed),
    Plant("always-lease", "a restored centre leases before its sites came", allowances, "may_lease", _always_lease),
    Plant("unnoticed", "a centre doesn't notice that it was restored", histories, "_notice", _unnoticed),
    Plant("same-name", "a new generation takes the old one's name", files.Files, "_next_generation", _same_name),
    Plant("numberless", "snapshots have no numbers to find customers by", copying, "_holders", _numberless),
    Plant("never-pruned", "receipts are never pruned", writes.SqlTransaction, "prune_receipts", _never_pruned),
    Plant("compacted", "logs are cut in their middle", writes.SqlTransaction, "cut_log", _compacted),
    Plant("tidied-early", "sites let go of what is answered", tidying, "tidy", _tidied_early),
    Plant("taken-off", "a clock is taken off the list before it is done", timing.Timers, "_claim", _taken_off),
    Plant("unremembered", "what a clock did isn't looked up in the document", promise_clocks, "first_open", _unasked),
    Plant("unmarked", "an approval isn't marked as used", making, "_used", _unmarked),
    Plant("believed", "an approval that is named is believed", collisions, "uncovered", _believed),
    Plant(
        "handed-over-once",
        "the network is asked once about an order",
        provisioning.Provisioning,
        "_ask",
        _handed_over_once,
    ),
    Plant("effected-again", "an order may take effect again", service, "RUNNING", _effected_again),
    Plant("placeless-verdict", "a site forgets where a change stands", outbox.Outbox, "record", _second_verdict),
)

PLANTS: dict[str, Plant] = {plant.name: plant for plant in _LIST}
