"""What a desk lets in once its first frame stands, and lets go of at its end: modules, the policy, sync, and calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.settings import Stoppable
    from agentdesk.store.site import Site
    from agentdesk.telephony.source import Notice
    from agentdesk.telephony.switchboard import Switchboard


class Opening:
    """Opens a desk whose first frame stands, and closes what was opened."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self._sync: Stoppable | None = None

    async def begin(self) -> None:
        """Show the open work, then load what the first frame doesn't need, then let sync and calls in."""
        app, settings = self._app, self._app.settings
        if settings.first is None:
            await app.news.read_pulse()
            await app.news.read_open_work()
        else:
            await app.look()
        await app.backend.run(_preload)
        region, catalogue = await app.backend.run(lambda site: (site.identity.region, site.catalogue()))
        app.deeds.signed(region, catalogue)
        app.flow_changed()
        found = (*settings.problems, await app.manner.read_macros(), app.manner.unknown_macro())
        for problem in filter(None, found):
            app.flow.say(problem, "late")
        await app.flow.restore()
        if settings.on_begun is not None:
            settings.on_begun()
        if settings.start_sync is not None:
            self._sync = settings.start_sync(app.news.bell())
        if settings.sources is not None:
            from agentdesk.telephony.switchboard import Switchboard

            board = Switchboard(settings.sources(), now_ms=settings.clock.wall_ms, random=self._random())
            app.flow.switchboard = board
            await board.start()
            app.run_worker(self._listen(board), name="calls")

    async def hang_up(self) -> None:
        """Let no call in any more."""
        if self._app.begun and self._app.flow.switchboard is not None:
            await self._app.flow.switchboard.stop()

    async def close(self) -> None:
        """End sync, and close the files."""
        if self._sync is not None:
            await asyncio.to_thread(self._sync.stop)
        await asyncio.to_thread(self._app.backend.close)

    def _random(self) -> Random:
        from random import Random

        return Random(int.from_bytes(self._app.settings.entropy.token_bytes(8), "big"))

    async def _listen(self, board: Switchboard) -> None:
        async for notice in board:
            # in their order, and each by itself: whoever waits until the desk rests waits for what a call brings, too
            taken = asyncio.Event()
            self._app.spawn(self._take(notice, taken))
            await taken.wait()

    async def _take(self, notice: Notice, taken: asyncio.Event) -> None:
        try:
            await self._app.flow.take(notice)
        finally:
            taken.set()


def _preload(_site: Site) -> None:
    """Load, in the store's thread, what a ring needs, so that no card waits for a module."""
    import agentdesk.desk.calls.flow
    import agentdesk.desk.deal
    import agentdesk.desk.models.desk
    import agentdesk.desk.screens.promise
    import agentdesk.desk.screens.verify
    import agentdesk.telephony.switchboard  # noqa: F401 - loaded for those that use them
