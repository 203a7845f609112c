"""A site's vault: who may open its files without the centre, and how often he may be wrong (`vault.json`).

The site's data key is wrapped for each agent by his password, and for the machine where the operator wants that.
Offline sign-in is unwrapping it. Every try is counted on disk before it is answered, under a lock that all processes
of the site share. What the vault can't do is stop somebody who has taken the file away: there only the cost of a
guess stands between him and the key.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from agentdesk.domain.tries import NONE, Patience, Tries, failed, is_locked, left, pause_of, steady, wait_ms, worse
from agentdesk.trust import recovery
from agentdesk.trust.passwords import SALT_BYTES, SEALING, Cost, derive
from agentdesk.trust.vault_file import Content, Entry, VaultError, Wrapped, load, locked, save
from agentdesk.trust.wrapping import KEY_BYTES, NONCE_BYTES, WrongKey, unwrap, wrap

__all__ = [
    "ClockBehind",
    "Entry",
    "Expired",
    "Locked",
    "NotOpened",
    "TooSoon",
    "Unknown",
    "Vault",
    "VaultError",
    "WrongKey",
    "WrongPassword",
]

_MACHINE = b"agentdesk vault machine"
BEHIND_MS = 10 * 60_000
"""A clock may be so far behind what is known without anybody having put it back."""


class NotOpened(Exception):
    """The vault stays closed; what was raised says why."""


class Unknown(NotOpened):
    """Nobody of this name may sign in here without the centre."""


class WrongPassword(NotOpened):
    """It isn't the password: `left` tries before a lock, the next one in `wait_ms`."""

    def __init__(self, left: int, wait_ms: int) -> None:
        super().__init__(f"wrong password: {left} tries left, the next one in {wait_ms} ms")
        self.left = left
        self.wait_ms = wait_ms


class Locked(NotOpened):
    """No try is taken before `until`, ms UTC by this machine's clock."""

    def __init__(self, until: int) -> None:
        super().__init__(f"no try before {until}")
        self.until = until


class TooSoon(Locked):
    """After a wrong try there is a delay, which isn't over."""


class Expired(NotOpened):
    """The time for which he may sign in without the centre is over: he signs in with the line up."""


class ClockBehind(Expired):
    """The machine's clock is behind what was seen before: until it is set right, signing in needs the line."""


