"""Signing in and what roles may do: what files may hold, their check, their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import Field

from agentdesk.catalogue.schema import Model
from agentdesk.domain.access import SignIn, has_right

if TYPE_CHECKING:
    from agentdesk.catalogue.entries import Entries, Entry
    from agentdesk.catalogue.sources import Problem

LONGEST_OFFLINE = 90
"""Days: beyond it somebody who left could go on for a season."""
_MOST_TRIES = 100
TOGETHER = (
    ("commitment.made", "ticket.opened"),
    ("ticket.followed_up", "management.reopened"),
    ("ticket.reopened", "management.reopened"),
)
"""What may come to be made together with something else, in one go: without a right to it neither is."""


class SignInEntry(Model):
    offline_days: int = Field(ge=0, le=LONGEST_OFFLINE)
    tries: int = Field(ge=1, le=_MOST_TRIES)
    delays: list[int] = Field(max_length=20)
    lock: int = Field(ge=1, le=24 * 60)
    site_tries: int = Field(ge=1, le=100_000)
    pin_tries: int = Field(ge=1, le=20)
    pin_length: int = Field(ge=6, le=64)
    pin_lock: int = Field(ge=1, le=24 * 60)
    places: bool
    pin_unlocks: bool = False


def sign_in_of(entries: Sequence[Entry[SignInEntry]]) -> SignIn:
    """Return how signing in goes; without a table of it, as the program has it."""
    if not entries:
        return SignIn()
    model = entries[0].model
    return SignIn(**{**model.model_dump(), "delays": tuple(model.delays)})


def examine_sign_in(entries: Entries) -> Iterator[Problem]:
    """Yield delays that fall, rights to what nobody does, and roles that were forgotten when rights were written.

    So it does with a right that is worth nothing without another.
    """
    for entry in entries.sign_in:
        delays = entry.model.delays
        if any(delay < 0 for delay in delays) or any(later < sooner for sooner, later in pairwise(delays)):
            yield entry.problem("`delays` fall: each wrong try makes somebody wait as long as the one before", "delays")
        if entry.model.site_tries < entry.model.tries:
            yield entry.problem("`site_tries` is less than `tries`: one agent would lock his whole site", "site_tries")
    known = rightful()
    written = any(entry.model.rights is not None for entry in entries.roles)
    for role in entries.roles:
        if role.model.rights is None:
            if written:
                yield role.problem("has no `rights` while others have: write what it may do, or [] for nothing")
            continue
        for right in role.model.rights:
            if right not in known:
                yield role.problem(
                    f"`rights` has {right!r}, which nobody does: name a kind of operation, or the word before its dot",
                    "rights",
                )
        rights = frozenset(role.model.rights)
        for kind, more in TOGETHER:
            if has_right(rights, kind) and not has_right(rights, more):
                yield role.problem(
                    f"`rights` has `{kind}` but not `{more}`: where one comes to the other, both would be refused",
                    "rights",
                )


def rightful() -> frozenset[str]:
    """Return what a role may have a right to: the kinds of operation that people do, and their groups."""
    from agentdesk.domain.kinds import KINDS

    kinds = {name for name, kind in KINDS.items() if not kind.timed}
    return frozenset(kinds | {name.partition(".")[0] for name in kinds})
