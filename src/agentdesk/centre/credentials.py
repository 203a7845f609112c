"""Passwords and PINs at the centre: who signs in, how often he may be wrong, and what his site is told of him.

Whoever is unknown, dismissed, of elsewhere, locked or wrong gets the same answer after the same work, so that nobody
learns from it who works here. A try is counted on disk before it is looked at, by name, known or not, and by site; so
a centre that is restarted, or is many processes, gives nobody more tries.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

from agentdesk.centre.authors import Means, author, draft, take_place
from agentdesk.centre.errors import Rejected
from agentdesk.centre.pins import pin_root, seal_pin
from agentdesk.centre.policies import Policies
from agentdesk.centre.storage.contract import Database, Transaction
from agentdesk.centre.storage.rows import Credential, Site, Tried
from agentdesk.domain.access import SignIn, belongs
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.zone import DAY_MS
from agentdesk.domain.tries import NONE, Patience, Tries, failed, pause_of, wait_ms
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.sign_in import (
    PatienceItem,
    PinAnswer,
    PinRequest,
    PinVerifier,
    SignInAnswer,
    SignInRequest,
)
from agentdesk.trust.passwords import (
    CHECKING,
    SALT_BYTES,
    SEALING,
    BadPassword,
    Cost,
    checked,
    checked_pin,
    derive,
    for_site,
    hashed,
    is_outdated,
    verify,
)
from agentdesk.trust.wrapping import NONCE_BYTES

NAMES = "sign_in"
"""The sort of names that are locked while tries are counted."""

FORGOTTEN_MS = 2 * DAY_MS
"""Longer than any lock: after it, wrong tries are as if they had never been."""

MOST_WAITING = 64
"""Passwords that wait to be looked at; whoever comes then is asked to come again."""

AGAIN_MS = 1_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Begun:
    """A try that was counted: what it is compared with (empty: nothing), and how long the next one has to wait."""

    hash: str
    pause: int
    agent: Document | None
    credential: Credential | None
    policy: Catalogue


class Credentials:
    """Signing in at the centre; its methods are called on the event loop, and don't hold it up."""

    def __init__(
        self, database: Database, means: Means, policies: Policies, secret: Callable[[], bytes], cost: Cost = CHECKING
    ) -> None:
        self._database = database
        self._means = means
        self._policies = policies
        self._secret = secret
        self._cost = cost
        self._waiting = 0

    async def sign_in(self, site: Site, request: SignInRequest) -> SignInAnswer:
        """Sign an agent in at a site; raises Rejected."""
        begun = await self._proved(site, request.agent, request.password)
        agent, credential = begun.agent, begun.credential
        assert agent is not None
        assert credential is not None
        new_hash = ""
        if request.new_password is not None:
            self._check(begun, request.password, request.new_password)
            new_hash = await self._worked(partial(self._hashed, request.new_password))
        elif is_outdated(credential.hash, self._cost):
            new_hash = await self._worked(partial(self._hashed, request.password))
        changes = request.new_password is not None
        must_change = credential.must_change and not changes
        work = partial(self._finish, site=site, agent=agent.id, hash_=new_hash, changes=changes, let_in=not must_change)
        kept, at = await asyncio.wrap_future(self._database.write(work))
        return self._answer(site, agent, kept, begun.policy, at, must_change)

    async def set_pin(self, site: Site, request: PinRequest) -> PinAnswer:
        """Set the PIN of a superior, who says his password; raises Rejected."""
        begun = await self._proved(site, request.agent, request.password)
        agent, credential = begun.agent, begun.credential
        assert agent is not None
        if credential is None or credential.must_change:
            raise Rejected(ErrorCode.NOT_ALLOWED, "choose a password of your own first")
        if not _approves(begun.policy, agent):
            raise Rejected(ErrorCode.NOT_ALLOWED, "only those who give approvals have a PIN")
        try:
            checked_pin(request.pin, begun.policy.sign_in.pin_length)
        except BadPassword as bad:
            raise Rejected(ErrorCode.BAD_PASSWORD, str(bad)) from None
        salt = self._means.random(SALT_BYTES)
        root = await self._worked(partial(derive, request.pin, salt, SEALING))
        sealed = seal_pin(self._secret(), agent.id, salt, SEALING, root, self._means.random(NONCE_BYTES))
        await asyncio.wrap_future(self._database.write(partial(self._put_pin, agent=agent.id, sealed=sealed)))
        now = self._means.now()
        verifier = _verifier(salt, SEALING, for_site(root, site.id), now)
        return PinAnswer(pin=verifier, server_time=now)

    # proving who it is

    async def _proved(self, site: Site, agent: str, password: str) -> _Begun:
        """Count a try and look at it; raises Rejected with the one answer for all that isn't right."""
        begun = await asyncio.wrap_future(
            self._database.write(partial(self._begin, site=site, agent=agent, now=self._means.now()))
        )
        right = await self._worked(partial(self._is_right, begun.hash, password))
        if not right:
            raise Rejected(
                ErrorCode.SIGN_IN,
                "agent and password don't fit, or it was tried too often: look at both, and wait before the next try",
                retry_after_ms=begun.pause,
            )
        await asyncio.wrap_future(self._database.write(partial(self._forgive, site=site, agent=agent)))
        return begun

    def _begin(self, tx: Transaction, site: Site, agent: str, now: int) -> _Begun:
        policy, _ = self._policies.get(tx, "")
        who, where = _names(agent, site)
        tx.lock_names(NAMES, sorted((who, where)))
        rows = tx.tried((who, where))
        document = next(iter(tx.documents(ORG, [agent])), None)
        credential = tx.credential(agent)
        his, theirs = policy.sign_in.patience(), policy.sign_in.site_patience()
        own, sites = _tries(rows.get(who)), _tries(rows.get(where))
        if now - sites.at > theirs.lock_ms:
            sites = NONE  # those of an hour ago are nobody's who guesses
        waits = max(wait_ms(own, now), wait_ms(sites, now))
        if waits:
            return _Begun("", waits, None, None, policy)
        own, sites = failed(own, his, now), failed(sites, theirs, now)
        tx.put_tried([_row(who, own), _row(where, sites)], now - FORGOTTEN_MS)
        pause = max(pause_of(own.failures, his), pause_of(sites.failures, theirs))
        usable = credential is not None and document is not None and _may_sign_in(document, site)
        hash_ = credential.hash if usable and credential is not None else ""
        return _Begun(hash_, pause, document, credential, policy)

    def _forgive(self, tx: Transaction, site: Site, agent: str) -> None:
        """Take back what was counted before a try that was right; others of the site keep theirs."""
        who, where = _names(agent, site)
        tx.lock_names(NAMES, sorted((who, where)))
        sites = _tries(tx.tried((where,)).get(where))
        left = replace(sites, failures=sites.failures - 1) if sites.failures > 1 else NONE
        tx.put_tried([_row(who, NONE), _row(where, left)], self._means.now() - FORGOTTEN_MS)

    def _is_right(self, hash_: str, password: str) -> bool:
        # the same work for everybody: what nobody has is compared with what nobody knows
        return verify(hash_ or self._nobodys, password) and bool(hash_)

    @cached_property
    def _nobodys(self) -> str:
        return hashed(os.urandom(16).hex(), os.urandom(SALT_BYTES), self._cost)

    async def _worked(self, work: Callable[[], T]) -> T:
        """Do what takes tens of ms and MB beside the event loop, a few at once; raises Rejected when too many wait."""
        if self._waiting >= MOST_WAITING:
            raise Rejected(ErrorCode.BUSY, "many sign in just now: come again when it says", retry_after_ms=AGAIN_MS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(min(4, os.cpu_count() or 1), "password")

    # what changes

    def _hashed(self, password: str) -> str:
        return hashed(password, self._means.random(SALT_BYTES), self._cost)

    def _check(self, begun: _Begun, password: str, new: str) -> None:
        assert begun.agent is not None
        try:
            checked(new, begun.agent.id, str(begun.agent.data.get("name") or ""))
        except BadPassword as bad:
            raise Rejected(ErrorCode.BAD_PASSWORD, str(bad)) from None
        if same_secret(new, password):
            raise Rejected(ErrorCode.BAD_PASSWORD, "the new password is the old one: choose another")

    def _finish(
        self, tx: Transaction, site: Site, agent: str, hash_: str, changes: bool, let_in: bool
    ) -> tuple[Credential, int]:
        """Write what a sign-in changes; the agent's document only when his site or his password is new."""
        document = next(iter(tx.documents(ORG, [agent])), None)
        new_site = let_in and site.id not in ((document.data.get("signed_in") or {}) if document else {})
        if new_site or changes:
            take_place(tx)
        # the centre's time is taken inside, so that it isn't before what another has just written
        at = self._means.now()
        document = next(iter(tx.lock_documents(ORG, [agent])), None)
        credential = tx.credential(agent)
        if credential is None or document is None or not _may_sign_in(document, site):
            raise Rejected(ErrorCode.SIGN_IN, "agent and password don't fit: look at both", retry_after_ms=AGAIN_MS)
        if hash_:
            credential = replace(credential, hash=hash_)
        if changes:
            credential = replace(credential, must_change=False, changed_at=at)
        if let_in:
            credential = replace(credential, signed_in_at=at)
        tx.put_credential(credential)
        fields: dict[str, Any] = {}
        if new_site:
            fields["signed_in"] = {**(document.data.get("signed_in") or {}), site.id: at}
        if changes:
            fields["password_at"] = at
        if fields:
            body = {"site": site.id, "at": at, "password": changes}
            author(tx, self._means, draft("agent.signed_in", ORG, agent, body), [Change(ORG, agent, "agent", fields)])
        return credential, at

    def _put_pin(self, tx: Transaction, agent: str, sealed: str) -> None:
        take_place(tx)
        at = self._means.now()
        credential = tx.credential(agent)
        if credential is None:
            raise Rejected(ErrorCode.SIGN_IN, "agent and password don't fit: look at both", retry_after_ms=AGAIN_MS)
        tx.put_credential(replace(credential, pin=sealed, pin_changed_at=at))
        change = Change(ORG, agent, "agent", {"pin_at": at})
        author(tx, self._means, draft("agent.pin_set", ORG, agent, {"at": at}), [change])

    # what a site is told

    def _answer(
        self, site: Site, agent: Document, credential: Credential, policy: Catalogue, at: int, must_change: bool
    ) -> SignInAnswer:
        rules: SignIn = policy.sign_in
        approves = _approves(policy, agent)
        return SignInAnswer(
            agent=agent.id,
            name=str(agent.data.get("name") or ""),
            role=str(agent.data.get("role") or ""),
            must_change=must_change,
            valid_until=0 if must_change else rules.valid_until(at),
            patience=_patience(rules.patience()),
            pin_patience=_patience(rules.pin_patience()),
            pin_length=rules.pin_length,
            may_pin=approves,
            pin=self._pin(site, credential) if approves and not must_change else None,
            server_time=at,
        )

    def _pin(self, site: Site, credential: Credential) -> PinVerifier | None:
        found = pin_root(self._secret(), credential)
        if found is None:
            return None
        salt, cost, root = found
        return _verifier(salt, cost, for_site(root, site.id), credential.pin_changed_at)


def _names(agent: str, site: Site) -> tuple[str, str]:
    return f"agent:{agent}", f"site:{site.id}"


def _tries(row: Tried | None) -> Tries:
    return NONE if row is None else Tries(row.failures, row.at, row.until)


def _row(who: str, tries: Tries) -> Tried:
    return Tried(who, tries.failures, tries.at, tries.until)


def _may_sign_in(agent: Document, site: Site) -> bool:
    """Tell whether an agent works, and here: one whose document names no place may sign in anywhere."""
    data: Mapping[str, Any] = agent.data
    if agent.type != "agent" or data.get("dismissed_at") is not None:
        return False
    placed = any(data.get(name) for name in ("site", "region", "place"))
    return not placed or belongs(agent, site.id, frozenset(site.scopes))


def _approves(policy: Catalogue, agent: Document) -> bool:
    role = policy.roles.get(str(agent.data.get("role") or ""))
    return role is not None and role.approves


def _patience(patience: Patience) -> PatienceItem:
    return PatienceItem(tries=patience.tries, delays_ms=list(patience.delays_ms), lock_ms=patience.lock_ms)


def _verifier(salt: bytes, cost: Cost, verifier: bytes, changed_at: int) -> PinVerifier:
    return PinVerifier(
        salt=b64encode(salt).decode(),
        passes=cost.passes,
        memory_kib=cost.memory_kib,
        lanes=cost.lanes,
        verifier=b64encode(verifier).decode(),
        changed_at=changed_at,
    )
