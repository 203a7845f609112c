"""Who pays for a promise or a remedy: moving the cost, objecting to it, and deciding an objection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.rows import row
from agentdesk.desk.models.work import department
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

HANDLER = "department_handler"
VOID = frozenset({"voided", "withdrawn", "declined"})
COSTS = frozenset({"rebooked", "objected", "judged"})

ASKS = {
    "rebooked": N_("why that unit pays"),
    "objected": N_("why your unit doesn't pay"),
    "judged": N_("what you decide, in words"),
}
Commit = Callable[[str, dict[str, Any]], Awaitable[str]]
"""Does a move with a body, and returns what is wrong, or an empty text."""


def cost_moves(
    document: Document, role: str, approves: bool, keys: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Return what can be done about a cost now; `keys` are the page's own for the three moves."""
    data = document.data
    if not data.get("amount") or data.get("money") is None or data.get("state") in VOID:
        return ()
    moves = []
    if approves or role == HANDLER:
        moves.append((keys["rebooked"], "rebooked", N_("move the cost")))
    objection = (data.get("objection") or {}).get("state")
    if objection == "open" and approves:
        moves.append((keys["judged"], "judged", N_("decide the objection")))
    elif objection != "open":
        moves.append((keys["objected"], "objected", N_("object")))
    return tuple(moves)


def do_cost(desk: DeskApp, document: Document, move: str, commit: Commit) -> None:
    """Ask what a move of a cost needs, and do it."""

    def ask(body: dict[str, Any]) -> None:
        name = "text" if move == "judged" else "reason"

        async def submit(typed: str) -> str:
            return await commit(move, {**body, name: typed}) if typed else _("write something")

        desk.push_screen(AskDialog(lambda _width: [row((_(ASKS[move]), "strong"))], submit, _("do it")))

    if move == "rebooked":
        choose_unit(desk, document, lambda unit: ask({"department": unit}))
    elif move == "objected":
        ask({"department": document.data.get("booked") or document.data.get("department")})
    else:
        title = _("does the unit get its way?")
        words = {True: _("yes: the cost goes back"), False: _("no: it stays where it is")}
        dialog = ChooseDialog(title, (True, False), lambda sure, _w: row(words[sure]))
        desk.push_screen(dialog, lambda upheld: ask({"upheld": upheld}) if upheld is not None else None)


def choose_unit(desk: DeskApp, document: Document, take: Callable[[str], None]) -> None:
    """Ask which unit caused it, of all but the one that pays."""
    catalogue, pays = desk.deeds.catalogue, document.data.get("booked") or document.data.get("department")
    units = [unit for unit in (catalogue.departments if catalogue else ()) if unit != pays]
    dialog = ChooseDialog(_("which unit caused it?"), units, lambda unit, _w: row(department(unit, catalogue)))
    desk.push_screen(dialog, lambda unit: take(unit) if unit is not None else None)
