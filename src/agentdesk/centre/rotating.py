"""A site's next key and token: given on request, and good from their first use on; until then those before are too.

Whoever dies in between leaves nothing half done: the site has what it had, and asks again.
"""

from __future__ import annotations

from dataclasses import replace

from agentdesk.centre.authors import Means, author, draft, epoch_of
from agentdesk.centre.callers import Caller, authenticate, token_hash
from agentdesk.centre.enrol import code_hash
from agentdesk.centre.errors import Rejected
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Site
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Change
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import RotateAnswer, RotateRequest
from agentdesk.trust.signatures import is_key, is_proof


def rotate(tx: Transaction, means: Means, caller: Caller, request: RotateRequest, signer: Signer) -> RotateAnswer:
    """Give a site its next token, for the key that it names; raises Rejected, and what `authenticate` raises."""
    known = authenticate(tx, caller, signer, keyless=True) if caller.token else _by_code(tx, means, request)
    site = tx.lock_site(known.id)
    assert site is not None  # sites are never deleted
    # who has a key signs with it; who has none, or lost it, signs with the one that he names
    signs_with_new = not caller.token or not site.public_key
    if signs_with_new and caller.key != request.public_key:
        raise Rejected(ErrorCode.UNAUTHORISED, "sign with the key that the request names")
    if not is_key(request.public_key) or not is_proof(request.proof, request.public_key, site.id):
        raise Rejected(ErrorCode.UNAUTHORISED, "prove that the site has the key that the request names")
    turns = site.turns + 1
    token = signer.token(replace(site, public_key=request.public_key, turns=turns), epoch_of(tx), means.random(32))
    tx.put_site(replace(site, turns=turns, next_key=request.public_key, next_token_hash=token_hash(token)))
    return RotateAnswer(site=site.id, token=token, server_time=means.now(), recovery=signer.recovery)


def turn(tx: Transaction, means: Means, site_id: str, hash_: str) -> None:
    """Let a site's next key and token be its only ones, as they were used."""
    site = tx.lock_site(site_id)
    if site is None or not same_secret(hash_, site.next_token_hash):
        return  # another request of the site was faster
    at = means.now()
    tx.put_site(replace(site, token_hash=hash_, public_key=site.next_key, next_key="", next_token_hash=""))
    changes = [Change(ORG, site_id, "site", {"key_changed_at": at})]
    author(tx, means, draft("site.rotated", ORG, site_id, {"key_changed_at": at}), changes)


def _by_code(tx: Transaction, means: Means, request: RotateRequest) -> Site:
    """Return the site that a code was made for; raises Rejected.

    One whose answer was lost needs no other code: it has the key that is expected next.
    """
    site = tx.site(request.site)
    if site is None or site.next_key != request.public_key:
        code = tx.use_code(code_hash(request.code), means.now())
        if site is None or code is None or code.site != site.id:
            raise Rejected(
                ErrorCode.BAD_CODE, "the code is unknown, used up, too old or not for this site: ask for a new one"
            )
    if site.revoked:
        raise Rejected(ErrorCode.REVOKED, "this site was closed at the centre: ask who runs it")
    return site
