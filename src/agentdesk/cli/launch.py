"""Opening the desk: who sits at it, where its calls come from, and what it draws on."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentdesk import _collecting
from agentdesk.cli.errors import CommandError
from agentdesk.cli.machine import MachineClock, MachineEntropy
from agentdesk.cli.options import locale_language
from agentdesk.cli.terminal import WidthProbe, in_browser, needs_terminal, needs_utf8

if TYPE_CHECKING:
    from agentdesk.cli.config import SiteConfig
    from agentdesk.desk.actions.keymap import Keymap
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.personal.choices import Choices
    from agentdesk.desk.queries import OpenWork, Pulse
    from agentdesk.desk.settings import AgentIdentity, DeskSettings, SampleAgent
    from agentdesk.store.site import Site
    from agentdesk.sync.entering import Door
    from agentdesk.sync.runner import SyncThread
    from agentdesk.telephony.source import CallSource

MakeSources = Callable[[], Sequence["CallSource"]]

SWITCH_S = 0.001
"""How long another thread computes while the screen wants to, seconds."""
PULL_ROWS = 500
"""Changes that a desk takes in at a time."""

WIDTHS = {"narrow": False, "wide": True}
THEMES = ("dark", "light", "contrast", "ansi")


def add_screen(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how the desk looks, and whether it is recorded."""
    parser.add_argument("--theme", choices=THEMES, help="ansi: the terminal's own colours [the settings', or dark]")
    parser.add_argument(
        "--ambiguous",
        choices=("auto", *WIDTHS),
        help="how wide the terminal draws characters such as the middle dot [the settings', or asked]",
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write the session down, under other names, for `agentdesk replay`"
    )


@dataclass(frozen=True, slots=True)
class Look:
    """How the desk looks on this terminal; `probe` has asked it how wide its ambiguous characters are."""

    language: str
    theme: str
    wide: bool | None
    probe: WidthProbe | None

    @property
    def ambiguous_wide(self) -> bool:
        """Return whether ambiguous characters are two cells wide; the terminal has answered, or gets a moment yet."""
        if self.wide is not None:
            return self.wide
        return self.probe is not None and self.probe.wide()


@contextmanager
def screen(arguments: argparse.Namespace, config: SiteConfig) -> Iterator[Look]:
    """Look at the terminal before the desk draws on it; raises CommandError for one that can't show it.

    The terminal is asked at once and read later, so that its answer takes no time of its own.
    """
    needs_utf8()
    needs_terminal()
    desk = config.desk
    chosen = arguments.ambiguous
    wide = WIDTHS.get(chosen) if chosen else desk.ambiguous_wide
    language = arguments.language or desk.language or locale_language()
    theme = arguments.theme or desk.theme
    if wide is not None or in_browser():
        # a browser's terminal has nobody to ask, and draws them in one cell
        yield Look(language, theme, bool(wide), None)
        return
    with WidthProbe(sys.stdin.fileno(), sys.stdout.fileno()) as probe:
        yield Look(language, theme, None, probe)


def opener(folder: Path, key: bytes | None = None) -> Callable[[], Site]:
    """Return what opens a site with the key of its files, for each thread that asks."""

    def open_site() -> Site:
        from agentdesk.store.site import Site

        return Site(folder, MachineClock(), MachineEntropy(), key)

    return open_site


class Seat(NamedTuple):
    """Who sits at the desk, and what the first frame shows him."""

    agent: AgentIdentity
    first: tuple[Pulse, OpenWork]
    door: Door | None = None


def seat_of(
    folder: Path, agent: str | None, extension: str | None, door: Door | None = None, since: int | None = None
) -> Seat:
    """Return who sits at the desk with his open work; raises CommandError for somebody whom the site doesn't know.

    `door` is that of a site that is locked, and open now; `since` when he proved himself to the centre, ms UTC.
    """
    from agentdesk.cli.agents import agent_of
    from agentdesk.desk import queries
    from agentdesk.desk.settings import AgentIdentity

    site = opener(folder, door.key if door is not None else None)()
    try:
        _ = site.identity  # raises NotEnrolled
        known = agent_of(site, agent, required=True)
        document = site.view.document("org", known.id)
        first = queries.pulse(site), queries.open_work(site, known.id)
    finally:
        site.close()
    number = str(document.data.get("number") or known.id) if document else known.id
    return Seat(AgentIdentity(known.id, known.name, number, known.role, extension, since), first, door)


def site_sources(folder: Path, config: SiteConfig, agent: AgentIdentity) -> MakeSources:
    """Return what makes the sources of a site's settings; they are read now, so that a mistake is told now."""
    from agentdesk.cli.config import ami_settings

    ami = ami_settings(config.ami, folder) if config.ami else None
    now_ms = MachineClock().wall_ms

    def make() -> list[CallSource]:
        sources: list[CallSource] = []
        if config.hook:
            sources.append(hook(folder, agent))
        if ami is not None:
            from random import Random

            from agentdesk.telephony.ami.source import AmiSource

            sources.append(AmiSource(ami, now_ms=now_ms, random=Random()))
        return sources

    return make


