"""What each move of a ticket asks for, in small dialogs: a department, a cause, a reason, minutes, a score, words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.classes import found, path_of
from agentdesk.desk.models.rows import EMPTY, Row, row, safe, wrap
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.tickets import Move
from agentdesk.desk.models.until import Until, progress, read_until
from agentdesk.desk.models.work import department
from agentdesk.desk.queries.tickets import at_expert, draft_key
from agentdesk.desk.screens.ask import AskDialog, Pick, PickDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.colleague import pick_colleague
from agentdesk.desk.screens.tell import ChaseDialog
from agentdesk.desk.screens.words import DraftAsk
from agentdesk.domain.documents import OPEN_TICKET_STATES, Document
from agentdesk.domain.kinds.tickets.answering import IN_CALL
from agentdesk.domain.kinds.tickets.states import expert_first
from agentdesk.domain.numbering.ids import spoken

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.screens.ticket import TicketPage
    from agentdesk.domain.policy import Catalogue

Body = dict[str, Any]
Read = Callable[[str], Body | str]
"""Makes of what was typed the fields of a body, or says what is wrong with it."""


class Asks:
    """Opens the dialogs of a move, one after the other, and does it."""

    def __init__(self, page: TicketPage) -> None:
        self._page = page
        self._steps: dict[str, Callable[[Move], None]] = {
            "accepted": self._accept,
            "dispatched": self._station,
            "reassigned": self._station,
            "replied": self._cause,
            "followed_up": self._answer,
            "archived": self._at_once,
            "resumed": self._at_once,
            "chased": self._chase,
            "paused": self._pause,
            "classified": self._class,
            "handed_over": self._colleague,
            "linked": self._link,
            "merged": self._merge,
            "unmerged": self._take_out,
            "split": self._split,
            "judged": self._judge,
        }

    @property
    def _desk(self) -> DeskApp:
        return self._page.desk

    @property
    def _ticket(self) -> Document:
        return self._page.document

    @property
    def _catalogue(self) -> Catalogue | None:
        return self._desk.deeds.catalogue

    def begin(self, move: Move) -> None:
        """Begin a move: at once where it asks for nothing, else with its first dialog."""
        self._steps.get(move.move, self._say)(move)

    # what the small moves ask for

    def _at_once(self, move: Move) -> None:
        self._desk.spawn(self._do(move.move, {}))

    def _say(self, move: Move) -> None:
        field = {"returned": "reason", "recalled": "reason", "reopened": "reason"}.get(move.move, "text")
        if move.move == "answered":
            self._words(move, {"exempt": IN_CALL}, lambda words: {"text": words}, name="archived")
        elif move.move == "noted":
            self._words(move, {}, lambda words: dict(progress(words, self._desk.at())))
        else:
            self._words(move, {}, lambda words: {field: words})

    def _words(
        self, move: Move, body: Body, read: Read, optional: bool = False, name: str = "", more: tuple[Row, ...] = ()
    ) -> None:
        """Ask for words, kept as a draft, and do the move with what they say."""

        async def submit(words: str) -> str:
            if not words and not optional:
                return _("write something")
            fields = read(words) if words else {}
            return fields if isinstance(fields, str) else await self._do(name or move.move, {**body, **fields})

        def lines(width: int) -> list[Row]:
            return [*more, *wrap(_(move.asks), width, "strong")]

        self._desk.push_screen(DraftAsk(draft_key(self._ticket, move.move), lines, submit, _(move.word)))

    def _accept(self, move: Move) -> None:
        if self._ticket.data.get("station") == "department" and self._ticket.data.get("kind") in ("fault", "request"):
            self._words(move, {}, _engineer, optional=True)
        else:
            self._at_once(move)

    def _chase(self, _move: Move) -> None:
        self._desk.push_screen(ChaseDialog(self._desk.flow.contact, self._ticket), lambda _done: self._again())

    def _again(self) -> None:
        self._desk.spawn(self._page.load())

    # where it goes

    def _station(self, move: Move) -> None:
        self._desk.spawn(self._stations(move))

    async def _stations(self, move: Move) -> None:
        catalogue = self._catalogue
        waiting = await self._desk.backend.run(at_expert)
        symptom = self._ticket.data.get("symptom")
        node = catalogue.classes.get(str(symptom)) if catalogue else None
        units = list(catalogue.departments) if catalogue else []
        if node is not None and node.department in units:
            units.sort(key=lambda unit: unit != node.department)
        with_expert = self._ticket.data.get("station") == "expert" and move.move == "dispatched"
        choices: list[tuple[str, str | None]] = [] if with_expert else [("expert", None)]
        choices += [("department", unit) for unit in units[:19]]
        first = catalogue is not None and expert_first(symptom, catalogue)

        def words(choice: tuple[str, str | None], _width: int) -> Row:
            if choice[1]:
                return row(department(choice[1], catalogue))
            most = catalogue.rules.tickets.expert_day if catalogue else 0
            load = _("{n} wait there; an expert handles {most} a day").format(n=waiting, most=most)
            note = _("this class goes there first") if first else ""
            return row(terms.term(terms.STATIONS, "expert"), "  ", (load, "quiet"), "  ", (note, "warn"))

        begin = 0 if first or with_expert or node is None else 1
        dialog = ChooseDialog(_("dispatch to whom?"), choices, words, begin)
        self._desk.push_screen(dialog, lambda choice: self._station_chosen(move, choice))

    def _station_chosen(self, move: Move, choice: tuple[str, str | None] | None) -> None:
        if choice is not None:
            body: Body = {"station": choice[0], **({"department": choice[1]} if choice[1] else {})}
            field = "reason" if move.move == "reassigned" else "text"
            self._words(move, body, lambda words: {field: words}, optional=move.move == "dispatched")

    def _colleague(self, move: Move) -> None:
        def chosen(to: str | None) -> None:
            if to is not None:
                self._words(move, {"to": to}, lambda words: {"note": words})

        self._desk.spawn(pick_colleague(self._desk, self._ticket.data.get("owner"), chosen))

    # what was the matter

    def _tree(self, tree: str, title: str, chosen: Callable[[str], None], kind: str | None = None) -> None:
        catalogue = self._catalogue
        if catalogue is None:
            return

        own = str(self._ticket.data.get("kind"))

        def find(typed: str) -> list[Pick[str]]:
            # before anything is typed, what is of the ticket's own kind
            nodes = found(catalogue, tree, kind or (None if typed else own), typed)
            return [Pick(row(path_of(node.code, catalogue)), node.code) for node in nodes]

        self._desk.push_screen(PickDialog(title, find), lambda code: chosen(code) if code else None)

    def _cause(self, move: Move) -> None:
        kind = str(self._ticket.data.get("kind"))
        catalogue = self._catalogue
        if catalogue is None or not found(catalogue, "cause", kind, "", 1):
            self._words(move, {}, _minutes)
            return
        title = _("what was the cause? type a part of it, or its initials")
        self._tree("cause", title, lambda cause: self._words(move, {"cause": cause}, _minutes), kind)

    def _class(self, move: Move) -> None:
        def chosen(symptom: str) -> None:
            self._desk.spawn(self._do(move.move, {"symptom": symptom}))

        self._tree("symptom", _("which symptom? type a part of it, or its initials"), chosen)

    def _answer(self, move: Move) -> None:
        def chosen(answer: str | None) -> None:
            if answer == "unreached":
                # who wasn't reached gave no score
                unasked = replace(move, asks=N_("when to try again, or what there is to say, if anything"))
                self._words(unasked, {"answer": answer}, _text, optional=True)
            elif answer is not None:
                self._words(move, {"answer": answer}, _score)

        dialog = ChooseDialog(
            _("what does the customer say?"), list(terms.ANSWERS), lambda a, _width: row(terms.term(terms.ANSWERS, a))
        )
        self._desk.push_screen(dialog, chosen)

    def _judge(self, move: Move) -> None:
        catalogue = self._catalogue
        units = list(catalogue.departments) if catalogue else []
        last = self._ticket.data.get("department")
        units.sort(key=lambda unit: unit != last)

        def chosen(unit: str | None) -> None:
            if unit is not None:
                self._words(move, {"department": unit}, lambda words: _minutes(words, needs_words=False))

        dialog = ChooseDialog(
            _("who is responsible?"), units[:20], lambda unit, _width: row(department(unit, catalogue))
        )
        self._desk.push_screen(dialog, chosen)

    # time

    def _pause(self, move: Move) -> None:
        catalogue = self._catalogue
        rules = catalogue.rules.tickets.pauses if catalogue else {}

        def words(reason: str, _width: int) -> Row:
            most = _("{span} at most").format(span=times.span(rules[reason].most * times.MINUTE_MS))
            return row(rules[reason].name.say(i18n.language()), "  ", (most, "quiet"))

        def chosen(reason: str | None) -> None:
            if reason is None:
                return
            tries = rules[reason].tries

            def read(typed: str) -> Body | str:
                until = read_until(typed, self._desk.at())
                if not isinstance(until, Until):
                    return until
                text = {"text": until.words} if until.words else {}
                return {"until": until.at, "tries": tries or None, **text}

            asked = ngettext("{n} call reached nobody", "{n} calls reached nobody", tries).format(n=tries)
            more = (row((asked, "warn")), EMPTY) if tries else ()
            self._words(move, {"reason": reason}, read, more=more)

        self._desk.push_screen(ChooseDialog(_("the clock pauses: why?"), list(rules), words), chosen)

    # what belongs together

    def _others(self, open_only: bool) -> list[Document]:
        found = [d for d in self._page.view.others if not open_only or d.data.get("state") in OPEN_TICKET_STATES]
        return sorted(found, key=lambda d: -int(d.data.get("at") or 0))[:19]

    def _one_of(self, title: str, others: list[Document], chosen: Callable[[Document], None]) -> None:
        if not others:
            self._page.say(_("the customer has no other ticket"))
            return

        def words(ticket: Document, _width: int) -> Row:
            state = terms.term(terms.TICKET_STATES, ticket.data.get("state"))
            number = spoken(safe(ticket.data.get("number"), 24))
            return row(title_of(ticket), "  ", (state, "quiet"), "  ", (number, "quiet"))

        dialog = ChooseDialog(title, others, words)
        self._desk.push_screen(dialog, lambda ticket: chosen(ticket) if ticket is not None else None)

    def _link(self, _move: Move) -> None:
        known = {link.get("ticket") for link in self._ticket.data.get("links") or ()}

        def chosen(other: Document) -> None:
            what = "unlinked" if other.id in known else "linked"
            self._desk.spawn(self._do(what, {"ticket": other.id}))

        self._one_of(_("link with which one? one that is linked already is let go"), self._others(False), chosen)

    def _merge(self, _move: Move) -> None:
        self._one_of(_("merge into which one?"), self._others(True), self._preview)

    def _preview(self, other: Document) -> None:
        """Show what the two become before it is done; it can be undone."""
        from agentdesk.desk.deeds.tickets import merge
        from agentdesk.desk.models.ticket_preview import merged_rows

        ticket, drafts = self._ticket, len(self._page.view.drafts)

        async def submit(_words: str) -> str:
            done = await merge(self._desk, ticket, other)
            return await self._page.changed(done.problem, _("merged; m takes it out again"))

        def lines(width: int) -> list[Row]:
            return merged_rows(ticket, other, drafts, self._desk.at(), width)

        self._desk.push_screen(AskDialog(lines, submit, _("merge them"), typed=False))

    def _take_out(self, move: Move) -> None:
        into = self._ticket.data.get("merged_into")
        self._desk.spawn(self._do(move.move, {"ticket": into}))

    def _split(self, move: Move) -> None:
        from agentdesk.desk.deeds.tickets import split

        def chosen(symptom: str) -> None:
            catalogue = self._catalogue
            node = catalogue.classes.get(symptom) if catalogue else None
            title = node.name.say(i18n.language()) if node else symptom
            kind = node.kind if node else self._ticket.data.get("kind")

            async def submit(words: str) -> str:
                part = {"kind": kind, "symptom": symptom, "title": title, "words": words}
                done = await split(self._desk, self._ticket, part)
                return await self._page.changed(done.problem, _("split; merging the part takes it back"))

            def lines(width: int) -> list[Row]:
                rule = _("The part keeps what the customer was told: it gains no time by it.")
                named = row((path_of(symptom, catalogue), "strong"))
                return [named, EMPTY, *wrap(rule, width, "quiet"), row((_(move.asks), "strong"))]

            self._desk.push_screen(DraftAsk(draft_key(self._ticket, move.move), lines, submit, _(move.word)))

        self._tree("symptom", _("which symptom has the other part? type a part of it"), chosen)

    async def _do(self, move: str, body: Body) -> str:
        done = await self._desk.deeds.move(self._ticket, move, body)
        return await self._page.changed(done.problem)


def _minutes(words: str, needs_words: bool = True) -> Body | str:
    minutes, _space, rest = words.partition(" ")
    if not minutes.isdigit() or (needs_words and not rest.strip()):
        return _("begin with the minutes of work, then the reply: 30 replaced the modem")
    return {"minutes": int(minutes), **({"text": rest.strip()} if rest.strip() else {})}


def _text(words: str) -> Body | str:
    return {"text": words} if words else {}


def _score(words: str) -> Body | str:
    score, _space, rest = words.partition(" ")
    if score.isdigit() and 1 <= int(score) <= 5:
        return {"score": int(score), **({"text": rest.strip()} if rest.strip() else {})}
    return {"text": words}


def _engineer(words: str) -> Body | str:
    name, _space, number = words.rpartition(" ")
    if not name and number:
        return {"engineer": {"name": number}}
    return {"engineer": {"name": name.strip(), "number": number.strip()}}
