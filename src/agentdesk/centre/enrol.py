"""Making a machine a site: one-time codes and tokens, both kept only as hashes."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import replace
from hashlib import sha256

from agentdesk.centre.allowances import first_leases, lease_change, site_scope
from agentdesk.centre.authors import Means, Random, author, draft, epoch_of, take_place
from agentdesk.centre.policies import SCOPE as CATALOGUE
from agentdesk.centre.push import Rejected
from agentdesk.centre.storage.contract import Snapshot, Transaction
from agentdesk.centre.storage.rows import EnrolCode, Site
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Change
from agentdesk.domain.ids import SITES
from agentdesk.domain.text import clean
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import EnrolAnswer, EnrolRequest

DAY_MS = 86_400_000

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
    bits = int.from_bytes(means.random(8), "big")
    symbols = "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(12))
    code = "-".join(symbols[start : start + 4] for start in (0, 4, 8))
    tx.put_code(EnrolCode(_code_hash(code), region, name, uses, means.now() + valid_ms))
    return code


def enrol(tx: Transaction, means: Means, request: EnrolRequest) -> EnrolAnswer:
    """Make a machine a site; raises Rejected when the code is none, used up or too old."""
    take_place(tx)
    now = means.now()
    code = tx.use_code(_code_hash(request.code), now)
    if code is None:
        raise Rejected(ErrorCode.BAD_CODE, "the code is unknown, used up or too old: ask for a new one at the centre")
    number = tx.next_site_number()
    if number >= SITES:
        raise Rejected(ErrorCode.BAD_CODE, f"the centre has all {SITES - 1} sites that it can number")
    site_id = f"s-{means.random(6).hex()}"
    name = clean(request.name, 80) or code.name or site_id
    token = make_token(site_id, means.random)
    scopes = (CATALOGUE, ORG, f"region/{code.region}", site_scope(site_id))
    tx.put_site(Site(site_id, number, name, code.region, token_hash(token), scopes, False, now))
    fields = {
        "name": name,
        "number": number,
        "region": code.region,
        "machine": clean(request.machine, 128),
        "enrolled_at": now,
    }
    changes = [Change(ORG, site_id, "site", fields)]
    changes += [lease_change(lease) for lease in first_leases(tx, site_id, code.region)]
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
    )


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


def make_token(site: str, random: Random) -> str:
    """Return a new bearer token: the site's name, by which its row is found, and 256 random bits."""
    return f"{site}.{base64.urlsafe_b64encode(random(32)).decode().rstrip('=')}"


def token_hash(token: str) -> str:
    """Return what the centre keeps of a token; 256 random bits need no salt."""
    return sha256(token.encode()).hexdigest()


def authenticate(snapshot: Snapshot, token: str) -> Site:
    """Return the site of a bearer token; raises Rejected. How long it takes tells nothing about the token."""
    site = snapshot.site(token.partition(".")[0])
    known = site.token_hash if site is not None else token_hash("")
    same = hmac.compare_digest(known, token_hash(token))
    if site is None or not same:
        raise Rejected(ErrorCode.UNAUTHORISED, "the token is not one of this centre: enrol the site again")
    if site.revoked:
        raise Rejected(ErrorCode.REVOKED, "this site was closed at the centre: ask who runs it")
    return site


def _code_hash(code: str) -> str:
    plain = "".join(c for c in code.upper() if c.isalnum()).translate(_LOOKALIKES)
    return sha256(plain.encode()).hexdigest()
