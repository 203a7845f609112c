"""`agentdesk audit`: that nothing was changed behind the program's back, and who saw or did what."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentdesk.cli.databases import add_key_file, existing_url, opened_database
from agentdesk.cli.errors import FAILED, CommandError
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import say, say_csv, say_json, table
from agentdesk.cli.unlocking import add_unlocking

if TYPE_CHECKING:
    from agentdesk.domain.audit.chain import Finding
    from agentdesk.domain.audit.sights import Asked, Sight
    from agentdesk.domain.audit.words import SiteWord, WordOperation

UNTOLD = 120
"""Characters of a detail that a line shows."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk audit`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="recompute every chain; what was tampered with is named, exit code 1")
    verify.add_argument(
        "--word",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="at the centre: compare with a site's word",
    )
    verify.set_defaults(run=run_verify)
    show = actions.add_parser("show", help="who saw a customer, or what somebody saw and did; masked")
    whom = show.add_mutually_exclusive_group(required=True)
    whom.add_argument("--customer", metavar="WHO", help="a customer's id, number or whole name; - reads it from stdin")
    whom.add_argument("--agent", metavar="ID", help="an agent's id")
    show.add_argument("--from", dest="since", metavar="DATE", help="from this day on (YYYY-MM-DD, China's time)")
    show.add_argument("--to", dest="until", metavar="DATE", help="up to this day, that day included")
    show.add_argument("--csv", action="store_true", help="write each line as CSV")
    show.set_defaults(run=run_show)
    word = actions.add_parser("word", help="at a site: write down what it has, for the centre to be compared with")
    word.add_argument("file", type=Path, metavar="FILE", help="a file that does not exist yet")
    word.set_defaults(run=run_word)
    seal = actions.add_parser("seal", help="at the centre: seal what was there before seals were kept, as it stands")
    seal.set_defaults(run=run_seal)
    for one in (verify, show, word, seal):
        one.add_argument("--database", metavar="URL", help="the centre's database; without it: the site's files")
        add_key_file(one)
        add_data(one, "the folder with the site's files, or with the centre's where --database is given")
        add_unlocking(one)
        add_json(one)
        add_language(one)


def run_verify(arguments: argparse.Namespace) -> int:
    """Recompute everything, and say what isn't as it was written."""
    from agentdesk.cli.progress import Progress
    from agentdesk.desk.i18n import _

    speak(arguments)
    tidied, unsealed = 0, False
    if arguments.database is not None:
        from agentdesk.centre.auditing.verifying import verify as verify_centre

        words = [read_word(path) for path in arguments.word]
        with opened_database(arguments, must_exist=True) as (database, _means), Progress("audit", None) as progress:
            done = verify_centre(database, words, progress.by)
        findings, rows, more, unsealed = done.findings, done.rows, done.more, done.unsealed
    else:
        from agentdesk.store.auditing.verifying import verify as verify_site

        if arguments.word:
            raise CommandError("--word is for the centre: give its --database as well")
        with opened_site(arguments) as site, Progress("audit", None) as progress:
            found = verify_site(site.files, progress.by)
        findings, rows, more, tidied = found.findings, found.rows, found.more, found.tidied
    untold = list(remarks(arguments, tidied, unsealed))
    if arguments.json:
        shapes = [{**f._asdict(), "text": worded(f)} for f in findings]
        say_json({"clean": not findings, "rows": rows, "findings": shapes, "more": more, "not_told": untold})
    else:
        say(line(finding) for finding in findings)
        if more:
            say([_("and more: mend these first")])
        say([_("{n} rows looked at: nothing was changed").format(n=f"{rows:,}")] if not findings else [])
        say(untold)
    return FAILED if findings else 0


def remarks(arguments: argparse.Namespace, tidied: int, unsealed: bool) -> Iterator[str]:
    """Yield what could not be told, and how it can be."""
    from agentdesk.desk.i18n import _

    if tidied:
        yield _("{n} operations were let go here: the centre's archive has them").format(n=f"{tidied:,}")
    if unsealed:
        yield _("rows from before seals were kept have none: `agentdesk audit seal` seals them as they stand")
    if arguments.database is None:
        yield _("a chain doesn't show that its end was cut off: compare with the centre (`agentdesk audit word`)")
    elif not arguments.word:
        yield _("a chain doesn't show that its end was cut off: compare with sites' words (--word FILE)")


