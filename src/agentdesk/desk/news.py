"""News: what sync or another desk has changed, read again and shown where it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING

from agentdesk.desk import hearing, queries
from agentdesk.desk.i18n import _
from agentdesk.desk.models.status import StatusView
from agentdesk.desk.queries import OpenWork, Pulse
from agentdesk.desk.widgets.layer import Layer

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

PULSE_S = 1.0
"""How often the desk looks by itself for what another desk, or another process that syncs, has changed, seconds."""
NEWS_S = 0.1
"""How long the desk lets news gather after it has shown some, seconds: a page after a page would repaint for ever."""


class News:
    """What was read last of the line, the open work and the approvals, and when it is read again."""

    def __init__(self, app: DeskApp, pulse: Pulse | None, open_work: OpenWork | None) -> None:
        self._app = app
        self.pulse = pulse
        self.open_work = open_work
        self.heard = hearing.Heard()
        self._stale = False
        self._looking = False
        self._wanted = False
        self._hears = True
        self._missed = False

    def bell(self) -> Callable[[], None]:
        """Return what another thread calls when it has brought something."""
        # a thread of somebody else's knows nothing of this app: what it calls runs in a context that does
        call = partial(asyncio.get_running_loop().call_soon_threadsafe, self.brought, context=copy_context())
        return partial(_while_open, call)

    def brought(self) -> None:
        """Show at once what sync brought; what comes soon after is gathered."""
        if not self._hears:
            self._missed = True
        elif self._app.screen_stack:
            self._hears, self._missed = False, False
            self._app.set_timer(NEWS_S, self._hear_again)
            self.beat()

    def _hear_again(self) -> None:
        self._hears = True
        if self._missed:
            self.brought()

    def beat(self) -> None:
        """Look beside the screen: one look at a time, and once more for whatever asked for one meanwhile."""
        self._wanted = True
        if not self._looking:
            self._looking = True
            self._app.spawn(self._look_on())

    async def _look_on(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self.look()
        finally:
            self._looking = False

    async def look(self) -> None:
        """Look whether sync or another desk changed something, and show it where it stands."""
        app = self._app
        before, pulse = self.pulse, await app.backend.run(queries.pulse)
        if _facts(before) != _facts(pulse):
            await app.lock.stand()
            await self.reload(pulse)
        elif before != pulse:
            self.pulse = pulse
            app.flow_changed()
        await app.look_for_company()

    async def read_pulse(self) -> None:
        """Read how the line is and what waits."""
        self.pulse = await self._app.backend.run(queries.pulse)

    def status(self) -> StatusView:
        """Return what the status line says."""
        app, pulse = self._app, self.pulse
        agent, flow = app.settings.agent, app.flow if app.begun else None
        return StatusView(
            agent.name,
            agent.number,
            agent.role,
            flow.state if flow else "ready",
            flow.shown_since if flow else app.begun_at,
            len(flow.queue) if flow else 0,
            pulse.line if pulse else None,
            pulse.waiting if pulse else 0,
            pulse.inbox if pulse else 0,
            next(iter(flow.trouble.values()), "") if flow else "",
            app.settings.clock.wall_ms(),
            app.at(),
            hearing.status_words(self.heard, app.approves, len(app.helping.requests) if flow else 0),
            (flow.reason or "") if flow else "",
            flow.left if flow else None,
            "not_ready" if flow and flow.said.state == "not_ready" != flow.state else "",
        )

    async def cut_line(self) -> None:
        """Cut the line to the centre, or restore it; in a demo only."""
        app = self._app
        if not app.settings.demo:
            return
        cut = not (self.pulse is not None and self.pulse.line.cut)
        await app.backend.run(lambda site: site.line.cut(cut, site.now()))
        if app.settings.on_cut is not None:
            app.settings.on_cut(cut)
        await self.read_pulse()
        app.flow.say(_("the line is cut") if cut else _("the line is restored"), "warn" if cut else "good")
        await self.reload()

    async def reload(self, pulse: Pulse | None = None) -> None:
        """Read again what is on the screen: the contact, or the open work of a desk at rest, and a page over them.

        A new pulse is shown together with what it brought: whatever is painted meanwhile still goes by the one before.
        """
        if self._app.contact is None:
            await self.read_open_work()
        else:
            self._stale = True
            await self._app.flow.refresh()
        await self._hear()
        self.pulse = pulse or self.pulse
        self._app.flow_changed()
        top = self._app.top
        if isinstance(top, Layer):
            await top.news()

    async def _hear(self) -> None:
        """Hear what became of the approvals that were asked for here, and how many wait."""
        agent, before = self._app.settings.agent.id, self.heard
        self.heard, news = await self._app.backend.run(lambda site: hearing.look(site, agent, before))
        for document in news:
            self._app.flow.say(*hearing.words(document))

    async def read_open_work(self) -> None:
        """Read the open work of a desk at rest, and show it."""
        agent = self._app.settings.agent.id
        self.open_work = await self._app.backend.run(lambda site: queries.open_work(site, agent))
        self._app.flow_changed()

    def at_rest(self) -> None:
        """Read the open work once more where a contact was on the screen when news came."""
        if self._stale:
            self._stale = False
            self._app.spawn(self.read_open_work())


def _facts(pulse: Pulse | None) -> object:
    """Return what of a pulse changes more than the status line."""
    return pulse and (pulse.waiting, pulse.oldest, pulse.inbox, pulse.cursors, pulse.line.online)


def _while_open(call: Callable[[], object]) -> None:
    """Call something on an event loop from another thread; one that is closed has nobody left who looks."""
    with suppress(RuntimeError):
        call()
