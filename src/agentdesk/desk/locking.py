"""The desk's lock: after nobody touched a key for the policy's time, by a key at once, or as its agent was dismissed.

While it is on, nothing comes over it: what asks to be shown meanwhile is shown once it is open. Calls, clocks and sync
go on beneath.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.deeds.signing import PinTried
    from agentdesk.desk.models.sign_in import LockView
    from agentdesk.desk.screens.lock import LockScreen
    from agentdesk.desk.session import Contact
    from agentdesk.sync.entering import Entered


class Lock:
    """The lock of one desk; a desk whose site has no vault has nothing to lock with."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._screen: LockScreen | None = None
        self._touched_ms = app.settings.clock.mono_ms() if app.settings.door is not None else 0
        self._later: list[Callable[[], Any]] = []
        self._since = 0
        self._dismissed = False

    @property
    def on(self) -> bool:
        """Tell whether the desk is locked."""
        return self._screen is not None

    def is_own(self, screen: object) -> bool:
        """Tell whether a screen is the lock's."""
        return screen is self._screen

    def touched(self) -> None:
        """Note that somebody is there."""
        if self._app.settings.door is not None:
            self._touched_ms = self._app.settings.clock.mono_ms()

    def tick(self) -> None:
        """Lock a desk that nobody has touched for the policy's time, unless its agent talks."""
        app = self._app
        if self.on or app.settings.door is None or app.catalogue is None:
            return
        contact = app.contact
        if contact is not None and (contact.ringing or _talks(contact)):
            # whoever looks into the matter while a caller waits isn't locked out in the middle of it
            self.touched()
            return
        if app.settings.clock.mono_ms() - self._touched_ms >= app.catalogue.rules.idle_lock_s * 1000:
            self.close()

    def close(self, dismissed: bool = False) -> None:
        """Lock the desk now."""
        app, door = self._app, self._app.settings.door
        if self.on:
            return
        if door is None:
            app.say_quietly(_("this site has no passwords: there is nothing to lock with"))
            return
        self._dismissed = dismissed
        self._since = app.at()
        from agentdesk.desk.screens.lock import LockScreen

        app.keys.let_go()
        # at once: the next key is no longer the desk's
        screen = LockScreen(self, door, app.settings.agent.id, by_pin=False)
        self._screen = screen
        app.push_screen(screen)
        if app.catalogue is not None and app.catalogue.sign_in.pin_unlocks and not dismissed:
            app.spawn(self._look_for_pin(screen, app.settings.agent.id))

    async def _look_for_pin(self, screen: LockScreen, agent: str) -> None:
        screen.by_pin = await self._app.backend.run(lambda site: site.access.has_pin(agent))
        screen.tick()

    def open(self) -> None:
        """Show the desk again as it was, and what came meanwhile."""
        screen, self._screen = self._screen, None
        if screen is None:
            return
        self.touched()
        screen.dismiss(None)
        later, self._later = self._later, []
        for show in later:
            self._app.call_next(show)
        self._app.flow_changed()

    def keep_for_later(self, show: Callable[[], Any]) -> None:
        """Show something once the desk is open."""
        self._later.append(show)

    # what the lock's screen asks

    def view(self, other: bool) -> LockView:
        """Return what the lock may show."""
        from agentdesk.desk.models import times
        from agentdesk.desk.models.sign_in import LockView

        app = self._app
        contact = app.contact
        agent = app.settings.agent
        return LockView(
            agent.name,
            agent.number,
            times.moment(self._since, app.at()),
            ringing=contact is not None and contact.ringing,
            talking=contact is not None and _talks(contact),
            behind=len(app.flow.queue) if app.begun else 0,
            other=other,
            dismissed=self._dismissed,
            staff=app.settings.sample_staff,
        )

    def not_now(self) -> str:
        """Return why nobody else can take over now; an empty text where somebody can."""
        stack = self._app.flow.stack if self._app.begun else ()
        if any(_talks(one) or one.channel == "hall" for one in stack):
            return _("a contact goes on here: it is ended first, then somebody else can take over")
        return ""

    async def try_pin(self, typed: str) -> PinTried:
        """Look at the PIN of who sits here."""
        from agentdesk.desk.deeds.signing import try_pin

        agent = self._app.settings.agent.id
        return await self._app.backend.run(lambda site: try_pin(site, agent, typed))

    async def let_in(self, entered: Entered) -> str:
        """Open the desk to who was proved: to who sits here as it was, to somebody else as his; or say why not."""
        app = self._app
        if entered.agent == app.settings.agent.id:
            app.sits_since(entered.since)
            self._dismissed = False
            self.open()
            return ""
        if why_not := self.not_now():
            return why_not
        from agentdesk.domain.decide import ORG

        document = await app.backend.run(lambda site: site.view.document(ORG, entered.agent))
        if document is None:
            return _("the site doesn't know {who} yet: wait for the next sync").format(who=safe(entered.agent, 24))
        self._later.clear()
        await app.flow.put_away()
        await app.manner.take_over(document)
        app.sits_since(entered.since)
        await app.flow.restore()
        self._dismissed, self._screen = False, None
        self.touched()
        while app.screen is not app.desk_screen:
            app.pop_screen()
        await app.flow.next_call()
        return ""

    async def stand(self) -> None:
        """Lock a desk whose agent has been dismissed, or whose password was changed since he came."""
        agent = self._app.settings.agent
        since = agent.since
        if self._app.settings.door is None or since is None or self._dismissed:
            return
        why = await self._app.backend.run(lambda site: site.access.standing(agent.id, since))
        if why is not None:
            self.close(dismissed=True)
            self._dismissed = True


def _talks(contact: Contact) -> bool:
    """Tell whether somebody is on the telephone, held or not."""
    return contact.live and contact.channel != "desk"
