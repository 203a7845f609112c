"""How the desk behaves for the agent who sits at it: his settings, put to work at once and kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.desk import glyphs, i18n, terms
from agentdesk.desk.actions import MACRO, TALKING, Action, keymap
from agentdesk.desk.i18n import _
from agentdesk.desk.personal import choices as kept
from agentdesk.desk.personal import macros
from agentdesk.desk.personal.bell import Bell
from agentdesk.desk.personal.choices import VALUES, Choices
from agentdesk.desk.personal.macros import Macro
from agentdesk.desk.themes import THEMES
from agentdesk.desk.widgets.lines import Lines

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.domain.documents import Document


class Manner:
    """The settings in force, and the bell."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        settings = app.settings
        self.choices = settings.choices
        self.macros: tuple[Macro, ...] = ()
        self._heard: set[str] = set()
        self.bell = Bell(app.bell, self.choices.bell, self.choices.ring == "repeat")
        self._begun = Choices(settings.language, settings.theme, _width(settings.ambiguous_wide))

    def value(self, name: str) -> str:
        """Return what is in force: what was chosen, or what the desk began with, or the usual."""
        return str(getattr(self.choices, name) or getattr(self._begun, name) or VALUES.get(name, ("",))[0])

    # the bell

    def rang(self) -> None:
        """Sound for the call on the screen, if it has begun to ring: not for a contact that comes back."""
        contact = self._app.flow.contact
        if contact is not None and contact.ringing:
            self._sound({contact.call_id})

    def _sound(self, calls: set[str]) -> None:
        """Sound once for calls that weren't heard yet, wherever on the desk they ring."""
        if calls - self._heard:
            self.bell.rang(self._app.settings.clock.mono_ms())
        self._heard |= calls

    def tick(self) -> None:
        """Sound for what a second has made late, and for a call that rings on."""
        app = self._app
        contact, work = app.contact, app.open_work
        behind = set(app.flow.queue) if app.begun else set()
        rings = contact is not None and contact.ringing
        self._heard &= behind | ({contact.call_id} if contact is not None and rings else set())
        self._sound(behind)
        self.bell.still(app.settings.clock.mono_ms(), rings or bool(behind))
        agent, facts = app.settings.agent.id, contact.facts if contact is not None else None
        here = [one for one in facts.work if one.data.get("owner") == agent] if facts is not None else []
        self.bell.look(app.at(), {one.id: one for one in (*(work.mine if work else ()), *here)}.values())

    async def serve(self, agent: str) -> str:
        """Behave for another agent from now on, as he likes it; returns what is wrong with his files."""
        path = kept.path_of(self._app.settings.folder, agent)
        problem = ""
        try:
            self.choices = await self._app.backend.run(lambda _site: kept.read(path))
        except kept.ChoicesError as error:
            self.choices, problem = Choices(), str(error)
        # a keymap may give keys to macros
        wrong = [problem, await self.read_macros(), await self._load_keymap(self.choices.keymap)]
        for name in VALUES:
            self._use(name)
        return next(filter(None, wrong), "")

    async def take_over(self, agent: Document) -> None:
        """Let another clerk work at this desk: what is done from now on carries his name and role."""
        app, data = self._app, agent.data
        await app.flow.enter("offline")
        number = str(data.get("number") or agent.id)
        name, role = str(data.get("name") or agent.id), str(data["role"])
        identity = replace(app.settings.agent, id=agent.id, name=name, number=number, role=role)
        app.settings = replace(app.settings, agent=identity)
        app.deeds.act_as(app.settings)
        app.flow.act_as(app.settings)
        if problem := await self.serve(identity.id):
            app.flow.say(problem, "late")
        await app.flow.enter("ready")
        await app.reload()

    # macros

    async def read_macros(self) -> str:
        """Read the macros of this agent and this site; returns what is wrong."""
        settings = self._app.settings
        paths = macros.paths_of(settings.folder, kept.path_of(settings.folder, settings.agent.id))
        try:
            self.macros = await self._app.backend.run(lambda _site: macros.read(paths, tuple(terms.TICKETS)))
        except macros.MacroError as error:
            self.macros = ()
            return str(error)
        return ""

    def macro_actions(self) -> tuple[Action, ...]:
        """Return the macros as help and palette list them."""
        return tuple(
            Action(f"{MACRO}{one.id}", "", one.name, where=TALKING, call=f"macro('{one.id}')") for one in self.macros
        )

    def unknown_macro(self) -> str:
        """Return what is wrong with a keymap that was read before the macros; an empty text where nothing is."""
        known = {one.id for one in self.macro_actions()}
        strange = next((id_ for id_ in keymap.current().macros() if id_ not in known), None)
        return keymap.no_macro(strange) if strange is not None else ""

    # settings

    async def choose(self, name: str, value: str) -> str:
        """Choose a setting, use it at once and keep it; returns what is wrong."""
        if name == "keymap":
            problem = await self._load_keymap(value)
            if problem:
                return problem
        self.choices = replace(self.choices, **{name: value})
        self._use(name)
        return await self._keep()

    def other_theme(self) -> None:
        """Change to the next theme, and keep it."""
        names = VALUES["theme"]
        after = names[(names.index(self.value("theme")) + 1) % len(names)]
        self._app.spawn(self._choose_or_say("theme", after))

    async def _choose_or_say(self, name: str, value: str) -> None:
        problem = await self.choose(name, value)
        if problem:
            self._app.flow.say(problem, "late")

    def _use(self, name: str) -> None:
        app = self._app
        if name == "language":
            i18n.use(self.value("language"))
            app.settings = replace(app.settings, language=self.value("language"))
            if app.begun:
                app.flow.act_as(app.settings)
        elif name == "theme":
            app.theme = THEMES[self.value("theme")].name
        elif name == "ambiguous" and self.choices.ambiguous in ("narrow", "wide"):
            glyphs.use(self.choices.ambiguous == "wide")
        self.bell.when, self.bell.repeats = self.value("bell"), self.value("ring") == "repeat"
        self.repaint()

    def repaint(self) -> None:
        """Paint anew all that stands on the screens."""
        for screen in self._app.screen_stack:
            for lines in screen.query(Lines):
                lines.repaint()
            screen.refresh(layout=True)

    async def _load_keymap(self, value: str) -> str:
        path = kept.keymap_path(self._app.settings.folder, replace(self.choices, keymap=value))
        if path is None:
            keymap.use(None)
            return ""
        try:
            text = await self._app.backend.run(lambda _site: path.read_text("utf-8-sig"))
            keymap.use(keymap.parse(text, str(path), [one.id for one in self.macros]))
        except (OSError, UnicodeDecodeError) as error:
            return _("{path} can't be read: {error}").format(path=path, error=error)
        except keymap.KeymapError as error:
            return str(error)
        return ""

    async def _keep(self) -> str:
        settings = self._app.settings
        path = kept.path_of(settings.folder, settings.agent.id)
        try:
            await asyncio.to_thread(kept.write, path, self.choices)
        except OSError as error:
            return _("{path} can't be written: {error}").format(path=path, error=error)
        return ""


def _width(wide: bool) -> str:
    return "wide" if wide else "narrow"