class Vault:
    """The vault in a site's folder; several processes may use it at once. All methods raise VaultError."""

    def __init__(self, folder: Path, random: Callable[[int], bytes] = os.urandom, cost: Cost = SEALING) -> None:
        self.folder = folder
        self._random = random
        self._cost = cost

    @classmethod
    def create(
        cls, folder: Path, key: bytes, random: Callable[[int], bytes] = os.urandom, cost: Cost = SEALING
    ) -> Vault:
        """Make the vault of a new data key. Whoever has no entry in it yet can't open it: admit somebody at once."""
        if len(key) != KEY_BYTES:
            raise ValueError("a data key has 32 bytes")
        with locked(folder):
            if load(folder) is not None:
                raise VaultError(f"{folder} has a vault already: use another folder for another site")
            save(folder, Content(_mark(key)))
        return cls(folder, random, cost)

    @classmethod
    def read(cls, folder: Path, random: Callable[[int], bytes] = os.urandom, cost: Cost = SEALING) -> Vault | None:
        """Return the vault of a folder, None where there is none; keys are wrapped at the cost that is wanted now."""
        return cls(folder, random, cost) if load(folder) is not None else None

    # who may

    def agents(self) -> tuple[str, ...]:
        """Return who has an entry, valid or not, in a fixed order."""
        return tuple(sorted(self._content().entries))

    def entry(self, agent: str) -> Entry | None:
        return self._content().entries.get(agent)

    def entries(self) -> Mapping[str, Entry]:
        return self._content().entries

    @property
    def has_machine(self) -> bool:
        return self._content().machine is not None

    @property
    def has_centre(self) -> bool:
        return bool(self._content().centre)

    @property
    def sealed_for(self) -> bytes:
        """Return the centre's public key for which the data key is sealed; empty where that isn't known."""
        return self._content().sealed_for

    @property
    def patience(self) -> Patience:
        return self._content().patience

    def admit(self, key: bytes, agent: str, password: str, valid_until: int, now: int) -> Entry:
        """Let an agent sign in here with a password until an instant; his wrong tries are forgotten.

        `now` is the centre's time of his sign-in, both in ms UTC. Raises WrongKey for a key of another vault.
        """
        with locked(self.folder):
            content = self._checked(key)
            before = content.entries.get(agent)
            admitted = max(now, before.admitted_at + 1) if before else now
            entry = Entry(
                agent, valid_until, admitted, Wrapped(b"", b""), known=now, tried=before.tried if before else 0
            )
            entry = self._sealed(entry, key, password)
            self._put(content, entry)
            return entry

    def admit_machine(self, key: bytes, machine_key: bytes) -> None:
        """Let whoever has the machine's key open the vault: for a site that syncs while nobody is there."""
        with locked(self.folder):
            content = self._checked(key)
            nonce = self._random(NONCE_BYTES)
            save(self.folder, replace(content, machine=Wrapped(nonce, wrap(key, machine_key, nonce, _MACHINE))))

    def admit_centre(self, key: bytes, public: bytes) -> bool:
        """Let the centre whose public half this is open the vault, when nobody else can any more, and no other centre.

        Returns whether that is new: where it was sealed for this one already it stays as it is. Raises WrongKey.
        """
        with locked(self.folder):
            content = self._checked(key)
            if content.centre and content.sealed_for == public:
                return False
            sealed = recovery.seal(key, public, self._random(KEY_BYTES))
            save(self.folder, replace(content, centre=sealed, sealed_for=public))
            return True

    def obey(self, patience: Patience) -> None:
        """Keep the policy's patience from now on."""
        with locked(self.folder):
            content = self._content()
            if content.patience != patience:
                save(self.folder, replace(content, patience=patience))

    def dismiss(self, agent: str) -> bool:
        """Take an agent's entry away; returns whether there was one."""
        with locked(self.folder):
            content = self._content()
            if agent not in content.entries:
                return False
            save(self.folder, replace(content, entries={a: e for a, e in content.entries.items() if a != agent}))
            return True

    def dismiss_machine(self) -> None:
        with locked(self.folder):
            save(self.folder, replace(self._content(), machine=None))

    def release(self, agent: str) -> bool:
        """Forget an agent's wrong tries, as somebody who may says; returns whether he has an entry."""
        return self._count(agent, lambda entry: replace(entry, tries=NONE))

    def worsen(self, agent: str, tries: Tries, tried: int) -> bool:
        """Count at least so many wrong tries: the file may have been put back. Returns whether he has an entry."""
        return self._count(
            agent, lambda entry: replace(entry, tries=worse(entry.tries, tries), tried=max(entry.tried, tried))
        )

    # opening

    def unlock(self, agent: str, password: str, now: int) -> bytes:
        """Return the data key; the machine's clock says when it is, ms UTC.

        Raises Unknown, Expired (also ClockBehind), Locked (also TooSoon), WrongPassword.
        """
        return self._try(agent, password, now, to_ask=False)

    def unlock_to_ask(self, agent: str, password: str, now: int) -> bytes:
        """Return the data key to an agent whose time is over, or whose machine's clock is behind, for one thing only:
        to ask the centre with it whether he may sign in. Nothing is shown to him before it has said so.

        Raises Unknown, Locked (also TooSoon), WrongPassword.
        """
        return self._try(agent, password, now, to_ask=True)

    def unlock_machine(self, machine_key: bytes) -> bytes:
        """Return the data key; raises WrongKey."""
        content = self._content()
        if content.machine is None:
            raise WrongKey("no machine may open this vault")
        return unwrap(content.machine.key, machine_key, content.machine.nonce, _MACHINE)

    def unlock_centre(self, secret: bytes) -> bytes:
        """Return the data key to who has the centre's secret; raises WrongKey."""
        content = self._content()
        key = recovery.unseal(content.centre, secret)
        if _mark(key) != content.mark:
            raise WrongKey("a key of another vault")
        return key

    def _try(self, agent: str, password: str, now: int, to_ask: bool) -> bytes:
        # the lock is held until the answer is known: tries of several processes come one after another
        with locked(self.folder):
            content = self._content()
            entry = content.entries.get(agent)
            if entry is None:
                raise Unknown(agent)
            if not to_ask:
                if now < entry.known - BEHIND_MS:
                    raise ClockBehind(agent)
                if now >= entry.valid_until:
                    raise Expired(agent)
            entry = replace(entry, tries=steady(entry.tries, now))
            if wait_ms(entry.tries, now):
                self._put(content, entry)
                locked_now = is_locked(entry.tries, content.patience)
                raise (Locked if locked_now else TooSoon)(entry.tries.until)
            tries = failed(entry.tries, content.patience, now)
            counted = replace(entry, tries=tries, tried=entry.tried + 1)
            self._put(content, counted)
            try:
                key = self._opened(entry, password)
                if _mark(key) != content.mark:
                    raise WrongKey("a key of another vault")
            except WrongKey:
                raise WrongPassword(left(tries, content.patience), pause_of(tries.failures, content.patience)) from None
            right = replace(counted, tries=NONE, known=entry.known if to_ask else max(entry.known, now))
            if entry.wrapped.cost != self._cost:
                right = self._sealed(right, key, password)
            self._put(content, right)
            return key

    # inside

    def _content(self) -> Content:
        content = load(self.folder)
        if content is None:
            raise VaultError(f"{self.folder} has no vault: enrol it again, or put its vault.json back")
        return content

    def _checked(self, key: bytes) -> Content:
        content = self._content()
        if len(key) != KEY_BYTES or _mark(key) != content.mark:
            raise WrongKey("a key of another vault")
        return content

    def _put(self, content: Content, entry: Entry) -> None:
        save(self.folder, replace(content, entries={**content.entries, entry.agent: entry}))

    def _count(self, agent: str, change: Callable[[Entry], Entry]) -> bool:
        with locked(self.folder):
            content = self._content()
            entry = content.entries.get(agent)
            if entry is None:
                return False
            changed = change(entry)
            if changed != entry:
                self._put(content, changed)
            return True

    def _sealed(self, entry: Entry, key: bytes, password: str) -> Entry:
        salt, nonce = self._random(SALT_BYTES), self._random(NONCE_BYTES)
        by = derive(password, salt, self._cost)
        return replace(entry, wrapped=Wrapped(nonce, wrap(key, by, nonce, entry.beside()), salt, self._cost))

    def _opened(self, entry: Entry, password: str) -> bytes:
        wrapped = entry.wrapped
        assert wrapped.cost is not None
        return unwrap(wrapped.key, derive(password, wrapped.salt, wrapped.cost), wrapped.nonce, entry.beside())


def _mark(key: bytes) -> bytes:
    return blake2b(b"agentdesk vault", key=key, digest_size=16).digest()