def run_word(arguments: argparse.Namespace) -> int:
    """Write down a site's word."""
    from agentdesk.desk.i18n import _
    from agentdesk.domain.audit.words import written
    from agentdesk.store.auditing.verifying import word

    speak(arguments)
    if arguments.database is not None:
        raise CommandError("a word is a site's: leave --database away")
    count = 0
    with opened_site(arguments) as site, _new(arguments.file) as file:
        lineages, operations = word(site.files)
        for text in written(site.identity.site, lineages, site.pull_cursors(), operations):
            file.write(f"{text}\n")
            count += 1
    if arguments.json:
        say_json({"file": str(arguments.file), "operations": count - 1})
    else:
        words = _("{n} operations: take {file} to the centre, and give it to `agentdesk audit verify --word`")
        say([words.format(n=f"{count - 1:,}", file=arguments.file)])
    return 0


def _new(path: Path) -> Any:
    import os

    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")


def read_word(path: Path) -> SiteWord:
    """Return the word in a file; raises CommandError."""
    from agentdesk.domain.audit.words import BadWord, read

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file

    try:
        found = read(lines)
    except BadWord as problem:
        raise CommandError(f"{path}: {problem}") from None

    def operations() -> Iterator[WordOperation]:
        try:
            yield from found.operations()
        except BadWord as problem:
            raise CommandError(f"{path}: {problem}") from None

    return replace(found, operations=operations)


def run_seal(arguments: argparse.Namespace) -> int:
    """Seal what has no seal."""
    from agentdesk.centre.auditing.sealing import seal_all
    from agentdesk.cli.progress import Progress

    existing_url(arguments)
    with opened_database(arguments, must_exist=True) as (database, _means), Progress("seals", None) as progress:
        seal_all(database, done=progress.by)
    if arguments.json:
        say_json({"sealed": True})
    else:
        say(["every row of evidence has a seal; what was there before is sealed as it stood"])
    return 0


def line(finding: Finding) -> str:
    """Return a finding in one line: where, at what number or key, and what."""
    return "  ".join(part for part in (finding.where, finding.at, worded(finding)) if part)


def worded(finding: Finding) -> str:
    """Return what is wrong, in the language in use."""
    from agentdesk.cli.auditing import FINDINGS
    from agentdesk.desk.i18n import _
    from agentdesk.domain.language.text import clean

    words = _(FINDINGS[finding.what]) if finding.what in FINDINGS else finding.what
    return f"{words} ({clean(finding.detail, UNTOLD)})" if finding.detail else words


def run_show(arguments: argparse.Namespace) -> int:
    """Tell who saw a customer, or what somebody saw and did."""
    from agentdesk.cli.auditing import asked, at_the_centre, at_the_site
    from agentdesk.desk.i18n import _

    speak(arguments)
    if arguments.database is not None:
        with opened_database(arguments, must_exist=True) as (database, means):
            wanted = asked(arguments, means.now())
            question, sights = at_the_centre(database, wanted)
    else:
        with opened_site(arguments) as site:
            wanted = asked(arguments, site.now())
            question, sights = at_the_site(site, wanted)
    if arguments.csv:
        say_csv(COLUMNS, ([_cell(value) for value in shape(one).values()] for one in sights))
    elif arguments.json:
        say_json({**about(question), "sights": [shape(one) for one in sights]})
    elif not sights:
        say([_("nobody, as far as is known here")] if question.customer else [_("nothing, as far as is known here")])
    else:
        say(told(sights))
    return 0


COLUMNS = ("at", "agent", "role", "site", "how", "what", "customer", "reason", "fields", "seconds", "operation")


def shape(sight: Sight) -> dict[str, Any]:
    """Return one line as JSON: ids and codes, nothing that was seen."""
    return {
        "at": sight.at,
        "agent": sight.agent,
        "role": sight.role,
        "site": sight.site,
        "how": sight.how,
        "what": sight.kind,
        "customer": sight.customer,
        "reason": sight.reason,
        "fields": list(sight.fields),
        "seconds": sight.seconds,
        "operation": sight.operation,
    }


def about(question: Asked) -> dict[str, Any]:
    """Return what was asked, as JSON, masked."""
    return {"customer": question.customer, "agent": question.agent, "from": question.since, "to": question.until}


def told(sights: Sequence[Sight]) -> list[str]:
    """Return the lines as a table."""
    from agentdesk.cli.auditing import HOW, moment, seen
    from agentdesk.desk import terms
    from agentdesk.desk.i18n import _

    rows = [
        (
            moment(s.at),
            s.agent,
            s.site,
            _(HOW[s.how]),
            terms.term(terms.KINDS, s.kind),
            s.customer,
            seen(s),
            s.operation[:13],
        )
        for s in sights
    ]
    heads = (_("when"), _("who"), _("site"), _("how"), _("what"), _("customer"), _("seen"), _("id"))
    return table(rows, heads)


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else value
