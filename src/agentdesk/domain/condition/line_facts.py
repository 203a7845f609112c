"""What other systems have told of a line and an account beside the fields that every one has.

They stand as `facts` in a subscription and in an account. What nobody told is the harmless value, so that a document
of an older replica reads as one of which nothing special is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NETWORKS = frozenset({"2g", "3g", "4g", "5g"})


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is so on a line now; `network` is the generation it was seen on last, "" unknown.

    `missed_reminder`: a reminder of use wasn't delivered. `missing_carry_over`, `missing_gift`: data that should have
    come and didn't. `failed_cancel`: a service that the customer cancelled himself is still there. `no_port`: none is
    free at the address. `returned_device`: the equipment is back. `third_party` is what others charge by the bill,
    minor units.
    """

    roaming: bool = False
    abroad: bool = False
    roaming_pack: bool = False
    throttled: bool = False
    shared: bool = False
    rural: bool = False
    network: str = ""
    missed_reminder: bool = False
    missing_carry_over: bool = False
    missing_gift: bool = False
    failed_cancel: bool = False
    no_port: bool = False
    returned_device: bool = False
    third_party: int = 0


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What is so on an account; `deposit` is minor units held.

    `failed_debit`: the bank didn't pay. `company_pays`: the employer does. `unposted`: a payment was made that isn't
    in the balance.
    """

    failed_debit: bool = False
    company_pays: bool = False
    unposted: bool = False
    deposit: int = 0


NO_LINE_FACTS = LineFacts()
NO_ACCOUNT_FACTS = AccountFacts()


def line_facts_of(line: Mapping[str, Any]) -> LineFacts:
    """Return the facts of a subscription as its customer's document has it."""
    given = line.get("facts")
    if not given:
        return NO_LINE_FACTS
    abroad = bool(given.get("abroad"))
    return LineFacts(
        roaming=abroad or bool(given.get("roaming")),
        abroad=abroad,
        roaming_pack=bool(given.get("roaming_pack")),
        throttled=bool(given.get("throttled")),
        shared=bool(given.get("shared")),
        rural=bool(given.get("rural")),
        network=str(given.get("network") or ""),
        missed_reminder=bool(given.get("missed_reminder")),
        missing_carry_over=bool(given.get("missing_carry_over")),
        missing_gift=bool(given.get("missing_gift")),
        failed_cancel=bool(given.get("failed_cancel")),
        no_port=bool(given.get("no_port")),
        returned_device=bool(given.get("returned_device")),
        third_party=max(0, int(given.get("third_party") or 0)),
    )


def account_facts_of(account: Mapping[str, Any]) -> AccountFacts:
    """Return the facts of an account as its customer's document has it."""
    given = account.get("facts")
    if not given:
        return NO_ACCOUNT_FACTS
    return AccountFacts(
        failed_debit=bool(given.get("failed_debit")),
        company_pays=bool(given.get("company_pays")),
        unposted=bool(given.get("unposted")),
        deposit=max(0, int(given.get("deposit") or 0)),
    )