def hook(folder: Path, agent: AgentIdentity) -> CallSource:
    """Return the door through which `agentdesk call` makes this desk ring."""
    from agentdesk.telephony.hook import HookSource

    return HookSource(folder, now_ms=MachineClock().wall_ms, agent=agent.extension or agent.id)


def sync_starter(folder: Path, key: bytes | None = None) -> Callable[[Callable[[], None]], SyncThread]:
    """Return what starts the syncing beside the desk, which is told when it brought something."""

    def start(brought: Callable[[], None]) -> SyncThread:
        from agentdesk.sync.core import Pace
        from agentdesk.sync.runner import SyncThread

        # keys come first: what syncs gives way soon, and takes a page in small steps
        sys.setswitchinterval(SWITCH_S)
        thread = SyncThread(folder, opener(folder, key), pace=Pace(pull_rows=PULL_ROWS), changed=brought)
        thread.start()
        return thread

    return start


@dataclass(frozen=True, slots=True)
class Own:
    """What the agent has as he likes it; `problems` are what is wrong with his files, in words for him."""

    choices: Choices
    keymap: Keymap | None
    problems: tuple[str, ...]


def own(folder: Path, agent: str) -> Own:
    """Return an agent's settings and keymap; a broken file keeps nobody from his work, it is said on the desk."""
    from agentdesk.desk.actions import keymap
    from agentdesk.desk.personal import choices as kept

    problems = []
    try:
        chosen = kept.read(kept.path_of(folder, agent))
    except kept.ChoicesError as error:
        chosen = kept.Choices()
        problems.append(str(error))
    path = kept.keymap_path(folder, chosen)
    if path is None:
        return Own(chosen, None, tuple(problems))
    try:
        return Own(chosen, keymap.parse(path.read_text("utf-8-sig"), str(path)), tuple(problems))
    except (OSError, UnicodeDecodeError, keymap.KeymapError) as error:
        return Own(chosen, None, (*problems, str(error)))


def liked(shown: Look, choices: Choices, arguments: argparse.Namespace) -> Look:
    """Return how the desk looks for an agent: what the command line doesn't say is as he chose."""
    return replace(
        shown,
        language=arguments.language or choices.language or shown.language,
        theme=arguments.theme or choices.theme or shown.theme,
        wide=shown.wide if arguments.ambiguous else WIDTHS.get(choices.ambiguous, shown.wide),
    )


def open_desk(
    folder: Path,
    seat: Seat,
    config: SiteConfig,
    look: Look,
    sources: MakeSources,
    arguments: argparse.Namespace,
    *,
    demo: bool = False,
    sample_staff: Sequence[SampleAgent] = (),
) -> int:
    """Run the desk until its agent leaves; returns the exit code."""
    mine = own(folder, seat.agent.id)
    shown = liked(look, mine.choices, arguments)
    from agentdesk.desk.settings import DeskSettings

    settings = DeskSettings(
        folder=folder,
        agent=seat.agent,
        clock=MachineClock(),
        entropy=MachineEntropy(),
        language=shown.language,
        sources=sources,
        start_sync=sync_starter(folder, seat.door.key if seat.door is not None else None),
        door=seat.door,
        sample_staff=sample_staff,
        theme=shown.theme,
        ambiguous_wide=shown.ambiguous_wide,
        demo=demo,
        on_begun=_collecting.loaded,
        hotline=config.desk.hotline,
        printer=config.desk.printer,
        first=seat.first,
        keymap=mine.keymap,
        choices=mine.choices,
        problems=mine.problems,
    )
    app = _desk(settings, arguments.record, folder / config.desk.record if config.desk.record else None)
    app.run()
    return app.return_code or 0


def _desk(settings: DeskSettings, file: Path | None, kept_in: Path | None) -> DeskApp:
    """Return the desk, one that records where that is asked for; raises CommandError for a file that can't be made.

    Where the site's settings ask for it, the agent works on without a recording that can't be made.
    """
    if file is None and kept_in is None:
        from agentdesk.desk.app import DeskApp

        return DeskApp(settings)
    from agentdesk.replay.desk import RecordedDesk
    from agentdesk.replay.record import Recorder

    path = file or Path(kept_in or ".") / f"session-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.jsonl"
    try:
        if file is None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return RecordedDesk(settings, Recorder(path, settings.clock, settings.entropy))
    except OSError as error:
        if isinstance(error, FileExistsError) and file is not None:
            raise CommandError(f"{path} is there already: name a file that isn't") from None
        if file is not None:
            raise
        from agentdesk.desk.app import DeskApp

        why = f"nothing is recorded: {path.parent}: {error.strerror}"
        return DeskApp(replace(settings, problems=(*settings.problems, why)))
