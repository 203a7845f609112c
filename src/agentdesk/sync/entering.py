"""Coming in at a site: by the centre's word where the line is up, by the vault where it isn't, and in no other way.

Whoever holds the site's key already (a machine's key opened it, or a colleague did) asks the centre first, so that a
password that was changed elsewhere is good here at once. Whoever doesn't opens the vault first: without its key the
site can't even sign what it asks the centre.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.language.text import clean
from agentdesk.store.site import Site
from agentdesk.trust.passwords import SEALING, Cost, same
from agentdesk.trust.vault import ClockBehind, Expired, Locked, TooSoon, Unknown, Vault, VaultError, WrongPassword

if TYPE_CHECKING:
    from agentdesk.domain.operation import Clock
    from agentdesk.store.committing import Entropy
    from agentdesk.sync.client import CentreClient
    from agentdesk.sync.sign_in import SignedIn

Why = Literal[
    "wrong",
    "soon",
    "locked",
    "expired",
    "clock",
    "unknown",
    "first",
    "gone",
    "line",
    "must_change",
    "bad",
    "not_his",
    "vault",
]
"""Why somebody isn't in.

`wrong`: it isn't the password; `soon`: the pause after a wrong one isn't over; `locked`: it was wrong too often;
`expired`, `clock`, `unknown`, `first`, `gone`: he needs the centre, as his time without it is over, this machine's
clock is behind, nothing here knows him (nobody has opened the site, or somebody has), or his entry was taken away;
`line`: it can't be asked now; `must_change`: he chooses another password first; `bad`: the new one can't be one;
`not_his`: he may not do this; `vault`: its file can't be used.
"""

LONGEST_NUMBER = 64
"""Characters that are looked at of what is typed for a staff number; none is nearly as long."""


class NotIn(Exception):
    """He isn't in: `why`; `left` tries before a lock, the next one in `wait_ms`; `words` are another room's."""

    def __init__(self, why: Why, left: int | None = None, wait_ms: int = 0, words: str = "") -> None:
        super().__init__(f"not signed in: {why}{f': {words}' if words else ''}")
        self.why = why
        self.left = left
        self.wait_ms = wait_ms
        self.words = words


@dataclass(frozen=True, slots=True)
class Entered:
    """Who is in; `since` is when he proved himself to the centre, ms UTC, `online`: just now."""

    agent: str
    key: bytes = field(repr=False)
    online: bool
    since: int


class Door:
    """The door of one site; it may be used from any thread, and holds the key only in memory.

    `key` is the site's key where somebody has opened it already. `cost` is that of new entries in the vault; `connect`
    makes the connection to the centre, the site's own where it is left out.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        entropy: Entropy,
        key: bytes | None = None,
        cost: Cost = SEALING,
        connect: Callable[[Site], CentreClient] | None = None,
    ) -> None:
        self.folder = folder
        self.key = key
        self._clock = clock
        self._entropy = entropy
        self._cost = cost
        self._connect = connect

    def __repr__(self) -> str:
        return f"Door({self.folder})"

    def enter(self, typed: str, password: str, new_password: str | None = None) -> Entered:
        """Let somebody in by staff number and password; where he must change it, with a new one. Raises NotIn."""
        typed = clean(typed, LONGEST_NUMBER)
        with self._vault() as vault:
            if self.key is None:
                agent = _entry_of(vault, typed)
                key, needs = self._open(vault, agent, password)
            else:
                agent, key, needs = "", self.key, None
            with self._site(key) as site:
                if self.key is None:
                    gone = {one.agent for one in site.access.settle(vault)}
                    entered = self._by_vault_first(
                        site, vault, agent, key, needs, agent in gone, password, new_password
                    )
                else:
                    site.access.settle(vault)
                    person = person_of(site, typed)
                    entered = self._by_centre_first(
                        site, vault, person.id if person is not None else typed.strip(), key, password, new_password
                    )
        self.key = entered.key
        return entered

    def unlock(self, agent: str, password: str) -> Entered:
        """Let who sits here already go on; the centre is asked only where the vault can't say. Raises NotIn."""
        assert self.key is not None
        with self._vault() as vault:
            with self._site(self.key) as site:
                site.access.settle(vault)
            entry = vault.entry(agent)
            if entry is not None:
                _key, needs = self._open(vault, agent, password)
                if needs is None:
                    return Entered(agent, self.key, False, entry.admitted_at)
        return self.enter(agent, password)

    def bring_pin(self, agent: str, password: str, pin: str | None = None) -> bool:
        """Fetch what a superior's PIN is recognised by, or set a new one, by his password at the centre.

        Returns whether he has one here now. Raises NotIn.
        """
        assert self.key is not None
        with self._site(self.key) as site:
            signed = self._asked(site, agent, password, None)
            if signed.must_change:
                raise NotIn("must_change")
            if pin is not None:
                from agentdesk.sync.sign_in import set_pin

                with _answered(site):
                    set_pin(site, agent, password, pin, self._client(site))
                return True
            if signed.pin is not None:
                site.access.keep_pin(agent, signed.pin)
                site.access.forgive_pin(agent)
            return signed.pin is not None

    # the two ways

    def _by_centre_first(
        self, site: Site, vault: Vault, agent: str, key: bytes, password: str, new_password: str | None
    ) -> Entered:
        entry = vault.entry(agent)
        if entry is None or not _is_cut_off(site):
            try:
                return self._by_centre(site, vault, agent, key, password, new_password)
            except NotIn as no:
                if no.why != "line" or new_password is not None:
                    raise
                if entry is None:
                    raise NotIn("first", wait_ms=no.wait_ms, words=no.words) from None
        _key, needs = self._open(vault, agent, password)
        if needs is not None:
            raise needs
        assert entry is not None
        return Entered(agent, key, False, entry.admitted_at)

    def _by_vault_first(
        self,
        site: Site,
        vault: Vault,
        agent: str,
        key: bytes,
        needs: NotIn | None,
        gone: bool,
        password: str,
        new_password: str | None,
    ) -> Entered:
        needs = NotIn("gone") if gone else needs
        entry = vault.entry(agent)
        if needs is None and new_password is None and entry is not None and _is_cut_off(site):
            return Entered(agent, key, False, entry.admitted_at)
        try:
            return self._by_centre(site, vault, agent, key, password, new_password)
        except NotIn as no:
            if no.why != "line" or new_password is not None:
                raise
            if needs is not None or entry is None:
                raise needs or NotIn("gone") from None
            return Entered(agent, key, False, entry.admitted_at)

    def _open(self, vault: Vault, agent: str, password: str) -> tuple[bytes, NotIn | None]:
        """Return the key, and what he needs the centre for."""
        now = self._clock.wall_ms()
        try:
            try:
                key, needs = vault.unlock(agent, password, now), None
            except Expired as over:
                needs = NotIn("clock" if isinstance(over, ClockBehind) else "expired")
                key = vault.unlock_to_ask(agent, password, now)
        except (Unknown, Locked, WrongPassword) as error:
            raise self._said(error) from None
        if self.key is not None and not same(key, self.key):
            # somebody has laid another vault here, whose passwords he knows
            raise NotIn("vault", words=f"{self.folder} has the vault of another site: put its own back")
        return key, needs

    def _said(self, error: Unknown | Locked | WrongPassword) -> NotIn:
        match error:
            case WrongPassword():
                return NotIn("wrong" if error.left else "locked", error.left, error.wait_ms)
            case Locked():
                why: Why = "soon" if isinstance(error, TooSoon) else "locked"
                return NotIn(why, wait_ms=max(error.until - self._clock.wall_ms(), 0))
            case _:
                return NotIn("unknown")

    def _by_centre(
        self, site: Site, vault: Vault, agent: str, key: bytes, password: str, new_password: str | None
    ) -> Entered:
        signed = self._asked(site, agent, password, new_password)
        if signed.must_change:
            raise NotIn("must_change")
        from agentdesk.sync.sign_in import admit

        admit(site, vault, key, signed, password if new_password is None else new_password)
        return Entered(signed.agent, key, True, signed.at)

    def _asked(self, site: Site, agent: str, password: str, new_password: str | None) -> SignedIn:
        """Ask the centre; raises NotIn."""
        from agentdesk.sync.sign_in import sign_in

        with _answered(site):
            return sign_in(site, agent, password, new_password, self._client(site))

    def _client(self, site: Site) -> CentreClient | None:
        return self._connect(site) if self._connect is not None else None

    # what it opens

    @contextmanager
    def _vault(self) -> Iterator[Vault]:
        try:
            vault = Vault.read(self.folder, self._entropy.token_bytes, self._cost)
            if vault is None:
                raise NotIn("vault", words=f"{self.folder} has no vault")
            yield vault
        except VaultError as error:
            raise NotIn("vault", words=str(error)) from error

    @contextmanager
    def _site(self, key: bytes) -> Iterator[Site]:
        site = Site(self.folder, self._clock, self._entropy, key)
        try:
            yield site
        finally:
            site.close()


