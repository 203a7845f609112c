"""Signing in at the centre, over the site's own connection. Loads httpx and pydantic when it is called, not before."""

from __future__ import annotations

from base64 import b64decode
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from agentdesk.domain.tries import Patience
from agentdesk.store.access import Pin
from agentdesk.trust.passwords import Cost

if TYPE_CHECKING:
    from pydantic import BaseModel

    from agentdesk.protocol.sign_in import PatienceItem, PinVerifier
    from agentdesk.store.site import Site
    from agentdesk.sync.client import CentreClient, RequestFailed
    from agentdesk.trust.vault import Vault

M = TypeVar("M", bound="BaseModel")


class SignInFailed(Exception):
    """Nobody was signed in; the message is one line that says why."""


class NotRight(SignInFailed):
    """Agent and password don't fit, or it is too soon; the next try in `wait_ms`. Nothing says which it is."""

    def __init__(self, message: str, wait_ms: int) -> None:
        super().__init__(message)
        self.wait_ms = wait_ms


class NotGoodEnough(SignInFailed):
    """The new password or PIN can't be one; the old one stands."""


class NotForHim(SignInFailed):
    """He is who he says, and may not do this."""


class NoAnswer(SignInFailed):
    """The centre can't be reached or can't answer now: sign in without it, if that may be; `wait_ms` if it said so."""

    def __init__(self, message: str, wait_ms: int | None = None) -> None:
        super().__init__(message)
        self.wait_ms = wait_ms


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the centre said of an agent: until when he may sign in here without it (ms, UTC), and the patience for that.

    `must_change`: he isn't in before he has chosen another password. `at` is the centre's time of it, ms UTC.
    """

    agent: str
    name: str
    role: str
    must_change: bool
    valid_until: int
    at: int
    patience: Patience
    pin_patience: Patience
    pin_length: int
    may_pin: bool
    pin: Pin | None


def sign_in(
    site: Site, agent: str, password: str, new_password: str | None = None, client: CentreClient | None = None
) -> SignedIn:
    """Sign an agent in at the centre, and change his password where a new one is given.

    Raises NotRight, NotGoodEnough, NoAnswer.
    """
    from agentdesk.protocol.sign_in import SignInAnswer, SignInRequest

    request = _request(SignInRequest, agent=agent, password=password, new_password=new_password)
    answer = _ask(site, client, "/v1/sign-in", request, SignInAnswer)
    return SignedIn(
        answer.agent,
        answer.name,
        answer.role,
        answer.must_change,
        answer.valid_until,
        answer.server_time,
        _patience(answer.patience),
        _patience(answer.pin_patience),
        answer.pin_length,
        answer.may_pin,
        _pin(answer.pin) if answer.pin is not None else None,
    )


def set_pin(site: Site, agent: str, password: str, pin: str, client: CentreClient | None = None) -> None:
    """Set a superior's own PIN at the centre, and keep what this site recognises it by.

    Raises NotRight, NotGoodEnough, NotForHim, NoAnswer.
    """
    from agentdesk.protocol.sign_in import PinAnswer, PinRequest

    request = _request(PinRequest, agent=agent, password=password, pin=pin)
    answer = _ask(site, client, "/v1/pin", request, PinAnswer)
    site.access.keep_pin(agent, _pin(answer.pin))
    site.access.forgive_pin(agent)


def admit(site: Site, vault: Vault, key: bytes, signed: SignedIn, password: str) -> None:
    """Let who has just signed in at the centre do so here without it; the vault's `key` is the site's data key.

    What the site is to remember of it is written, too. Raises WrongKey, VaultError, StoreError.
    """
    if signed.must_change:
        raise ValueError(f"{signed.agent} has to choose another password first")
    vault.obey(signed.patience)
    vault.admit(key, signed.agent, password, signed.valid_until, signed.at)
    site.access.admitted(vault, signed.agent)
    site.access.keep_pin(signed.agent, signed.pin)
    site.access.forgive_pin(signed.agent)


def _request(kind: type[M], **said: str | None) -> M:
    """Return a request; what no centre reads (too long, half a character) is wrong without being asked for."""
    from pydantic import ValidationError

    try:
        return kind(**said)
    except ValidationError as error:
        bad = {str(one["loc"][0]) for one in error.errors(include_input=False)}
    # outside of the handler: the error that is told has nothing of what was typed behind it
    if bad <= {"new_password", "pin"}:
        raise NotGoodEnough("it is too long, or has characters that nobody can type")
    raise NotRight("agent and password don't fit", 0)


def _ask(site: Site, client: CentreClient | None, path: str, request: BaseModel, answer: type[M]) -> M:
    from agentdesk.sync.client import RequestFailed, client_of

    try:
        if client is not None:
            return client.ask(path, request, answer)
        with closing(client_of(site)) as own:
            return own.ask(path, request, answer)
    except RequestFailed as failed:
        raise _failure(failed) from None


def _failure(failed: RequestFailed) -> SignInFailed:
    match failed.code:
        case "sign_in":
            return NotRight(str(failed), failed.retry_after_ms or 0)
        case "bad_password":
            return NotGoodEnough(str(failed))
        case "not_allowed":
            return NotForHim(str(failed))
        case _:
            return NoAnswer(str(failed), failed.retry_after_ms)


def _patience(item: PatienceItem) -> Patience:
    return Patience(item.tries, tuple(item.delays_ms), item.lock_ms)


def _pin(item: PinVerifier) -> Pin:
    cost = Cost(item.passes, item.memory_kib, item.lanes)
    return Pin(b64decode(item.salt), cost, b64decode(item.verifier), item.changed_at)
