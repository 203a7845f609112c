"""A PIN, looked at by the site itself, with the line up or down; what comes back tells nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentdesk.store.access import NoPin, PinLocked, Proved, WrongPin
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.desk.settings import DeskSettings

Why = Literal["", "none", "wrong", "soon", "locked"]


@dataclass(frozen=True, slots=True)
class PinTried:
    """What became of a PIN: `why` it isn't right, `left` tries before a lock, and how long the next one waits, ms."""

    why: Why = ""
    left: int = 0
    wait_ms: int = 0

    @property
    def right(self) -> bool:
        return not self.why


class Proof:
    """Where a PIN that was right is kept for as long as one approval takes; never an answer that somebody records."""

    def __init__(self) -> None:
        self.proved: Proved | None = None


def proves(settings: DeskSettings) -> bool:
    """Tell whether a superior proves here who he is: on every site whose files are locked.

    Where a site has no passwords at all (one that was enrolled before there were any), his staff number is taken for
    it, as nothing could be compared with what he types.
    """
    return settings.door is not None


def try_pin(site: Site, agent: str, typed: str, proof: Proof | None = None) -> PinTried:
    """Look at somebody's PIN; each try is on disk before it is answered. `proof` is given what it proves."""
    now = site.clock.wall_ms()
    try:
        proved = site.access.prove(agent, typed, site.identity.site, site.catalogue().sign_in.pin_patience(), now)
    except NoPin:
        return PinTried("none")
    except WrongPin as wrong:
        return PinTried("wrong" if wrong.left else "locked", wrong.left, wrong.wait_ms)
    except PinLocked as locked:
        return PinTried("locked" if locked.locked else "soon", 0, max(locked.until - now, 0))
    if proof is not None:
        proof.proved = proved
    return PinTried()
