"""What a desk is started with; all time, randomness, files and lines come in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agentdesk.desk.personal.choices import NONE, Choices

if TYPE_CHECKING:
    from agentdesk.desk.actions.keymap import Keymap
    from agentdesk.desk.queries import OpenWork, Pulse
    from agentdesk.domain.operation import Clock
    from agentdesk.store.committing import Entropy
    from agentdesk.sync.entering import Door
    from agentdesk.telephony.source import CallSource


class Stoppable(Protocol):
    """Something that runs beside the desk and ends with it."""

    def stop(self) -> None:
        """End it; returns when it has ended."""


class Pause(Protocol):
    """Something that happens in a while, unless it is stopped before."""

    def stop(self) -> None:
        """Let it not happen."""


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """Who sits at the desk; `id` is the id of his document in the org scope, `extension` that of his phone.

    `since` is when he proved to the centre who he is, ms UTC; None where nobody has to.
    """

    id: str
    name: str
    number: str
    role: str
    extension: str | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class SampleAgent:
    """Somebody of a demo's staff, with what he signs in with; all of it is invented, and shown on the lock."""

    id: str
    name: str
    role: str
    password: str = field(repr=False)
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """A desk's settings.

    `sources` makes the places that calls come from, on the event loop after the first frame; `start_sync` starts
    the syncing and returns what stops it, and gets what is called, from any thread, when sync brought something;
    `on_cut` is told when the agent cuts or restores the line in a demo;
    `on_begun` is called once, when all that a ring needs is loaded;
    `first` is what the first frame shows, if somebody has read it already;
    `printer` is the command that prints a slip, given its file; without one slips are only written as files;
    `choices` are what the agent chose for himself, `problems` what is wrong with his files, to be said on the desk;
    `theme` is `dark`, `light`, `contrast` or `ansi`;
    `ambiguous_wide` says that the terminal draws ambiguous characters two cells wide;
    `door` is that of a site whose files are encrypted, with their key: then the desk locks, and superiors have PINs;
    `sample_staff` are those of a demo who can sign in;
    `gather_s` is how long changes gather, seconds, after some were shown: a ring brings a dozen. Keys never wait.
    """

    folder: Path
    agent: AgentIdentity
    clock: Clock
    entropy: Entropy
    language: str = "zh-CN"
    sources: Callable[[], Sequence[CallSource]] | None = None
    start_sync: Callable[[Callable[[], None]], Stoppable | None] | None = None
    theme: str = "dark"
    ambiguous_wide: bool = False
    demo: bool = False
    on_cut: Callable[[bool], None] | None = None
    on_begun: Callable[[], None] | None = None
    hotline: str = "10010"
    printer: str = ""
    first: tuple[Pulse, OpenWork] | None = None
    keymap: Keymap | None = None
    choices: Choices = NONE
    problems: tuple[str, ...] = ()
    door: Door | None = field(default=None, repr=False)
    sample_staff: Sequence[SampleAgent] = ()
    gather_s: float = 0.1

    @property
    def key(self) -> bytes | None:
        """Return the key of the site's files, None where they aren't encrypted."""
        return self.door.key if self.door is not None else None
