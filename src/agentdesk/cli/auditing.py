"""What the audit says in words, and where it reads who saw whom: at a site and at the centre."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agentdesk.cli.errors import SEVERAL, CommandError
from agentdesk.desk.i18n import N_, _
from agentdesk.domain.audit.sights import Asked, Made, Sight, sights
from agentdesk.domain.numbering.numbers import Number, normalise
from agentdesk.domain.times.zone import DAY_MS, zone

if TYPE_CHECKING:
    from agentdesk.centre.storage.contract import Database, Snapshot
    from agentdesk.domain.documents import Document
    from agentdesk.store.site import Site

FINDINGS = {
    "missing": N_("missing: it was removed"),
    "beyond": N_("behind the end that is noted: it was put in"),
    "unchained": N_("does not follow the one before: changed, moved or put in"),
    "end_differs": N_("is not the end that is noted: changed or moved"),
    "unreadable": N_("can't be read: it was changed"),
    "differs": N_("a column says something else than the operation"),
    "content": N_("the content is not the one that was signed for"),
    "erased": N_("the content was taken away"),
    "seal": N_("the seal is wrong: the row was changed or put in"),
    "receipt_seal": N_("the seal of its receipt is wrong: it was changed or put in"),
    "receipt_differs": N_("its receipt says something else"),
    "no_receipt": N_("its receipt is missing: it was removed"),
    "stray_receipt": N_("a receipt without an operation"),
    "no_head": N_("nothing says where it ends: that row was removed"),
    "below_floor": N_("below where the log begins: it was put in"),
    "document_lost": N_("its document is missing, or older than this: it was removed or put back"),
    "unlogged": N_("the log knows nothing of this document or revision"),
    "count": N_("not as many documents as the scope counts"),
    "numbers": N_("numbers that lead to this customer were changed"),
    "stray_number": N_("a number leads to nobody"),
    "nobodys": N_("belongs to nobody who works here: it was put in"),
    "no_operation": N_("its operation is missing, or another one"),
    "below_zero": N_("more was given back than given"),
    "sums": N_("the sums don't come out"),
    "lost": N_("the centre had it, and has it no more: an end was cut off"),
    "unproven": N_("the site says that the centre had it, and can't prove it"),
    "told_otherwise": N_("the site was told something else"),
    "other_here": N_("the site has another operation there"),
    "current": N_("not one lineage goes on, but none or several"),
    "answered_beyond": N_("more is answered than was made"),
    "answered_differs": N_("is not the last answered one that is noted"),
    "no_verdict": N_("its verdict is missing: it was removed"),
    "unasked_verdict": N_("has a verdict, though the centre has not answered it"),
}
HOW = {
    "revealed": N_("unmasked by hand"),
    "verified": N_("unmasked: verified caller"),
    "contact": N_("in a contact, masked"),
    "worked": N_("worked on it, masked"),
}
PAGE = 1_000
CHINA = "Asia/Shanghai"


def asked(arguments: argparse.Namespace, now: int) -> Asked:
    """Return what a command asks; raises CommandError for what can't be."""
    who = arguments.customer
    if who == "-":
        who = sys.stdin.readline().strip()
    if who is not None and not who.strip():
        raise CommandError("say which customer: an id, a number or a whole name")
    since = _day(arguments.since) if arguments.since else 0
    until = _day(arguments.until) + DAY_MS if arguments.until else max(now, since) + DAY_MS
    if until <= since:
        raise CommandError("--to is before --from: give the earlier day first")
    return Asked((who or "").strip(), arguments.agent or "", since, until)


def _day(text: str) -> int:
    try:
        return zone(CHINA).instant(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date(), 0)
    except ValueError:
        raise CommandError(f"{text!r} is no day: write one as 2026-09-30") from None


