"""What commands say about documents and operations as JSON: masked as on the desk (DOMAIN rule 9).

Times are ms UTC and amounts minor units, as everywhere inside; texts are cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.language.text import clean, mask_address, mask_id, mask_name
from agentdesk.domain.numbering.numbers import display

_MOBILE = re.compile(r"(?<![0-9a-zA-Z-])(?:\+?86[ -]?)?(1[3-9][0-9])[ -]?[0-9]{4}[ -]?([0-9]{4})(?![0-9a-zA-Z])")
_FIXED = re.compile(r"(?<![0-9a-zA-Z-])(0[1-9][0-9]{1,2}[ -]?)[2-8][0-9]{2,3}[ -]?[0-9]{3}([0-9])(?![0-9a-zA-Z])")
_CERTIFICATE = re.compile(r"(?<![0-9a-zA-Z-])([1-9][0-9]{3})[0-9]{13}[0-9Xx](?![0-9a-zA-Z])")
_WHOLE = re.compile(r"\+[0-9]{7,15}")
_MASKS: Mapping[str, Callable[[str], str]] = {
    "caller": display,
    "caller_name": mask_name,
    "name": mask_name,
    "names": mask_name,
    "contact_person": mask_name,
    "contact_name": mask_name,
    "handler": mask_name,
    "holder": mask_name,
    "certificate": mask_id,
    "address": mask_address,
}
_DROPPED = frozenset({"seals", "token"})


def name(text: str) -> str:
    """Return a customer's name as it may be shown."""
    return mask_name(clean(text, 40))


def words(text: object, limit: int = 4000) -> str:
    """Return free text as it may be shown: cleaned, with telephone and certificate numbers masked."""
    said = clean(str(text or ""), limit)
    if _WHOLE.fullmatch(said):
        return display(said)
    # a certificate first: other numbers may be found inside it
    said = _CERTIFICATE.sub(r"\1**************", said)
    return _FIXED.sub(r"\1****\2", _MOBILE.sub(r"\1****\2", said))


def masked(value: Any, key: str = "") -> Any:
    """Return a JSON value with what names a person masked, by the names of its fields."""
    if isinstance(value, Mapping):
        return {k: masked(item, k) for k, item in value.items() if k not in _DROPPED}
    if isinstance(value, list | tuple):
        return [masked(item, key) for item in value]
    if isinstance(value, str):
        mask = _MASKS.get(key)
        return mask(clean(value, 400)) if mask else words(value)
    return value


def reason(item: Reason) -> dict[str, Any]:
    """Return a reason with its words in the language in use."""
    from agentdesk.cli.words import say

    return {"code": item.code, "values": {k: masked(v) for k, v in item.values.items()}, "text": say(item)}


def work(document: Document) -> dict[str, Any]:
    """Return a ticket or a promise in short."""
    data = document.data
    keys = ("number", "kind", "template", "name_zh", "name_en", "symptom", "state", "due", "amount", "money")
    chosen = {key: masked(data[key], key) for key in keys if data.get(key) is not None}
    more = {key: data[key] for key in ("department", "owner", "at", "spoken_at") if data.get(key) is not None}
    return {"type": document.type, "id": document.id, **chosen, **more}
