"""The contacts that aren't put away yet: one on top, the others parked; none is ever lost."""

from __future__ import annotations

from collections.abc import Iterator

from agentdesk.desk.session import Contact


class Stack:
    """At most one contact on top, whom the screen shows; those parked behind it, the latest first."""

    def __init__(self) -> None:
        self.top: Contact | None = None
        self.parked: list[Contact] = []

    def __iter__(self) -> Iterator[Contact]:
        """Give the one on top, then the parked ones."""
        if self.top is not None:
            yield self.top
        yield from tuple(self.parked)

    def __len__(self) -> int:
        return len(self.parked) + (self.top is not None)

    def put(self, contact: Contact) -> None:
        """Put a contact on top; the one that was there is parked."""
        if contact is self.top:
            return
        self.parked = [one for one in self.parked if one is not contact]
        if self.top is not None:
            self.parked.insert(0, self.top)
        self.top = contact

    def turn(self) -> Contact | None:
        """Put the one parked last on top, and the one on top behind all others; None where nobody is parked."""
        if not self.parked:
            return None
        if self.top is not None:
            self.parked.append(self.top)
        self.top = self.parked.pop(0)
        return self.top

    def drop(self, contact: Contact) -> None:
        """Put a contact away; where it was on top, the one parked last comes up."""
        if contact is self.top:
            self.top = self.parked.pop(0) if self.parked else None
        else:
            self.parked = [one for one in self.parked if one is not contact]

    def of_call(self, call_id: str) -> Contact | None:
        """Return the contact of a call."""
        return next((one for one in self if one.call_id == call_id and one.channel != "desk"), None)

    @property
    def spoken(self) -> Contact | None:
        """Return who is spoken to: at most one is."""
        return next((one for one in self if one.spoken), None)