def person_of(site: Site, typed: str) -> Document | None:
    """Return the agent whom a staff number names: the id, the number of his document, or the id without its region."""
    named = typed.strip()
    region = site.identity.region.rpartition("/")[2]
    for id_ in (named, f"{region}{named}"):
        document = site.view.document(ORG, id_) if named else None
        if document is not None and document.type == "agent":
            return document
    agents = (one for one in site.view.of_type(ORG, "agent") if named and str(one.data.get("number") or "") == named)
    return next(agents, None)


@contextmanager
def _answered(site: Site) -> Iterator[None]:
    from agentdesk.sync.sign_in import NoAnswer, NotForHim, NotGoodEnough, NotRight

    if site.line.written().cut:
        raise NotIn("line")
    try:
        yield
    except NotRight as error:
        raise NotIn("wrong", wait_ms=error.wait_ms) from None
    except NotGoodEnough as error:
        raise NotIn("bad", words=str(error)) from None
    except NotForHim as error:
        raise NotIn("not_his", words=str(error)) from None
    except NoAnswer as error:
        raise NotIn("line", wait_ms=error.wait_ms or 0, words=str(error)) from None


def _is_cut_off(site: Site) -> bool:
    """Tell whether the line is known to be down: then nobody waits for an answer that won't come."""
    line = site.line.written()
    return line.cut or (line.state == "offline" and line.problem is not None)


def _entry_of(vault: Vault, typed: str) -> str:
    """Return whose entry a staff number means, before the site's own list of agents can be read."""
    named = typed.strip()
    agents = vault.agents()
    if named in agents:
        return named
    ending = [agent for agent in agents if named and agent.endswith(named) and agent[: -len(named)].isalpha()]
    return ending[0] if len(ending) == 1 else named
