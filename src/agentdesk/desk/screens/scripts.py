"""What to say now: the script of the moment in spoken words, the others one key away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk import i18n
from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models import scripts as model
from agentdesk.desk.models.rows import EMPTY, Row, ends, row
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.session import Contact
from agentdesk.domain.guidance.knowledge import Script


class ScriptsDialog(Dialog[None]):
    """One script at a time, the one of the moment first, or one that was looked for; up and down go through all."""

    place = "scripts"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("scripts")
    AUTO_FOCUS = ""

    def __init__(self, contact: Contact | None, wanted: str = "") -> None:
        super().__init__()
        self._contact = contact
        self._wanted = wanted
        self._cursor = 0

    @property
    def _online(self) -> bool:
        return self.desk.pulse is None or self.desk.pulse.line.online

    @property
    def _scripts(self) -> tuple[Script, ...]:
        catalogue = self.desk.deeds.catalogue
        if catalogue is None:
            return ()
        found = model.listed(catalogue, self._contact, self.desk.flow.state, self._online)
        return tuple(sorted(found, key=lambda script: script.code != self._wanted)) if self._wanted else found

    def body(self, width: int) -> Sequence[Row]:
        found = self._scripts
        if not found:
            return [row((_("the policy has no scripts"), "quiet"))]
        script = found[self._cursor % len(found)]
        agent = self.desk.settings.agent
        filled = model.values(self._contact, agent.number or agent.id, self.desk.settings.hotline)
        place = row((f"{self._cursor % len(found) + 1}/{len(found)}", "quiet"))
        title = ends(row((script.name.say(i18n.language()), "strong"), "  ", (script.code, "quiet")), place, width)
        return [title, *model.script_rows(script, filled, self._online, width), EMPTY]

    def keys(self) -> Row:
        return hints_of("scripts.next", "scripts.before", "back")

    def action_move(self, by: int) -> None:
        self._cursor = (self._cursor + by) % max(1, len(self._scripts))
        self.paint()

    def action_go(self) -> None:
        self.dismiss(None)
