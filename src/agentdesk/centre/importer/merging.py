"""Merging a row into its customer: lines, accounts and people are united, a later value that isn't empty wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentdesk.centre.importer.cells import Parsed
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.kinds.identity import seal_secret

_LISTS = ("accounts", "subscriptions", "people")


def merge(before: Mapping[str, Any] | None, row: Parsed, customer: str, salt: Callable[[], str]) -> dict[str, Any]:
    """Return a customer's data with a row merged into it; the given data stays as it is.

    `salt` gives a new one where a secret is sealed that wasn't known or has changed.
    """
    data: dict[str, Any] = {**before, **row.own} if before else {**row.own, **{name: [] for name in _LISTS}}
    if row.secrets:
        data["seals"] = _sealed(data.get("seals") or {}, row.secrets, salt)
    account = _with_account(data, row.account, customer)
    _with_line(data, row.line, customer, account)
    if "number" in row.person:
        data["people"] = _united(data.get("people") or [], row.person["number"], row.person, key="number")
    return data


def _with_account(data: dict[str, Any], fields: dict[str, Any], customer: str) -> str:
    """Unite the row's account; one without a number of its own is the customer's only one."""
    accounts = data.get("accounts") or []
    if "id" not in fields:
        fields["id"] = accounts[0]["id"] if len(accounts) == 1 else f"{customer}-account"
    if fields.get("arrears") == 0:
        fields["arrears_since"] = None
    data["accounts"] = _united(accounts, fields["id"], fields)
    return str(fields["id"])


def _with_line(data: dict[str, Any], fields: dict[str, Any], customer: str, account: str) -> None:
    """Unite the row's line, known by its id, else by its number; a row without either has none."""
    lines = data.get("subscriptions") or []
    if "id" not in fields:
        number = fields.get("number") or fields.get("login")
        if number is None:
            return
        same = (item["id"] for item in lines if number in (item.get("number"), item.get("login")))
        fields["id"] = next(same, f"{customer}-{number.removeprefix('+')}")
    if fields.get("status") == "active":
        fields["stop_reason"] = fields["stopped_at"] = None
    fields["account"] = account
    data["subscriptions"] = _united(lines, fields["id"], fields)


def _united(
    items: list[dict[str, Any]], identity: str, fields: Mapping[str, Any], key: str = "id"
) -> list[dict[str, Any]]:
    """Return items with one more, or with one of them changed; what becomes None is left out."""
    for index, item in enumerate(items):
        if item[key] == identity:
            if all(item.get(name) == value for name, value in fields.items()):
                return items
            return [*items[:index], _kept({**item, **fields}), *items[index + 1 :]]
    return [*items, _kept(fields)]


def _kept(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}


def _sealed(seals: Mapping[str, str], secrets: Mapping[str, str], salt: Callable[[], str]) -> dict[str, str]:
    """Seal secrets; one that is sealed already keeps its seal, so that the same import changes nothing."""
    result = dict(seals)
    for method, secret in secrets.items():
        old, _, digest = result.get(method, "").partition(":")
        if not (old and same_secret(seal_secret(secret, old), digest)):
            new = salt()
            result[method] = f"{new}:{seal_secret(secret, new)}"
    return result
