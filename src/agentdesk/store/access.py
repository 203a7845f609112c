"""Who may sign in at this site, as its own encrypted files remember it, and the PINs of superiors.

The vault lies outside of what is encrypted, so that it can be read before anybody has signed in; whoever copies an
older one back gets nothing by it, as what stood in the vault last is kept here and compared whenever the site is open.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.tries import NONE, Patience, Tries, failed, is_locked, left, pause_of, steady, wait_ms
from agentdesk.store.files import Files
from agentdesk.store.view import View
from agentdesk.trust.passwords import Cost, derive, for_site, same, word_of

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue
    from agentdesk.trust.vault import Vault

Why = Literal["dismissed", "password", "put_back"]
"""Why somebody has no business here any more: he was dismissed; his password was changed elsewhere or by an
administrator; his entry is one that was taken away, or replaced, before."""


class WrongPin(Exception):
    """It isn't the PIN: `left` tries before a lock, the next one in `wait_ms`; with none left, it is locked so long."""

    def __init__(self, left: int, wait_ms: int) -> None:
        super().__init__(f"wrong PIN: {left} tries left, the next one in {wait_ms} ms")
        self.left = left
        self.wait_ms = wait_ms


class PinLocked(Exception):
    """No PIN of his is looked at before `until`, ms UTC by this machine's clock; `locked`: it was wrong too often."""

    def __init__(self, until: int, locked: bool) -> None:
        super().__init__(f"no PIN before {until}")
        self.until = until
        self.locked = locked


class NoPin(Exception):
    """He has no PIN here: he sets one, or has signed in at this site since he did."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What this site recognises a superior's PIN by, as the centre gave it; `changed_at` is ms UTC."""

    salt: bytes
    cost: Cost
    verifier: bytes
    changed_at: int


@dataclass(frozen=True, slots=True)
class Proved:
    """A PIN that was right, for as long as one approval takes; the centre can check its `word` about something."""

    agent: str
    site: str
    _root: bytes

    def word(self, *about: str) -> str:
        """Return what only somebody who typed the PIN can say about something, hex."""
        return word_of(self._root, self.agent, self.site, *about)


@dataclass(frozen=True, slots=True)
class Gone:
    """An agent who may not sign in here any more without the centre, and why."""

    agent: str
    why: Why


