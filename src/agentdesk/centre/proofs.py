"""What the centre signs with a key that lies outside its database: it knows its own word again after a restore.

A cursor that a log doesn't have, a lineage that is longer than the one here, a site that nobody enrolled: each is a
mistake, unless it bears the centre's own mark. Then it proves that the database has lost what it once said.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from agentdesk.centre.storage.rows import Site
from agentdesk.domain.comparing import same_secret

MAC_HEX = 16
"""Characters of a mark: 64 bits, which nobody guesses over a line."""


class HistoryLost(Exception):
    """Somebody has the centre's own word for what isn't in its database: it was restored from an older state.

    `epoch` is the one that was current when that was noticed, `lost` the one in which the word was given.
    """

    def __init__(self, cause: str, epoch: str, lost: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.epoch = epoch
        self.lost = lost


@dataclass(frozen=True)
class Signer:
    """Signs and knows again; `secret` is what `Database.secret` returns."""

    secret: bytes = field(repr=False)

    @cached_property
    def recovery(self) -> str:
        """Return the public key for which sites seal their data keys, as they are told it (base64url)."""
        from agentdesk.trust.recovery import public_half

        return _base64(public_half(self.secret))

    def cursor(self, scope: str, epoch: str, seq: int, hash_: str) -> str:
        """Return the mark on a place in a scope's log."""
        return self._mac("cursor", scope, epoch, str(seq), hash_)

    def sealed(self, scope: str, epoch: str, seq: int, hash_: str) -> str:
        """Return a place's hash with its mark, as a page gives it."""
        return f"{hash_}.{self.cursor(scope, epoch, seq, hash_)}"

    def is_cursor(self, scope: str, epoch: str, seq: int, sealed: str) -> bool:
        """Tell whether a site was given this place in a scope's log."""
        hash_, _, mac = sealed.partition(".")
        return bool(mac) and same_secret(mac, self.cursor(scope, epoch, seq, hash_))

    def lineage(self, site: str, lineage: str, epoch: str, seq: int, hash_: str) -> str:
        """Return the proof that a lineage was taken up to a number, with the epoch in which it was."""
        return f"{epoch}.{self._mac('lineage', site, lineage, epoch, str(seq), hash_)}"

    def lineage_epoch(self, site: str, lineage: str, seq: int, hash_: str, proof: str) -> str | None:
        """Return the epoch in which a lineage was taken up to a number; None for what the centre never said."""
        epoch, _, _ = proof.partition(".")
        good = same_secret(proof, self.lineage(site, lineage, epoch, seq, hash_))
        return epoch if proof and good else None

    def token(self, site: Site, epoch: str, random: bytes) -> str:
        """Return a new token of a site: its row's name, its key, what it was enrolled as, and 256 random bits."""
        facts = {
            "number": site.number,
            "name": site.name,
            "region": site.region,
            "scopes": list(site.scopes),
            "enrolled_at": site.enrolled_at,
            "epoch": epoch,
            "key": site.public_key,
            "turn": site.turns,
            "random": _base64(random),
        }
        payload = _base64(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode())
        return f"{site.id}.{payload}.{self._mac('token', site.id, payload, hex_=64)}"

    def is_token(self, token: str) -> bool:
        """Tell whether a token was made here, whatever became of its site since."""
        site_id, _, rest = token.partition(".")
        payload, _, mac = rest.partition(".")
        made = self._mac("token", site_id, payload, hex_=64)
        return bool(mac) and same_secret(mac, made)

    def token_site(self, token: str, token_hash: str) -> tuple[Site, str] | None:
        """Return the site that a token was made for and the epoch of that time; None for a token of nobody's."""
        if not self.is_token(token):
            return None
        site_id, payload, _ = token.split(".", 2)
        facts = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        site = Site(
            *(site_id, facts["number"], facts["name"], facts["region"], token_hash),
            *(tuple(facts["scopes"]), False, facts["enrolled_at"]),
            # tokens from before sites had keys name none
            public_key=facts.get("key", ""),
            turns=facts.get("turn", 0),
        )
        return site, facts["epoch"]

    def _mac(self, *parts: str, hex_: int = MAC_HEX) -> str:
        # none of the parts has a line break in it: names, numbers and hexadecimal digits
        return hmac.new(self.secret, "\n".join(parts).encode(), sha256).hexdigest()[:hex_]


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
