"""The last bills of a sample customer: what was charged for each line, and what the first line used.

They follow from lines, story and habits alone, so that card, bill and comparison of plans say the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from agentdesk.domain.times.zone import zone
from agentdesk.sample.lines import DAY_MS, Lines
from agentdesk.sample.traits import Story

MONTHS = 3
LATE_FEE_DAILY = 3
"""The late fee in thousandths of the arrears a day: the sample's, as its policy has it."""

GB_FEE = 500
DISCOUNT = -1_000


@lru_cache(maxsize=8)
def months_before(now_ms: int) -> tuple[tuple[str, int], ...]:
    """Return the last months that were billed, the newest first: `2026-10` and when its bill was issued, ms UTC."""
    local = zone("Asia/Shanghai")
    first = local.day(now_ms).replace(day=1)
    found = []
    for _ in range(MONTHS):
        issued = local.instant(first, 9 * 60)
        month = first.month - 1 or 12
        first = first.replace(year=first.year - (first.month == 1), month=month)
        found.append((f"{first.year}-{first.month:02d}", issued))
    return tuple(found)


def bills_of(lines: Lines, story: Story, usage: dict[str, Any], now_ms: int) -> list[dict[str, Any]]:
    """Return the bills of the last months, the newest first; none for who has never been billed."""
    if not story.billed:
        return []
    account = lines.accounts[0]["id"]
    main = lines.subscriptions[0]
    found = []
    for nth, (month, issued) in enumerate(months_before(now_ms)):
        rows = [
            {"kind": "fixed", "name": line["plan"], "amount": line["fee"], "line": line["id"]}
            for line in lines.subscriptions
            if line["opened_at"] < issued - 28 * DAY_MS
        ]
        if not rows:
            break
        rows += [
            {
                "kind": "third_party" if service["source"] == "unknown" else "vas",
                "code": service["code"],
                "name": service["name"],
                "amount": service["fee"],
                "line": main["id"],
            }
            for service in main.get("vas") or ()
            if service["ordered_at"] < issued - DAY_MS
        ]
        # a month a little below the mean, one a little above
        mb = usage["mb_last"] if nth == 0 else usage["mb"] * (106 if nth == 1 else 94) // 100
        if nth == 0 and story.overage is not None:
            charged = story.overage[0]
            quantity = charged * 1024 // GB_FEE
            rows.append(
                {"kind": "overage", "name": "套外流量", "amount": charged, "line": main["id"], "quantity": quantity}
            )
        if nth == 0 and story.arrears:
            days = max(1, story.arrears_days)
            fee = max(1, story.arrears * LATE_FEE_DAILY * days // 1000)
            rows.append({"kind": "late_fee", "name": "违约金", "amount": fee, "line": main["id"], "quantity": days})
        if nth == 0:
            rows += [_item(item, main["id"]) for item in story.items]
        if main["fee"] >= 9_900 and main.get("contract_end", 0) > issued:
            rows.append({"kind": "discount", "name": "合约优惠", "amount": DISCOUNT, "line": main["id"]})
        use = {main["id"]: {"minutes": usage["minutes"] * (100 - 7 * nth) // 100, "mb": mb}}
        found.append({"account": account, "month": month, "issued": issued, "lines": rows, "use": use})
    return found


def _item(item: tuple[str, str, int, str], line: str) -> dict[str, Any]:
    """Return a line of the bill that says what it is for: own functions and what others charge by the bill."""
    charge, name, amount, source = item
    kind = "third_party" if charge == "content" else "overage" if charge == "roaming" else "vas"
    return {"kind": kind, "charge": charge, "name": name, "amount": amount, "source": source, "line": line}


def totals(bills: list[dict[str, Any]]) -> list[int]:
    """Return the sums of bills, the oldest first."""
    return [sum(row["amount"] for row in bill["lines"]) for bill in reversed(bills)]