class Access:
    """What a site's outbox remembers of its vault, and its superiors' PINs; used by one thread, as its files are."""

    def __init__(self, files: Files, view: View) -> None:
        self._files = files
        self._view = view

    # the vault

    def admitted(self, vault: Vault, agent: str) -> None:
        """Remember an entry that was just made in the vault: no older one is good from now on."""
        entry = vault.entry(agent)
        if entry is not None:
            self._keep({agent: (entry.admitted_at, entry.tried, entry.tries)})

    def settle(self, vault: Vault) -> tuple[Gone, ...]:
        """Compare the vault with what is known here, and put it right; returns whose entries were taken out.

        To be called whenever the site was opened, and after each sync: out goes who was dismissed, whose password was
        changed since, and what is older than the entry that was here last. Wrong tries that a copy has forgotten count
        again. Raises VaultError.
        """
        known = self._known()
        keep: dict[str, tuple[int, int, Tries]] = {}
        gone: list[Gone] = []
        for agent, entry in vault.entries().items():
            admitted, tried, tries = known.get(agent, (0, 0, NONE))
            why = self._why_gone(agent, entry.admitted_at, admitted)
            if why is not None:
                vault.dismiss(agent)
                gone.append(Gone(agent, why))
                continue
            if entry.admitted_at == admitted and entry.tried < tried:
                vault.worsen(agent, tries, tried)
                continue
            now = (entry.admitted_at, entry.tried, entry.tries)
            if now != (admitted, tried, tries):
                keep[agent] = now
        if keep:
            self._keep(keep)
        self._drop_pins()
        return tuple(gone)

    def standing(self, agent: str, since: int) -> Why | None:
        """Return why somebody who sits here since an instant (ms UTC, the centre's) has to leave; None: he may stay."""
        return self._why_gone(agent, since, since)

    def _why_gone(self, agent: str, admitted_at: int, last: int) -> Why | None:
        document = self._view.document(ORG, agent)
        if document is not None and document.data.get("dismissed_at") is not None:
            return "dismissed"
        if admitted_at < last:
            return "put_back"
        changed = document.data.get("password_at") if document is not None else None
        return "password" if isinstance(changed, int) and admitted_at < changed else None

    def _known(self) -> Mapping[str, tuple[int, int, Tries]]:
        rows = self._files.outbox.execute("SELECT agent, admitted_at, tried, failures, at, until FROM admitted")
        return {agent: (admitted, tried, Tries(*tries)) for agent, admitted, tried, *tries in rows.fetchall()}

    def _keep(self, rows: Mapping[str, tuple[int, int, Tries]]) -> None:
        with self._files.writing() as outbox:
            outbox.executemany(
                "INSERT OR REPLACE INTO admitted (agent, admitted_at, tried, failures, at, until) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [(a, admitted, tried, t.failures, t.at, t.until) for a, (admitted, tried, t) in rows.items()],
            )

    # PINs

    def keep_pin(self, agent: str, pin: Pin | None) -> None:
        """Keep what the centre gave to recognise a PIN by, or forget it. A new one begins without wrong tries."""
        with self._files.writing() as outbox:
            before = outbox.execute("SELECT verifier FROM pin WHERE agent = ?", (agent,)).fetchone()
            if pin is None:
                outbox.execute("DELETE FROM pin WHERE agent = ?", (agent,))
                return
            text = _text(pin)
            if before is None or before[0] != text:
                outbox.execute(
                    "INSERT OR REPLACE INTO pin (agent, verifier, failures, at, until) VALUES (?, ?, 0, 0, 0)",
                    (agent, text),
                )

    def forgive_pin(self, agent: str) -> None:
        """Forget an agent's wrong PINs: he has proved with his password, at the centre, who he is."""
        with self._files.writing() as outbox:
            outbox.execute("UPDATE pin SET failures = 0, at = 0, until = 0 WHERE agent = ?", (agent,))

    def has_pin(self, agent: str) -> bool:
        return self._files.outbox.execute("SELECT 1 FROM pin WHERE agent = ?", (agent,)).fetchone() is not None

    def prove(self, agent: str, pin: str, site: str, patience: Patience, now: int) -> Proved:
        """Look at a superior's PIN, with the line up or down; each try is on disk before it is answered.

        `now` is this machine's clock, ms UTC. Raises NoPin, PinLocked, WrongPin, and StoreError.
        """
        with self._files.writing() as outbox:
            row = outbox.execute("SELECT verifier, failures, at, until FROM pin WHERE agent = ?", (agent,)).fetchone()
            document = self._view.document(ORG, agent)
            if row is None or document is None or not _still(document, _pin(row[0])):
                raise NoPin(agent)
            tries = steady(Tries(*row[1:]), now)
            waits = wait_ms(tries, now)
            if not waits:
                tries = failed(tries, patience, now)
            outbox.execute(
                "UPDATE pin SET failures = ?, at = ?, until = ? WHERE agent = ?",
                (tries.failures, tries.at, tries.until, agent),
            )
        if waits:
            raise PinLocked(tries.until, is_locked(tries, patience))
        kept = _pin(row[0])
        root = derive(pin, kept.salt, kept.cost)
        if not same(for_site(root, site), kept.verifier):
            raise WrongPin(left(tries, patience), pause_of(tries.failures, patience))
        self.forgive_pin(agent)
        return Proved(agent, site, root)

    def _drop_pins(self) -> None:
        """Forget the PINs of those who were dismissed, and those that were set anew at another site."""
        rows = self._files.outbox.execute("SELECT agent, verifier FROM pin").fetchall()
        for agent, text in rows:
            document = self._view.document(ORG, agent)
            if document is not None and not _still(document, _pin(text)):
                self.keep_pin(agent, None)


def may_approve(catalogue: Catalogue, agent: Document) -> bool:
    """Tell whether an agent's role gives approvals, by his own document."""
    role = catalogue.roles.get(str(agent.data.get("role") or ""))
    return role is not None and role.approves


def _still(agent: Document, pin: Pin) -> bool:
    """Tell whether a PIN is an agent's still."""
    changed = agent.data.get("pin_at")
    newer = isinstance(changed, int) and pin.changed_at < changed
    return agent.type == "agent" and agent.data.get("dismissed_at") is None and not newer


def _text(pin: Pin) -> str:
    cost = [pin.cost.passes, pin.cost.memory_kib, pin.cost.lanes]
    plain = {"salt": b64encode(pin.salt).decode(), "verifier": b64encode(pin.verifier).decode()}
    return json.dumps({**plain, "cost": cost, "changed_at": pin.changed_at}, sort_keys=True)


def _pin(text: str) -> Pin:
    data: dict[str, Any] = json.loads(text)
    return Pin(b64decode(data["salt"]), Cost(*data["cost"]), b64decode(data["verifier"]), data["changed_at"])
