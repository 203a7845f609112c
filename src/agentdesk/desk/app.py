"""The desk: one screen for the contact, dialogs over it, and everything slow in threads beside it."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.screen import Screen

from agentdesk.desk import glyphs, hearing, i18n, news
from agentdesk.desk.actions import keymap
from agentdesk.desk.backend import Backend, Closed
from agentdesk.desk.dozing import Doze
from agentdesk.desk.i18n import _
from agentdesk.desk.locking import Lock
from agentdesk.desk.models.rows import safe
from agentdesk.desk.news import News
from agentdesk.desk.opening import Opening
from agentdesk.desk.personal.manner import Manner
from agentdesk.desk.pointing.keys import Keys
from agentdesk.desk.screens.desk import DeskScreen
from agentdesk.desk.showing import Showing
from agentdesk.desk.themes import THEMES
from agentdesk.desk.widgets.layer import Layer
from agentdesk.domain.faults import place_of, told

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.widget import Widget
    from textual.worker import Worker

    from agentdesk.desk.calling import Calling
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.calls.helping import Helping
    from agentdesk.desk.company import Companion
    from agentdesk.desk.deal import Deal
    from agentdesk.desk.deeds import Deeds
    from agentdesk.desk.deeds.customer import CustomerDeeds
    from agentdesk.desk.hall import Hall
    from agentdesk.desk.pointing.copying import Copying
    from agentdesk.desk.queries import OpenWork, Pulse
    from agentdesk.desk.session import Contact
    from agentdesk.desk.settings import DeskSettings, Pause
    from agentdesk.domain.policy import Catalogue
    from agentdesk.store.site import Site

TICK_S = 1.0

TOUCHES = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
"""What shows that somebody is there."""


class DeskApp(App[None]):
    """The desk of one agent on one site."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        "screens/desk.tcss",
        "screens/dialog.tcss",
        "screens/page.tcss",
        "screens/gate.tcss",
    ]

    def __init__(self, settings: DeskSettings) -> None:
        super().__init__()
        i18n.use(settings.language)
        glyphs.use(settings.ambiguous_wide)
        keymap.use(settings.keymap)
        self.settings = settings
        self.backend = Backend(self._open_site)
        self.doze = Doze(settings.clock)
        self.keys = Keys(self)
        self.lock = Lock(self)
        self.begun_at = settings.clock.wall_ms()
        self.news = News(self, *(settings.first or (None, None)))
        self.failures: list[BaseException] = []
        self.showing = Showing(self)
        self.opening = Opening(self)
        self._desk_screen = DeskScreen()
        self.manner = Manner(self)
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES.get(settings.theme, THEMES["dark"]).name

    def _open_site(self) -> Site:
        from agentdesk.store.site import Site

        return Site(self.settings.folder, self.settings.clock, self.settings.entropy, self.settings.key)

    # what the first frame doesn't need is made when it is asked for

    @cached_property
    def deeds(self) -> Deeds:
        """What the agent does, done."""
        from agentdesk.desk.deeds import Deeds

        return Deeds(self.backend, self.settings)

    @cached_property
    def flow(self) -> CallFlow:
        """The contact on the screen, the calls behind it, and the state of the agent."""
        from agentdesk.desk.calls.flow import CallFlow

        flow = CallFlow(self.settings, self.backend, self.deeds, self.begun_at)
        flow.listen(self.flow_changed, self._rang)
        return flow

    @cached_property
    def deal(self) -> Deal:
        """Which screen answers what the agent means."""
        from agentdesk.desk.deal import Deal

        return Deal(self)

    @cached_property
    def copying(self) -> Copying:
        """Numbers, copied."""
        from agentdesk.desk.pointing.copying import Copying

        return Copying(self)

    @cached_property
    def customers(self) -> CustomerDeeds:
        """What is noted of the customer in a contact."""
        from agentdesk.desk.deeds.customer import CustomerDeeds

        return CustomerDeeds(self.deeds, self.backend)

    @cached_property
    def calling(self) -> Calling:
        """Call-backs and receipts, done."""
        from agentdesk.desk.calling import Calling

        return Calling(self.deeds)

    @cached_property
    def hall(self) -> Hall:
        """The branch hall: its queue, its visit, what is booked, and the end of a shift."""
        from agentdesk.desk.hall import Hall

        return Hall(self.deeds, self.settings.folder, self.settings.printer)

    @property
    def begun(self) -> bool:
        """Tell whether more than the first frame is there."""
        return "flow" in self.__dict__

    @property
    def pulse(self) -> Pulse | None:
        """How the line was and what waited when it was looked last."""
        return self.news.pulse

    @property
    def open_work(self) -> OpenWork | None:
        """The open work of the desk at rest, as it was read last."""
        return self.news.open_work

    @property
    def heard(self) -> hearing.Heard:
        """What became of the approvals that were asked for here."""
        return self.news.heard

    @property
    def contact(self) -> Contact | None:
        """The contact on the screen."""
        return self.flow.contact if self.begun else None

    @property
    def catalogue(self) -> Catalogue | None:
        """The catalogue in force; None before it is loaded."""
        return self.deeds.catalogue if self.begun else None

    @property
    def desk_screen(self) -> DeskScreen:
        """The screen of the contact; dialogs stand over it."""
        return self._desk_screen

    def get_default_screen(self) -> Screen[Any]:
        return self._desk_screen

    # beginning and end

    def on_mount(self) -> None:
        # the first frame comes before the files are opened: it shows what was read already, or that they are read now
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.spawn(self._begin())

    async def _begin(self) -> None:
        await self.opening.begin()
        self.set_interval(TICK_S, self._tick)
        self.set_interval(news.PULSE_S, self.news.beat)

    async def leave(self) -> None:
        """End the desk: the agent's last interval is recorded, drafts and open promises are on disk already."""
        await self.flow.enter("offline")
        self.exit()

    async def on_unmount(self) -> None:
        await self.opening.hang_up()
        if "companion" in self.__dict__:
            self.companion.gone()
        if "helping" in self.__dict__:
            self.helping.gone()
        await self.opening.close()

    # what runs beside the screen

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside the screen; what goes wrong is said, and never ends the desk."""
        begun = partial(self._guard, work)
        # what a desk that goes down never begins is let go without a word
        weakref.finalize(begun, work.close).atexit = False
        _worker: Worker[None] = self.run_worker(begun)

    def after(self, widget: Widget, seconds: float, call: Callable[[], Any]) -> Pause:
        """Call something of a widget in a while, unless it is stopped or the widget goes before."""
        return widget.set_timer(seconds, call)

    async def _guard(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Closed:
            pass
        except Exception as error:
            from agentdesk.store.errors import StoreError

            if isinstance(error, StoreError):
                self.flow.say(safe(error, 160), "late")
                return
            self.failures.append(error)
            self.log(f"the desk failed: {error!r}")
            # its text may be about somebody: only where it happened is said
            words = _("something went wrong: {what}; try again")
            self.flow.say(words.format(what=safe(place_of(error), 100)), "late")

    def _fatal_error(self) -> None:
        """Leave after a fault that nobody foresaw; nothing stays on the terminal of what was on the screen.

        The library would print the values of local names, customers among them.
        """
        error = sys.exc_info()[1]
        lines = list(told(error)) if error is not None else []
        self.bell()
        self._exit_renderables.append("\n".join([_("the desk has ended by a fault of its own:"), *lines]))
        self._close_messages_no_wait()

    @property
    def top(self) -> Screen[Any] | None:
        """Return the screen on top; None while the desk goes down, when news may still come."""
        stack = self.screen_stack
        return stack[-1] if stack else None

    def _tick(self) -> None:
        self.manner.tick()
        self.lock.tick()
        if self.begun and self.flow.tick():
            self.spawn(self.flow.settle())
        if self.begun and self.flow.unkept:
            self.spawn(self.flow.keep())
        self.showing.tick()

    async def look(self) -> None:
        """Look whether sync or another desk changed something, and show it where it stands."""
        await self.news.look()

    async def reload(self) -> None:
        """Read again what is on the screen."""
        await self.news.reload()

    async def look_for_company(self) -> None:
        """Look who else is in the document on the screen."""
        if self.begun and await self.helping.look():
            self.flow_changed()
        if (len(self.screen_stack) > 1 or "companion" in self.__dict__) and await self.companion.look():
            self.showing.tick_dialog()

    @cached_property
    def helping(self) -> Helping:
        """Who asks for help, and what is answered."""
        from agentdesk.desk.calls.helping import Helping

        return Helping(self)

    @cached_property
    def companion(self) -> Companion:
        """Who else is in the document on the screen."""
        from agentdesk.desk.company import Companion

        return Companion(self)

    # what is shown

    def push_screen(self, screen: Any, *arguments: Any, **options: Any) -> Any:
        """Show a screen over the others; over the lock none comes before it is open."""
        if self.lock.on and not self.lock.is_own(screen):
            self.lock.keep_for_later(partial(self.push_screen, screen, *arguments, **options))
            return AwaitComplete()
        return super().push_screen(screen, *arguments, **options)

    def sits_since(self, at: int) -> None:
        """Note when who sits here proved to the centre who he is, ms UTC."""
        self.settings = replace(self.settings, agent=replace(self.settings.agent, since=at))

    def _rang(self) -> None:
        """Show a ring at once."""
        self.showing.hurry()
        self._desk_screen.rang()
        self.flow_changed()

    def flow_changed(self) -> None:
        """Show what the flow holds now, in time."""
        self.showing.changed()

    def card_painted(self) -> None:
        """Note that the caller's card stands on the screen."""
        self.spawn(self.flow.painted())

    def at(self) -> int:
        """Return the instant as the centre would see it, ms UTC."""
        now = self.settings.clock.wall_ms()
        return self.pulse.line.instant(now) if self.pulse else now

    @property
    def approves(self) -> bool:
        """Tell whether the agent is one whom others ask."""
        role = self.catalogue.roles.get(self.settings.agent.role) if self.catalogue else None
        return role is not None and role.approves

    # keys

    async def on_event(self, event: events.Event) -> None:
        """Let each key be taken before any screen has it; one that bubbles up again has been taken already."""
        if isinstance(event, TOUCHES):
            self.lock.touched()
        if isinstance(event, events.Key) and not event.is_forwarded:
            # what a key changes is shown at once
            self.showing.hurry()
            key = self.keys.take(event)
            if key is None:
                return
            event = key
        await super().on_event(event)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do an action of a screen, unless the agent's role may not do what comes of it: then he hears why."""
        if self.begun and isinstance(action, str) and isinstance(default_namespace, Layer):
            from agentdesk.desk.answers.roles import refused_call

            problem = refused_call(self, default_namespace.place, action)
            if problem:
                default_namespace.say(problem)
                return True
        return await super().run_action(action, default_namespace, namespaces)

    async def action_quit(self) -> None:
        if not self.lock.on:
            self.deal.quit()

    def action_help_quit(self) -> None:
        self.flow.say(_("q leaves the desk"), "quiet")

    def say_quietly(self, words: str) -> None:
        """Say something of no weight."""
        self.flow.say(words, "good")

    async def keep_draft(self, key: str, text: str) -> None:
        """Keep unsent words, whatever happens to the program; an empty text forgets them."""
        await self.backend.run(lambda site: site.keep_draft(key, text))

    def other_theme(self) -> None:
        """Change to the next theme."""
        self.manner.other_theme()
