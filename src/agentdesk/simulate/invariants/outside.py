"""What holds of effects outside: somebody pays what the ledger says, and remembers what he has paid.

He is told each line when it is committed, and knows it again by its key, which is the operation and the number of the
line. Nothing that befalls the centre makes him forget.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.record import SETTLED


@invariant(
    "No effect outside comes twice: who pays each line of the ledger once, by its key, and takes back what one gives "
    "back, pays each promise once and the same amount, whatever the centre forgets and is told again.",
    "centre",
    met=(),
)
def nothing_is_paid_twice(look: Look) -> Iterator[str]:
    paid: dict[tuple[str, int], tuple[Any, ...]] = look.world.memory("payer").setdefault("lines", {})
    promised: dict[tuple[str, str], list[int]] = look.world.memory("payer").setdefault("promises", {})
    ledger = look.record.centre.ledger
    touched = set()
    for archived in look.fresh:
        if archived.verdict not in SETTLED:
            continue
        for number in range(9):
            line = ledger.get((archived.site, archived.lineage, archived.seq, number))
            if line is None:
                continue
            key, what = (line.operation, number), (line.kind, line.amount, line.scope, line.commitment)
            if key in paid:
                look.world.met["nothing_is_paid_twice"] += 1
                if paid[key] != what:
                    yield f"line {number} of {line.operation} was {paid[key]}, and comes again as {what}"
                continue
            paid[key] = what
            # a mis-key that was voided stands again when its words turn out to be spoken: given back, and paid anew
            promised.setdefault((line.commitment, line.kind), []).append(line.amount)
            touched.add((line.commitment, line.kind))
    for promise in sorted(touched):
        if sum(promised[promise]) > max(promised[promise]):
            yield f"{promise[0]} is paid more than once: {promised[promise]}"
