"""Making a machine a site: one-time codes and tokens, both kept only as hashes."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256

from agentdesk.centre.allowances import first_leases
from agentdesk.centre.authors import Means, author, draft, epoch_of, take_place
from agentdesk.centre.callers import Caller, token_hash
from agentdesk.centre.errors import Rejected
from agentdesk.centre.leases import lease_change, site_scope
from agentdesk.centre.policies import SCOPE as CATALOGUE
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import EnrolCode, Site
from agentdesk.centre.telling import with_notices
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Change
from agentdesk.domain.language.text import clean
from agentdesk.domain.numbering.ids import SITES
from agentdesk.domain.times.zone import DAY_MS
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import EnrolAnswer, EnrolRequest
from agentdesk.trust.signatures import is_key

_REGION = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals without I, L, O and U, which are heard or read wrong."""
_LOOKALIKES = str.maketrans("ILO", "110")


class BadRegion(ValueError):
    """A region's code can't be one; the message says what it has to look like."""


def check_region(region: str) -> str:
    """Return a region's code as it is; raises BadRegion."""
    if not _REGION.fullmatch(region):
        raise BadRegion(f"{region!r} is no region: give small letters, digits, - and _, for example beijing")
    return region


def create_code(
    tx: Transaction, means: Means, region: str, name: str = "", uses: int = 1, valid_ms: int = 7 * DAY_MS
) -> str:
    """Return a new code, such as `7K3M-9QXA-52TD`, that makes `uses` machines sites of a region.

    `name` is what people call the site, unless whoever enrols it says another. Raises BadRegion.
    """
    check_region(region)
    return _put_code(tx, means, EnrolCode("", region, name, uses, means.now() + valid_ms))


def create_site_code(tx: Transaction, means: Means, site_id: str, valid_ms: int = DAY_MS) -> str:
    """Return a new code that gives one site a new key, once; raises LookupError for an unknown or a closed one."""
    site = tx.site(site_id)
    if site is None or site.revoked:
        raise LookupError(f"there is no site {site_id!r}" if site is None else f"the site {site_id!r} is closed")
    return _put_code(tx, means, EnrolCode("", site.region, site.name, 1, means.now() + valid_ms, site.id))


def _put_code(tx: Transaction, means: Means, code: EnrolCode) -> str:
    bits = int.from_bytes(means.random(8), "big")
    symbols = "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(12))
    plain = "-".join(symbols[start : start + 4] for start in (0, 4, 8))
    tx.put_code(replace(code, hash=code_hash(plain)))
    return plain


def check_newcomer(caller: Caller, request: EnrolRequest) -> None:
    """Raise Rejected unless whoever wants to be a site has the key that it names."""
    if caller.key != request.public_key or not is_key(request.public_key):
        raise Rejected(ErrorCode.UNAUTHORISED, "sign with the key that the request names")


def enrol(tx: Transaction, means: Means, request: EnrolRequest, signer: Signer) -> EnrolAnswer:
    """Make a machine a site that has the key it names; raises Rejected when the code is none, used up or too old."""
    take_place(tx)
    now = means.now()
    code = tx.use_code(code_hash(request.code), now)
    if code is None or code.site:
        raise Rejected(ErrorCode.BAD_CODE, "the code is unknown, used up or too old: ask for a new one at the centre")
    number = tx.next_site_number()
    if number >= SITES:
        raise Rejected(ErrorCode.BAD_CODE, f"the centre has all {SITES - 1} sites that it can number")
    site_id = f"s-{means.random(6).hex()}"
    name = clean(request.name, 80) or code.name or site_id
    scopes = with_notices((CATALOGUE, ORG, f"region/{code.region}", site_scope(site_id)))
    site = Site(site_id, number, name, code.region, "", scopes, False, now, epoch_of(tx), request.public_key)
    token = signer.token(site, site.presented, means.random(32))
    tx.put_site(replace(site, token_hash=token_hash(token)))
    fields = {
        "name": name,
        "number": number,
        "region": code.region,
        "machine": clean(request.machine, 128),
        "enrolled_at": now,
    }
    changes = [Change(ORG, site_id, "site", fields)]
    leases = first_leases(tx, site_id, code.region, request.lineage)
    changes += [lease_change(lease, signer.secret) for lease in leases]
    author(tx, means, draft("site.enrolled", ORG, site_id, fields), changes)
    return EnrolAnswer(
        site=site_id,
        number=number,
        name=name,
        region=code.region,
        token=token,
        scopes=list(scopes),
        epoch=epoch_of(tx),
        server_time=now,
        recovery=signer.recovery,
    )


def note_recovery(tx: Transaction, means: Means, site_id: str, agent: str, by: str) -> None:
    """Write down that a site's vault was opened at the centre for an agent; raises LookupError for an unknown site."""
    if tx.lock_site(site_id) is None:
        raise LookupError(f"there is no site {site_id!r}")
    fields = {"vault_opened_at": means.now(), "vault_opened_for": agent, "vault_opened_by": by}
    author(tx, means, draft("site.vault_opened", ORG, site_id, fields), [Change(ORG, site_id, "site", fields)])


def revoke(tx: Transaction, means: Means, site_id: str) -> None:
    """Close a site: its token opens nothing any more; raises LookupError for an unknown one."""
    site = tx.lock_site(site_id)
    if site is None:
        raise LookupError(f"there is no site {site_id!r}")
    at = means.now()
    tx.put_site(replace(site, revoked=True))
    author(
        tx,
        means,
        draft("site.revoked", ORG, site_id, {"revoked_at": at}),
        [Change(ORG, site_id, "site", {"revoked_at": at})],
    )


def readmit(tx: Transaction, means: Means, lost: Site) -> Site:
    """Know a site again that was enrolled, or got a new key, after the backup from which the centre came back.

    Its number may have been given to another since: then it gets a new one.
    """
    take_place(tx)
    known = tx.site(lost.id)
    if known is not None and (known.revoked or known.turns >= lost.turns):
        return known
    if known is not None:
        site = replace(known, token_hash=lost.token_hash, public_key=lost.public_key, turns=lost.turns)
        site = replace(site, next_key="", next_token_hash="")
        tx.put_site(site)
        at = means.now()
        changes = [Change(ORG, site.id, "site", {"key_changed_at": at})]
        author(tx, means, draft("site.rotated", ORG, site.id, {"key_changed_at": at}), changes)
        return site
    taken = {site.number for site in tx.sites()}
    site = replace(lost, number=tx.next_site_number()) if lost.number in taken else lost
    site = replace(site, scopes=with_notices(site.scopes))
    tx.put_site(site)
    fields = {"name": site.name, "number": site.number, "region": site.region, "enrolled_at": site.enrolled_at}
    author(tx, means, draft("site.readmitted", ORG, site.id, fields), [Change(ORG, site.id, "site", fields)])
    return site


def code_hash(code: str) -> str:
    plain = "".join(c for c in code.upper() if c.isalnum()).translate(_LOOKALIKES)
    return sha256(plain.encode()).hexdigest()
