"""What operations charge to the site's allowances, and what of it counts until the centre has said its verdict."""

from __future__ import annotations

from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.replica.driver import sqlite


def charge(connection: sqlite.Connection, operation: str, allowance: str, amount: int) -> None:
    """Charge an allowance at once, or note what is given back to it, minor units; in the caller's transaction.

    What is given back may be spent again only once the centre has taken it: till then it may turn out not to be done.
    """
    stands = int(amount > 0)
    connection.execute(
        "INSERT INTO charge (operation, allowance, amount, stands) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT (operation, allowance) DO UPDATE SET amount = amount + ?3, stands = ?4",
        (operation, allowance, amount, stands),
    )
    if stands:
        _spend(connection, allowance, amount)


def settle_charges(connection: sqlite.Connection, operation: str, verdict: Verdict, changed: bool) -> None:
    """Let count what an operation charges and gives back, as the centre's verdict says.

    `changed`: its change stands in a log, whatever the verdict.
    """
    if verdict in SETTLED:
        give_back(connection, operation)
    elif not changed:
        _change_stand(connection, operation, "stands = 1 AND amount < 0", -1)
        if verdict == Verdict.REFUSED:
            _change_stand(connection, operation, "stands = 1 AND amount > 0", -1)


def give_back(connection: sqlite.Connection, operation: str) -> None:
    """Let stand what an operation gives back: it is done."""
    _change_stand(connection, operation, "stands = 0", 1)


def charge_again(connection: sqlite.Connection, operation: str) -> None:
    """Charge an operation as if it had no verdict: the centre has lost it."""
    _change_stand(connection, operation, "stands = 1 AND amount < 0", -1)
    _change_stand(connection, operation, "stands = 0 AND amount > 0", 1)


def _change_stand(connection: sqlite.Connection, operation: str, which: str, sign: int) -> None:
    rows = connection.execute(f"SELECT allowance, amount FROM charge WHERE operation = ? AND {which}", (operation,))
    for allowance, amount in rows.fetchall():
        _spend(connection, allowance, sign * amount)
    connection.execute(
        f"UPDATE charge SET stands = ? WHERE operation = ? AND {which}", (1 if sign > 0 else 0, operation)
    )


def _spend(connection: sqlite.Connection, allowance: str, amount: int) -> None:
    connection.execute(
        "INSERT INTO spending (allowance, spent) VALUES (?1, ?2) "
        "ON CONFLICT (allowance) DO UPDATE SET spent = spent + ?2",
        (allowance, amount),
    )
