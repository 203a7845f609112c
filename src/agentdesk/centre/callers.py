"""Who asks: a request is a site's by its token and by the signature of its key, both checked before its body is read.

The token is the centre's own word and names the key; whoever copied it has no key, and whoever has another key has no
token for it. Whether both are good still is looked up together with what is asked for (`authenticate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request

from agentdesk.centre.errors import Rejected
from agentdesk.centre.histories import check_token
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.rows import Site
from agentdesk.domain.comparing import same_secret
from agentdesk.protocol.errors import ErrorCode
from agentdesk.trust.signatures import Asked, BadSignature, Stamp, check, headers_of, stamp_of

KEYLESS = "this site was enrolled before sites had keys: run `agentdesk site rotate` there"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, as its headers prove: the bearer of a token and of a key. `digest` is of the body to come.

    Without a token it is a newcomer, or a site that lost its key.
    """

    token: str
    key: str
    digest: str


class NotHere(Exception):
    """A site bears the centre's own token and isn't in its database like that; it is to be readmitted."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.id)
        self.site = site


class Turned(Exception):
    """A site uses its next key and token for the first time: those before are to be forgotten."""

    def __init__(self, site: str, token_hash: str) -> None:
        super().__init__(site)
        self.site = site
        self.token_hash = token_hash


def asked_by(request: Request) -> Asked:
    """Return what a signature covers of a request, as it came over the wire."""
    scope = request.scope
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"].decode("latin-1")
    return Asked(scope["method"], path.decode("latin-1"), query, headers_of(scope["headers"]))


def token_of(asked: Asked) -> str:
    """Return the bearer token of a request; raises Rejected where there is none."""
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Rejected(ErrorCode.UNAUTHORISED, "send the site's token, and sign: Authorization: Bearer …")
    return token.strip()


def token_hash(token: str) -> str:
    """Return what the centre keeps of a token; 256 random bits need no salt."""
    return sha256(token.encode()).hexdigest()


def key_of(snapshot: Snapshot, signer: Signer, token: str) -> str:
    """Return the key that goes with a token, empty for one from before sites had keys; raises Rejected.

    A token with the centre's own mark says so itself. Any other may be good still: the centre's key may have been lost.
    """
    made = signer.token_site(token, "")
    if made is not None:
        return made[0].public_key
    site = snapshot.site(token.partition(".")[0])
    hash_ = token_hash(token)
    if _is(site.token_hash if site is not None else "", hash_) and site is not None:
        return site.public_key
    if _is(site.next_token_hash if site is not None else "", hash_) and site is not None:
        return site.next_key
    raise _unknown()


def checked(asked: Asked, key: str) -> Stamp:
    """Return when a request was signed with a key; raises Rejected."""
    try:
        if asked.method == "POST" and "content-digest" not in asked.headers:
            raise BadSignature("the request is signed without its body")
        return check(asked, key)
    except BadSignature as error:
        raise Rejected(ErrorCode.UNAUTHORISED, str(error)) from None


def own_key(asked: Asked) -> str:
    """Return the key with which a request says that it is signed; raises Rejected."""
    try:
        return stamp_of(asked).key
    except BadSignature as error:
        raise Rejected(ErrorCode.UNAUTHORISED, str(error)) from None


def authenticate(snapshot: Snapshot, caller: Caller, signer: Signer, *, keyless: bool = False) -> Site:
    """Return the site that asks; how long it takes tells nothing about the token.

    `keyless` lets one by that has no key yet. Raises Rejected, and Turned where the next key is used for the first
    time; for a token of this centre that isn't here HistoryLost, or NotHere once that is known.
    """
    site = snapshot.site(caller.token.partition(".")[0])
    hash_ = token_hash(caller.token)
    same = _is(site.token_hash if site is not None else "", hash_)
    next_ = _is(site.next_token_hash if site is not None else "", hash_)
    if site is None or not (same or next_):
        made = signer.token_site(caller.token, hash_)
        if made is not None and _is_lost(site, made[0]):
            check_token(snapshot, made[1], made[0].id)
            raise NotHere(made[0])
        raise _unknown()
    if site.revoked:
        raise Rejected(ErrorCode.REVOKED, "this site was closed at the centre: ask who runs it")
    key = site.public_key if same else site.next_key
    if not key and not keyless:
        raise Rejected(ErrorCode.UNAUTHORISED, KEYLESS)
    if key and not same_secret(caller.key, key):
        raise _unknown()
    if next_:
        raise Turned(site.id, hash_)
    return site


def _is_lost(here: Site | None, told: Site) -> bool:
    """Tell whether a token proves that the database lost it: a site, or a later key of one."""
    return here is None or (told.turns > here.turns and not here.revoked)


def _is(known: str, hash_: str) -> bool:
    return same_secret(hash_, known or token_hash(""))


def _unknown() -> Rejected:
    return Rejected(
        ErrorCode.UNAUTHORISED,
        "the site's token or key is not good here (any more): ask at the centre for a code for this site, "
        "and give it to `agentdesk site rotate --code`",
    )
