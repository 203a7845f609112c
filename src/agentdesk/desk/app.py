"""The desk: one screen for the contact, dialogs over it, and everything slow in threads beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import PurePath
from random import Random
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input, TextArea

from agentdesk.desk import glyphs, i18n, queries
from agentdesk.desk.actions import plain_key
from agentdesk.desk.backend import Backend, Closed
from agentdesk.desk.callflow import CallFlow
from agentdesk.desk.deal import Deal
from agentdesk.desk.deeds import Deeds
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe
from agentdesk.desk.models.status import StatusView
from agentdesk.desk.queries import OpenWork, Pulse
from agentdesk.desk.screens.desk import DeskScreen
from agentdesk.desk.settings import DeskSettings, Stoppable
from agentdesk.desk.themes import THEMES
from agentdesk.domain.documents import Document
from agentdesk.store.files import StoreError
from agentdesk.store.site import Site
from agentdesk.telephony.switchboard import Switchboard

PULSE_S = 0.5
TICK_S = 1.0


class DeskApp(App[None]):
    """The desk of one agent on one site."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS_PATH: ClassVar[list[str | PurePath]] = ["screens/desk.tcss", "screens/dialog.tcss", "screens/page.tcss"]

    def __init__(self, settings: DeskSettings) -> None:
        super().__init__()
        i18n.use(settings.language)
        glyphs.use(settings.ambiguous_wide)
        self.settings = settings
        self.backend = Backend(lambda: Site(settings.folder, settings.clock, settings.entropy))
        # the files are opened while the terminal is being set up
        self.backend.start()
        self.deeds = Deeds(self.backend, settings)
        self.flow = CallFlow(settings, self.backend, self.deeds)
        self.deal = Deal(self)
        self.open_work: OpenWork | None = None
        self.pulse: Pulse | None = None
        self.failures: list[BaseException] = []
        self._sync: Stoppable | None = None
        self._desk_screen = DeskScreen()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES.get(settings.theme, THEMES["dark"]).name

    @property
    def desk_screen(self) -> DeskScreen:
        """The screen of the contact; dialogs stand over it."""
        return self._desk_screen

    def get_default_screen(self) -> Screen[Any]:
        return self._desk_screen

    # beginning and end

    def on_mount(self) -> None:
        self.flow.listen(self.flow_changed, self._desk_screen.rang)
        self.spawn(self._begin())

    async def _begin(self) -> None:
        """Show the open work, then load what the first frame doesn't need, then let calls and sync in."""
        self.pulse = await self.backend.run(queries.pulse)
        await self._read_open_work()
        region, catalogue = await self.backend.run(lambda site: (site.identity.region, site.catalogue()))
        self.deeds.signed(region, catalogue)
        self.flow_changed()
        if self.settings.start_sync is not None:
            self._sync = self.settings.start_sync()
        if self.settings.sources is not None:
            board = Switchboard(self.settings.sources(), now_ms=self.settings.clock.wall_ms, random=self._random())
            self.flow.switchboard = board
            await board.start()
            self.run_worker(self._listen(board), name="calls")
        self.set_interval(TICK_S, self._tick)
        self.set_interval(PULSE_S, self._beat)

    def _random(self) -> Random:
        return Random(int.from_bytes(self.settings.entropy.token_bytes(8), "big"))

    async def _listen(self, board: Switchboard) -> None:
        async for notice in board:
            await self._guard(self.flow.take(notice))

    async def leave(self) -> None:
        """End the desk: the agent's last interval is recorded, drafts and open promises are on disk already."""
        await self.flow.enter("offline")
        self.exit()

    async def on_unmount(self) -> None:
        if self.flow.switchboard is not None:
            await self.flow.switchboard.stop()
        if self._sync is not None:
            await asyncio.to_thread(self._sync.stop)
        await asyncio.to_thread(self.backend.close)

    # what runs beside the screen

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside the screen; what goes wrong is said, and never ends the desk."""
        self.run_worker(self._guard(work))

    async def _guard(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Closed:
            pass
        except StoreError as error:
            self.flow.say(safe(error, 160), "late")
        except Exception as error:
            self.failures.append(error)
            self.log(f"the desk failed: {error!r}")
            self.flow.say(_("something went wrong: {what}; try again").format(what=safe(repr(error), 100)), "late")

    def _tick(self) -> None:
        tick = getattr(self.screen, "tick", None)
        if tick is not None:
            tick()
        if self.screen is not self._desk_screen:
            self._desk_screen.tick()

    def _beat(self) -> None:
        self.spawn(self.look())

    async def look(self) -> None:
        """Look whether sync or another desk changed something, and show it where it stands."""
        before, self.pulse = self.pulse, await self.backend.run(queries.pulse)
        if before != self.pulse:
            await self.reload()

    async def reload(self) -> None:
        """Read again what is on the screen."""
        await self._read_open_work()
        await self.flow.refresh()
        self.flow_changed()

    async def _read_open_work(self) -> None:
        agent = self.settings.agent.id
        self.open_work = await self.backend.run(lambda site: queries.open_work(site, agent))
        self._desk_screen.show_all()

    # what is shown

    def flow_changed(self) -> None:
        """Show what the flow holds now, on the desk and in the dialog over it."""
        if not self._desk_screen.is_mounted:
            return
        self._desk_screen.show_all()
        contact = self.flow.contact
        changed = getattr(self.screen, "facts_changed", None)
        if changed is not None and contact is not None and contact.facts is not None:
            changed(contact.facts)
        elif self.screen is not self._desk_screen:
            self._tick_screen()

    def _tick_screen(self) -> None:
        tick = getattr(self.screen, "tick", None)
        if tick is not None:
            tick()

    def card_painted(self) -> None:
        """Note that the caller's card stands on the screen."""
        self.spawn(self.flow.painted())

    def at(self) -> int:
        """Return the instant as the centre would see it, ms UTC."""
        now = self.settings.clock.wall_ms()
        return self.pulse.line.instant(now) if self.pulse else now

    def status(self) -> StatusView:
        """Return what the status line says."""
        agent, pulse, flow = self.settings.agent, self.pulse, self.flow
        return StatusView(
            agent.name,
            agent.number,
            agent.role,
            flow.state,
            flow.since,
            len(flow.queue),
            pulse.line if pulse else None,
            pulse.waiting if pulse else 0,
            pulse.inbox if pulse else 0,
            next(iter(flow.trouble.values()), ""),
            self.settings.clock.wall_ms(),
            self.at(),
        )

    # keys

    async def on_event(self, event: events.Event) -> None:
        """Take keys: the first on a card is noted, full-width ones work like their plain twins."""
        if isinstance(event, events.Key):
            self.flow.first_key()
            self.flow.seen()
            if self.flow.message is not None:
                self.flow.message = None
                self._desk_screen.show_all()
            plain = plain_key(event.character)
            if plain is not None and not isinstance(self.focused, Input | TextArea):
                event = events.Key({"/": "slash", "?": "question_mark"}.get(plain, plain), plain)
        await super().on_event(event)

    async def action_quit(self) -> None:
        self.deal.quit()

    def action_help_quit(self) -> None:
        self.flow.say(_("q leaves the desk"), "quiet")

    # what dialogs answer

    def chosen(self, answer: tuple[Document, str | None] | None) -> None:
        if answer is not None:
            self.spawn(self.flow.choose(*answer))

    def chase_chosen(self, ticket: Document | None) -> None:
        contact = self.flow.contact
        if ticket is not None and contact is not None:
            from agentdesk.desk.screens.tell import ChaseDialog

            self.push_screen(ChaseDialog(contact, ticket))

    def not_ready(self, reason: str | None) -> None:
        if reason is not None:
            self.spawn(self.flow.toggle_ready(reason))

    def quit_chosen(self, sure: bool | None) -> None:
        if sure:
            self.spawn(self.leave())

    def act(self, action: str | None) -> None:
        """Do an action that was chosen by its name."""
        if action:
            self.call_later(self._desk_screen.run_action, action)

    def tell(self, promise: Document) -> None:
        """Mark a promise's words as told, after the contact in which it was made."""

        async def told() -> None:
            self.flow.report(await self.deeds.spoken(self.flow.contact, promise))
            await self.reload()

        self.spawn(told())

    async def keep_draft(self, key: str, text: str) -> None:
        """Keep unsent words, whatever happens to the program; an empty text forgets them."""
        await self.backend.run(lambda site: site.keep_draft(key, text))

    # the line and the look

    async def cut_line(self) -> None:
        """Cut the line to the centre, or restore it; in a demo only."""
        if not self.settings.demo:
            return
        cut = not (self.pulse is not None and self.pulse.line.cut)
        await self.backend.run(lambda site: site.line.cut(cut, site.now()))
        if self.settings.on_cut is not None:
            self.settings.on_cut(cut)
        self.pulse = await self.backend.run(queries.pulse)
        self.flow.say(_("the line is cut") if cut else _("the line is restored"), "warn" if cut else "good")
        await self.reload()

    def other_theme(self) -> None:
        """Change between dark and light."""
        dark = THEMES["dark"].name
        self.theme = THEMES["light"].name if self.theme == dark else dark