def at_the_site(site: Site, wanted: Asked) -> tuple[Asked, list[Sight]]:
    """Read who saw whom from a site's operations that it still has; raises CommandError for nobody or several."""
    site.files.refresh()
    question = wanted
    known: tuple[str, ...] = ()
    if wanted.customer:
        customer = _one({d.id for d in _at_site(site, wanted.customer)})
        question = Asked(customer, wanted.agent, wanted.since, wanted.until)
        known = tuple(d.id for s in site.identity.scopes for d in site.view.work(s, customer, site.now()))
    rows = site.files.outbox.execute("SELECT at, head, body FROM operation ORDER BY rowid")
    made = (Made(site.identity.site, _instant(at), head, body) for at, head, body in rows)
    return question, sorted(sights(made, question, known), key=lambda one: one.at)


def _at_site(site: Site, who: str) -> Iterator[Document]:
    exact = [site.view.document(scope, who) for scope in site.identity.scopes]
    if named := [one for one in exact if one is not None and one.type == "customer"]:
        yield from named
        return
    read = normalise(who)
    if isinstance(read, Number):
        found = [site.view.document(holder.scope, holder.customer) for holder in site.view.holders(read.e164)]
        yield from (one for one in found if one is not None)
        return
    like = (*site.search.named(who, 50), *site.view.named(who, 50))
    yield from (one for one in like if one.type == "customer" and one.data.get("name") == who)


def at_the_centre(database: Database, wanted: Asked) -> tuple[Asked, list[Sight]]:
    """Read who saw whom from the centre's archive; raises CommandError for nobody or several."""

    def work(snapshot: Snapshot) -> tuple[Asked, list[Sight]]:
        question = wanted
        known: list[str] = []
        if wanted.customer:
            read = normalise(wanted.customer)
            number = read.e164 if isinstance(read, Number) else ""
            customer = _one({id_ for _, id_ in snapshot.customers_known_as(number, wanted.customer)})
            question = Asked(customer, wanted.agent, wanted.since, wanted.until)
            known = snapshot.documents_of(customer)
        found = list(sights(_archived(snapshot), question, known))
        return question, sorted(found, key=lambda one: one.at)

    return database.read(work).result()


def _archived(snapshot: Snapshot) -> Iterator[Made]:
    """Yield all operations of the archive, a site's after the other's, each in its order."""
    after: tuple[object, ...] = ()
    while page := snapshot.evidence("archive", after, PAGE):
        for row in page:
            # site, made_at, head, body by their places in `rows.Archived`
            yield Made(row[0], _instant(row[9]), row[5], row[7])
        after = tuple(page[-1][:3])
        if len(page) < PAGE:
            return


def _instant(at: object) -> int:
    """Return when something was made; what is no number was written behind the program's back, and is none."""
    return at if isinstance(at, int) else 0


def _one(ids: set[str]) -> str:
    if not ids:
        raise CommandError("no customer is known by that here: give an id, a number or the whole name")
    if len(ids) > 1:
        some = ", ".join(sorted(ids)[:20])
        raise CommandError(f"{len(ids)} customers are known by that, say which by his id: {some}", SEVERAL)
    return next(iter(ids))


def moment(at: int) -> str:
    """Return an instant in China's time, to the second."""
    try:
        local = datetime.fromtimestamp(at / 1000, UTC) + timedelta(milliseconds=zone(CHINA).offset(at))
    except (ValueError, OverflowError, OSError):
        return str(at)  # no operation was ever made then: verify tells of it
    return local.strftime("%Y-%m-%d %H:%M:%S")


def seen(sight: Sight) -> str:
    """Return what was seen, why and for how long, in words, as far as that was written down."""
    from agentdesk.desk.terms import revealing, term

    parts = []
    if sight.how == "revealed":
        parts = [term(revealing.WHY, sight.reason), *(term(revealing.FIELDS, name) for name in sight.fields)]
        if sight.seconds is not None:
            parts.append(_("at most {n} s").format(n=sight.seconds))
    elif sight.reason:
        from agentdesk.desk.terms import METHODS

        parts = [term(METHODS, sight.reason)]
    return _(", ").join(part for part in parts if part)
