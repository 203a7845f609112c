"""What a desk is started with; all time, randomness, files and lines come in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agentdesk.desk.personal.choices import NONE, Choices

if TYPE_CHECKING:
    from agentdesk.desk.actions.keymap import Keymap
    from agentdesk.desk.queries import OpenWork, Pulse
    from agentdesk.domain.operation import Clock
    from agentdesk.store.site import Entropy
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
    """Who sits at the desk; `id` is the id of his document in the org scope, `extension` that of his phone."""

    id: str
    name: str
    number: str
    role: str
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """A desk's settings.

    `sources` makes the places that calls come from, on the event loop after the first frame; `start_sync` starts
    the syncing and returns what stops it, and gets what is called, from any thread, when sync brought something;
    `on_cut` is told when the agent cuts or restores the line in a demo;
    `first` is what the first frame shows, if somebody has read it already;
    `printer` is the command that prints a slip, given its file; without one slips are only written as files;
    `choices` are what the agent chose for himself, `problems` what is wrong with his files, to be said on the desk;
    `theme` is `dark`, `light`, `contrast` or `ansi`;
    `ambiguous_wide` says that the terminal draws ambiguous characters two cells wide.
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
    hotline: str = "10010"
    printer: str = ""
    first: tuple[Pulse, OpenWork] | None = None
    keymap: Keymap | None = None
    choices: Choices = NONE
    problems: tuple[str, ...] = ()
