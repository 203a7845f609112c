"""Superiors' PINs at the centre: sealed by its own key, and what only somebody who typed one can say."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from hashlib import sha256

from agentdesk.centre.storage.rows import Credential
from agentdesk.domain.access import word_in
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.operation import Operation
from agentdesk.trust.passwords import Cost, word_of
from agentdesk.trust.wrapping import WrongKey, unwrap, wrap


def seal_pin(secret: bytes, agent: str, salt: bytes, cost: Cost, root: bytes, nonce: bytes) -> str:
    """Return what the centre keeps of a PIN, whose digits are so few that the database alone may tell nothing of it."""
    texts = {"salt": salt, "nonce": nonce, "root": wrap(root, _key(secret), nonce, agent.encode())}
    plain = {name: b64encode(value).decode() for name, value in texts.items()}
    return json.dumps({**plain, "cost": [cost.passes, cost.memory_kib, cost.lanes]})


def pin_root(secret: bytes, credential: Credential) -> tuple[bytes, Cost, bytes] | None:
    """Return salt, cost and root of a PIN; None for one that isn't set, or was sealed with a key that is lost."""
    if not credential.pin:
        return None
    data = json.loads(credential.pin)
    try:
        root = unwrap(b64decode(data["root"]), _key(secret), b64decode(data["nonce"]), credential.agent.encode())
    except WrongKey:
        return None
    return b64decode(data["salt"]), Cost(*data["cost"]), root


def is_proved(secret: bytes, credential: Credential | None, operation: Operation) -> bool:
    """Tell whether an operation that was signed with a PIN was signed with its author's, at the site that sent it."""
    found = pin_root(secret, credential) if credential is not None else None
    if found is None:
        return False
    word = word_of(found[2], operation.actor, operation.site, operation.kind, operation.document)
    return same_secret(word_in(operation), word)


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"agentdesk pins", sha256)
