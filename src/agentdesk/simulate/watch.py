"""Watching a world: reads the files after each commit and the messages as they leave, and has the invariants looked at.

The files are read through connections of its own that see what is committed and nothing else.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import suppress
from os.path import exists
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentdesk.domain.kinds.operation import RETRIED, WITHDRAWN
from agentdesk.simulate import invariants
from agentdesk.simulate.disks import another_program
from agentdesk.simulate.record import Archived, CentreFacts, Line, Logged, Made, Record

if TYPE_CHECKING:
    from agentdesk.simulate.server import Reply, Request
    from agentdesk.simulate.sites import Desk, Machine
    from agentdesk.simulate.world import World


MOST_OPEN = 64


class Watch:
    """The observer of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.record = Record()
        self._open: dict[str, sqlite3.Connection] = {}
        self.on = False
        self._copies: dict[Path, dict[str, list[Logged]]] = {}

    # what is read

    def file(self, path: str) -> sqlite3.Connection:
        """Return a connection that reads a file."""
        found = self._open.get(path)
        if found is None:
            self._let_go()
            key = None if path == self.world.server.file else self.world.key
            found = another_program(Path(path), key, reads=True)
            self._open[path] = found
        return found

    def _let_go(self) -> None:
        """Close files that aren't there any more, now and then: each generation of a replica is another one."""
        if len(self._open) > MOST_OPEN:
            for path in [p for p in self._open if not exists(p)]:
                self._open.pop(path).close()

    def forget(self, folder: Path) -> None:
        """Let go of a folder's files: they are about to be replaced."""
        for path in [p for p in self._open if p.startswith(f"{folder}/")]:
            self._open.pop(path).close()

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    # what is told

    def centre_committed(self) -> None:
        """Read what a commit of the centre added, and look at it."""
        fresh = self.read_centre()
        if self.on:
            invariants.look(self.world, "centre", fresh=fresh)

    def site_committed(self, machine: Machine, file: str) -> None:
        """Read what a commit at a site added, and look at it."""
        if file == "outbox.db":
            self.read_site(machine)
            if self.world.may_fork:
                self._read_moved(machine)
            self._read_gone(machine)
        if self.on:
            invariants.look(self.world, "site", machine=machine, file=file)

    def answered(self, site: str, request: Request, reply: Reply) -> None:
        """Look at an answer that leaves the centre."""
        if reply.status == 200 and request.path in ("/v1/push", "/v1/pull"):
            with suppress(ValueError):
                invariants.look(self.world, "answer", site=site, path=request.path, answer=_said(reply.body))
        elif reply.status >= 500 and request.path == "/v1/push":
            self._count_bad(request)
        self.world.story.add((site, request.path, reply.status))

    def asks(self, desk: Desk, path: str) -> None:
        """Note that a worker sends a request."""
        self.record.asked[desk.machine.name, path] = self.record.asked.get((desk.machine.name, path), 0) + 1

    def fetch_broken(self, machine: Machine, why: str) -> None:
        """Note that a file on its way to a machine broke off."""
        self.world.tally[f"fetch broken off: {why}"] += 1
        self.record.broken_fetches.add(machine.name)

    def _count_bad(self, request: Request) -> None:
        body = request.body
        if dict(request.headers).get(b"content-encoding") == b"gzip":
            with suppress(zlib.error):
                body = zlib.decompress(body, 31)
        with suppress(ValueError):
            for head, _, _ in json.loads(body)["operations"]:
                operation = json.loads(head).get("id")
                made = self.record.made.get(operation)
                if made is not None and made.bad:
                    self.record.bad_requests[operation] = self.record.bad_requests.get(operation, 0) + 1

    # reading

    def read_site(self, machine: Machine) -> None:
        """Take in the operations that a machine's disk took since the last look."""
        record = self.record
        after = record.seen.get(machine.name, 0)
        rows = self.file(machine.outbox).execute(
            "SELECT rowid, id, lineage, seq, kind, scope, document, amount, allowance, head, salt, body "
            "FROM operation WHERE rowid > ? ORDER BY rowid",
            (after,),
        )
        for row in rows.fetchall():
            values: tuple[Any, ...] = (*row[1:], machine.name, self.world.timeline.now)
            made = Made(*values)
            record.seen[machine.name] = row[0]
            record.made.setdefault(made.id, made)
            if made.kind in (RETRIED, WITHDRAWN):
                record.wished.add(made.document)
            record.kept.setdefault(machine.name, {})[made.id] = made.lineage
            place = (made.lineage, made.seq)
            if record.places.setdefault(place, made.id) != made.id:
                invariants.taken_twice(self.world, machine, made, record.places[place])

    def _read_moved(self, machine: Machine) -> None:
        """Take in where operations stand that went on in a new lineage."""
        rows = self.file(machine.outbox).execute(
            "SELECT o.id, o.lineage, o.seq, o.head FROM operation o JOIN moved m ON m.operation = o.id"
        )
        for operation, lineage, seq, head in rows.fetchall():
            self.record.kept[machine.name][operation] = lineage
            made = self.record.made.get(operation)
            if made is not None and made.machine == machine.name:
                made.lineage, made.seq, made.head = lineage, seq, head

    def _read_gone(self, machine: Machine) -> None:
        """Take in what a machine let go of since the last look."""
        kept = self.record.kept.get(machine.name, {})
        file = self.file(machine.outbox)
        (there,) = file.execute("SELECT count(*) FROM operation").fetchone()
        if there == len(kept):
            return
        ids = {row[0] for row in file.execute("SELECT id FROM operation").fetchall()}
        for operation in [o for o in kept if o not in ids]:
            place = (machine.name, kept.pop(operation))
            self.record.missing[place] = self.record.missing.get(place, 0) + 1
            made = self.record.made[operation]
            if made.machine == machine.name:
                made.let_go = True
            invariants.let_go(self.world, machine, made)
        # what comes next may take the place of the last that went
        (self.record.seen[machine.name],) = file.execute("SELECT coalesce(max(rowid), 0) FROM operation").fetchone()

    def _keep_what_is_there(self, machine: Machine) -> None:
        """Begin with a machine's outbox as it is."""
        file = self.file(machine.outbox)
        kept = dict(file.execute("SELECT id, lineage FROM operation").fetchall())
        self.record.kept[machine.name] = kept
        for operation in kept:
            if self.record.made[operation].machine == machine.name:
                self.record.made[operation].let_go = False
        for lineage, seq in file.execute("SELECT lineage, seq FROM chain").fetchall():
            self.record.missing[machine.name, lineage] = seq - sum(one == lineage for one in kept.values())

    def site_put_back(self, machine: Machine) -> None:
        """Begin anew with a machine whose files were put back."""
        record = self.record
        rows = self.file(machine.outbox).execute("SELECT id, rowid, lineage, seq, head FROM operation").fetchall()
        there = {row[0]: row for row in rows}
        for made in record.made.values():
            if made.machine != machine.name:
                continue
            if made.id in there:
                _, _, made.lineage, made.seq, made.head = there[made.id]
            else:
                made.lost_with = "the site went back to an earlier copy"
                made.gone = made.id not in record.centre.by_id
        record.seen[machine.name] = max((row[1] for row in rows), default=0)
        record.done.pop(machine.name, None)
        if not self._can_prove(machine):
            record.provers.pop(machine.name, None)
        self.world.forget(machine.name, f"{machine.folder}/")
        self._leave_replicas(machine)
        self._keep_what_is_there(machine)

    def site_copied(self, machine: Machine) -> None:
        """Begin with a machine whose files are a copy of another's."""
        row = self.file(machine.outbox).execute("SELECT coalesce(max(rowid), 0) FROM operation").fetchone()
        self.record.seen[machine.name] = row[0]
        self._leave_replicas(machine)
        self._keep_what_is_there(machine)

    def _leave_replicas(self, machine: Machine) -> None:
        """Take the replicas that a machine begins with as they are: nobody saw how they came."""
        rows = self.file(machine.outbox).execute("SELECT file FROM replica UNION SELECT file FROM successor")
        self.world.memory(f"whole {machine.name}").update((row[0], False) for row in rows.fetchall())

    def centre_copied(self, copy: Path) -> None:
        """Keep the logs as they stand in a copy of the centre's file: what was cut can't be read from it."""
        self._copies[copy] = {scope: list(log) for scope, log in self.record.centre.logs.items()}

    def centre_put_back(self, copy: Path) -> None:
        """Begin anew with a centre whose file was put back."""
        record = self.record
        lost_epoch = dict(record.centre.epochs)
        record.centre = facts = CentreFacts()
        self._read_cut(copy, facts)
        self.read_centre()
        for made in record.made.values():
            # it was at the centre alone, and isn't even there any more
            made.gone = made.gone or (bool(made.lost_with) and made.id not in facts.by_id)
        record.answers = {o: a for o, a in record.answers.items() if o in facts.by_id}
        self.world.forget("effects", "logs")
        self.world.memory("effects").update({scope: len(log) for scope, log in facts.logs.items()})
        self.world.memory("effects")["operations"] = {
            row.operation for scope, log in facts.logs.items() for row in log if row.home == scope
        }
        self.world.memory("effects")["held"] = {a.id for a in facts.archive.values() if a.verdict == "held"}
        self.world.memory("logs").update(
            {scope: (log[-1].seq, log[-1].hash) for scope, log in facts.logs.items() if log}
        )
        for machine in self.world.machines:
            self.world.forget(f"replica {machine.folder}/")
            if self._can_prove(machine):
                record.provers[machine.name] = lost_epoch.get("org", "")
        self.world.tally["sites that can prove it"] += len(record.provers)

    def _read_cut(self, copy: Path, facts: CentreFacts) -> None:
        """Take in what stands in a copy's documents, and in its logs before what was cut."""
        file = self.file(self.world.server.file)
        for scope, floor in file.execute("SELECT scope, floor FROM scope WHERE floor > 1").fetchall():
            facts.logs[scope] = self._copies[copy][scope][: floor - 1]
        rows = file.execute("SELECT scope, id, rev, type, data, revs FROM document").fetchall()
        for scope, document, rev, *text in rows:
            facts.documents[scope, document] = {rev: "\n".join(text)}

    def _can_prove(self, machine: Machine) -> bool:
        rows = self.file(machine.outbox).execute("SELECT operation FROM verdict").fetchall()
        return any(row[0] not in self.record.centre.by_id for row in rows)

    def waiting(self, machine: Machine) -> int:
        """Return how many operations of a machine wait for an answer."""
        row = self.file(machine.outbox).execute("SELECT coalesce(sum(seq - answered), 0) FROM chain").fetchone()
        return int(row[0])

    def jobs_due(self, now: int) -> bool:
        """Tell whether the centre's file names work that is due, or a clock that is."""
        row = self.file(self.world.server.file).execute(
            "SELECT 1 FROM job WHERE due <= ?1 UNION ALL SELECT 1 FROM timer WHERE due <= ?1 LIMIT 1", (now,)
        )
        return row.fetchone() is not None

    def clocks_begun(self) -> bool:
        """Tell whether the centre's file names a clock that was begun to be looked at, and not done with."""
        row = self.file(self.world.server.file).execute("SELECT 1 FROM timer WHERE tries > 0 LIMIT 1")
        return row.fetchone() is not None

    def orders_wait(self) -> bool:
        """Tell whether the centre hasn't heard of an order what the network says of it."""
        rows = self.file(self.world.server.file).execute(
            "SELECT id FROM document WHERE type = 'service_order' AND state IN ('ordered', 'late')"
        )
        return any(self.world.exchange.has_news(row[0]) for row in rows)

    def owes_verdicts(self) -> bool:
        """Tell whether the centre's file names work, due or tried before, at whose end a site is told something."""
        row = self.file(self.world.server.file).execute(
            "SELECT 1 FROM job WHERE kind IN ('retry', 'withdraw', 'newer', 'release', 'replaced', 'tell') LIMIT 1"
        )
        return row.fetchone() is not None

    def read_centre(self) -> list[Archived]:
        """Take in what the centre's file has more than at the last look; returns the operations that came."""
        file = self.file(self.world.server.file)
        facts = self.record.centre
        rows = file.execute(
            "SELECT rowid, site, lineage, seq, id, kind, head, salt, coalesce(body, ''), verdict, scope, change "
            "FROM archive "
            "WHERE rowid > ? ORDER BY rowid",
            (facts.rowid,),
        ).fetchall()
        fresh = []
        for rowid, *values in rows:
            archived = Archived(*values)
            facts.rowid = rowid
            fresh.append(archived)
            facts.archive[archived.site, archived.lineage, archived.seq] = archived
            facts.by_id.setdefault(archived.id, []).append(archived)
            if archived.verdict in ("held", "refused"):
                facts.held.add(archived[:3])
        self._read_decided(file, facts)
        self._read_logs(file, facts)
        for archived in fresh:
            self._read_ledger(file, facts, archived)
        return fresh

    def _read_decided(self, file: sqlite3.Connection, facts: CentreFacts) -> None:
        """Take in what became of operations that were held."""
        for place in sorted(facts.held):
            row = file.execute(
                "SELECT verdict, scope, change FROM archive WHERE site = ? AND lineage = ? AND seq = ?", place
            ).fetchone()
            before = facts.archive[place]
            if row == (before.verdict, before.scope, before.change):
                continue
            decided = before._replace(verdict=row[0], scope=row[1], change=row[2])
            facts.archive[place] = decided
            facts.by_id[decided.id] = [decided if a is before else a for a in facts.by_id[decided.id]]
            self._read_ledger(file, facts, decided)
            self.world.tally["decided later"] += 1
            if decided.verdict not in ("held", "refused"):
                facts.held.discard(place)

    def _read_logs(self, file: sqlite3.Connection, facts: CentreFacts) -> None:
        for scope, epoch, seq in file.execute("SELECT scope, epoch, seq FROM scope ORDER BY scope").fetchall():
            facts.epochs[scope] = epoch
            log = facts.logs.setdefault(scope, [])
            known = log[-1].seq if log else 0
            if seq == known:
                continue
            rows = file.execute(
                "SELECT seq, home, document, action, rev, hash, operation FROM scope_log "
                "WHERE scope = ? AND seq > ? ORDER BY seq",
                (scope, known),
            ).fetchall()
            for row in rows:
                logged = Logged(*row)
                log.append(logged)
                if logged.home == scope:
                    self._read_document(file, facts, scope, logged.document)

    def _read_document(self, file: sqlite3.Connection, facts: CentreFacts, scope: str, document: str) -> None:
        row = file.execute(
            "SELECT rev, type, data, revs FROM document WHERE scope = ? AND id = ?", (scope, document)
        ).fetchone()
        if row is not None:
            facts.documents.setdefault((scope, document), {})[row[0]] = f"{row[1]}\n{row[2]}\n{row[3]}"

    def _read_ledger(self, file: sqlite3.Connection, facts: CentreFacts, archived: Archived) -> None:
        rows = file.execute(
            "SELECT operation, line, kind, amount, allowance, scope, commitment FROM ledger "
            "WHERE site = ? AND lineage = ? AND seq = ?",
            (archived.site, archived.lineage, archived.seq),
        )
        for row in rows.fetchall():
            line = Line(*row)
            facts.ledger[archived.site, archived.lineage, archived.seq, line.line] = line


def _said(body: bytes) -> Any:
    """Return what an answer says; documents of one that comes in lines are named by scope, id and revision."""
    if not body.startswith(b'{"lines":'):
        return json.loads(body)
    lines = body.decode().split("\n")
    answer = json.loads(lines[0])
    at, pages = 1, []
    for _ in range(answer["pages"]):
        page = json.loads(lines[at])
        index = [json.loads(line) for line in lines[at + 1 : at + 1 + 3 * page.get("count", 0) : 3]]
        page["rows"] = [{"scope": i[0], "id": i[1], "rev": i[3], "action": "put"} for i in index if len(i) > 3]
        at += 1 + 3 * page.get("count", 0)
        pages.append(page)
    return {**answer, "pages": pages}
