"""The settings: language, theme, widths, bell, keymap; what is changed works at once and is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Column, Row, row, table
from agentdesk.desk.personal.choices import NAMES, VALUES, WORDS
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.page import Page

SETTINGS = tuple(WORDS)


class SettingsPage(Page):
    """One line for each setting; Enter or an arrow takes the next value."""

    place = "settings"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("settings")

    async def load(self) -> None:
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        agent = self.desk.settings.agent
        return [row((_("settings"), "strong"), "  ", (agent.name or agent.id, "quiet"))]

    def items(self, width: int) -> Sequence[Row]:
        return [self._item(name, width) for name in SETTINGS]

    def _item(self, name: str, width: int) -> Row:
        value = self.desk.manner.value(name)
        said = _(NAMES[value]) if value in NAMES else value or _("the keys as they are")
        return table((Column(24), Column(0)), (row(_(WORDS[name])), row((said, "strong"))), width)

    def head(self, width: int) -> Sequence[Row]:
        return [row((_("what you choose works at once and is kept for you at this site"), "quiet")), EMPTY]

    def keys(self) -> Row:
        return hints_of("settings.go", "settings.before", "settings.next", "back")

    def chosen(self, index: int) -> None:
        if SETTINGS[index] == "keymap":
            self._ask_keymap()
        else:
            self._turn(1)

    def action_turn(self, by: int) -> None:
        if 0 <= self.cursor < len(SETTINGS) and SETTINGS[self.cursor] != "keymap":
            self._turn(by)

    def _turn(self, by: int) -> None:
        name = SETTINGS[self.cursor]
        values = VALUES[name]
        present = self.desk.manner.value(name)
        after = values[(values.index(present) + by) % len(values)] if present in values else values[0]
        self.desk.spawn(self._choose(name, after))

    async def _choose(self, name: str, value: str) -> None:
        self.say(await self.desk.manner.choose(name, value))

    def _ask_keymap(self) -> None:
        def lines(_width: int) -> list[Row]:
            return [
                row((_("the file of your keymap; nothing: the keys as they are"), "strong")),
                row((_("`agentdesk keys --check FILE` says what is wrong with one"), "quiet")),
                EMPTY,
            ]

        async def take(typed: str) -> str:
            return await self.desk.manner.choose("keymap", typed.strip())

        self.desk.push_screen(AskDialog(lines, take, _("take it"), self.desk.manner.choices.keymap))
