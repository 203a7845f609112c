"""The people of the sync benchmarks, and what agents do for them: a working mix that every rule lets pass.

In the mix 40 % are contacts (opened, and verified), 30 % notes, 20 % promises with money, 10 % tickets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft

REGION = "bench"
SCOPE = f"region/{REGION}"
HOUR_MS = 3_600_000
AGENTS = 4_000
PROMISES_A_DAY = 10
"""What the sample policy lets one agent promise in a day."""
AMOUNT = 10
"""Minor units of a promise: small, so that the lease of a new site lasts through a measurement."""
GROUP = 10
"""Operations that belong together: two calls and what came of them."""
PROMISES = 2
"""Promises in such a group, each to another customer."""

Make = Callable[[Draft], str]
"""Makes an operation of a draft and returns its id."""


class Worker(Protocol):
    """Where operations are made: it gives out ids, numbers and instants."""

    def new_id(self) -> str: ...

    def now(self) -> int: ...


def agent(number: int) -> str:
    return f"agent-{number:04d}"


def agents() -> list[Mapping[str, Any]]:
    """Return the agents, as `set_agents` takes them."""
    return [
        {"id": agent(n), "name": f"客服{n:04d}", "number": str(10_000 + n), "role": "agent", "place": "org"}
        for n in range(AGENTS)
    ]


def customers(count: int, now: int) -> Iterator[Document]:
    """Yield customers with one mobile line each, stopped for arrears six hours before `now`, ms UTC; about 600 B."""
    for n in range(count):
        data: dict[str, Any] = {
            "name": f"样例客户{n:07d}",
            "segment": "personal",
            "card": "gold",
            "since": now - 3 * 365 * 24 * HOUR_MS,
            "accounts": [{"id": f"acc-{n}", "arrears": 2_000, "arrears_since": now - 48 * HOUR_MS}],
            "subscriptions": [
                {
                    "id": f"sub-{n}",
                    "number": f"+8619{n:09d}",
                    "kind": "mobile",
                    "account": f"acc-{n}",
                    "status": "stopped",
                    "stop_reason": "arrears",
                    "stopped_at": now - 6 * HOUR_MS,
                    "package": "sample-59",
                    "fee": 5_900,
                }
            ],
            "people": [],
        }
        yield Document(SCOPE, f"c-{n:07d}", "customer", 0, data)


def mix(worker: Worker, make: Make, first: int, count: int, allowance: str) -> None:
    """Make about `count` operations of the working mix for customers from number `first` on.

    `allowance` is the lease that promises are drawn on.
    """
    for group in range(count // GROUP):
        who = first + group * PROMISES
        by = agent(who // PROMISES_A_DAY % AGENTS)
        one = _call(worker, make, by, who, allowance)
        make(_note(worker, by, who, one))
        two = _call(worker, make, by, who + 1, allowance)
        make(_note(worker, by, who + 1, two))
        make(_ticket(worker, by, who + 1, two))
        make(_note(worker, by, who + 1, two))


def notes(worker: Worker, make: Make, first: int, count: int) -> None:
    """Make notes alone."""
    for n in range(first, first + count):
        make(_note(worker, agent(n // PROMISES_A_DAY % AGENTS), n, None))


def _call(worker: Worker, make: Make, by: str, who: int, allowance: str) -> str:
    """Make a call with a promise of money: opened, verified, promised; return its contact."""
    contact, now = worker.new_id(), worker.now()
    opened = make(
        _draft(
            "contact.opened",
            by,
            contact,
            {
                "call": f"call-{contact}",
                "channel": "hotline",
                "caller": f"+8619{who:09d}",
                "customer": f"c-{who:07d}",
                "subscription": f"sub-{who}",
                "queue": "hotline",
                "moments": {"offered": now - 9_000, "ringing": now - 8_000, "popped": now - 7_900},
            },
        )
    )
    verified = {"method": "service_password", "result": "match", "caller_role": "owner", "customer": f"c-{who:07d}"}
    make(_draft("identity.verified", by, contact, {**verified, "seconds": 21}, (opened,)))
    body = {
        "number": f"7{who:011d}",
        "customer": f"c-{who:07d}",
        "subscription": f"sub-{who}",
        "contact": contact,
        "template": "U04",
        "due": now + 600_000,
        "line": "up",
        "proposed": AMOUNT,
        "rank": 1,
        "ask": {"language": "zh", "text": "我可以先为您恢复通话, 欠费也算在里面, 可以吗?", "hash": "0" * 16},
        "tell": {"language": "zh", "text": "好的, 最迟十分钟恢复通话, 请补交话费。", "hash": "0" * 16},
        "asked_s": 31,
        "agreed_s": 36,
    }
    promise = _draft("commitment.made", by, worker.new_id(), body, (opened,))
    make(_with_money(promise, allowance))
    return contact


def _note(worker: Worker, by: str, who: int, contact: str | None) -> Draft:
    text = "客户来电询问停机原因, 已说明欠费情况并告知补交方式; 客户希望今天下午五点以后再联系, 联系人是他的母亲。"
    body = {"customer": f"c-{who:07d}", "text": text, **({"contact": contact} if contact else {})}
    return _draft("note.added", by, worker.new_id(), body)


def _ticket(worker: Worker, by: str, who: int, contact: str) -> Draft:
    body = {
        "number": f"8{who:011d}",
        "kind": "inquiry",
        "customer": f"c-{who:07d}",
        "subscription": f"sub-{who}",
        "contact": contact,
        "title": "话费明细查询",
        "words": "客户对上月话费明细有疑问, 希望了解通话费和上网费各是多少。",
    }
    return _draft("ticket.opened", by, worker.new_id(), body)


def _draft(kind: str, by: str, document: str, body: Mapping[str, Any], deps: tuple[str, ...] = ()) -> Draft:
    return Draft(kind, by, "agent", SCOPE, document, body, deps=deps)


def _with_money(promise: Draft, allowance: str) -> Draft:
    p = promise
    return Draft(p.kind, p.actor, p.role, p.scope, p.document, p.body, p.seen, p.deps, allowance, AMOUNT)
