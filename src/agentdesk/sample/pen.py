"""Writes the work of one sample customer: documents of the same shape as operations make them.

Deadlines are computed from the catalogue, times stand relative to now. Ids and numbers follow from the customer and
the place of a document in his work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.commitments.making import also_of
from agentdesk.domain.numbering.ids import digits_number, uuid7
from agentdesk.domain.offering.offers import also_due_at, due_at
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.times.clocks import station_due, ticket_due
from agentdesk.sample.agents import SITE, Staff
from agentdesk.sample.clockwork import run_clock
from agentdesk.sample.dice import Dice
from agentdesk.sample.stations import advance, climb

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

SITE_NUMBERS = 80_000
"""Sample tickets and promises carry numbers of sites from here on, where no real site is numbered."""

MOST_WORK = 16
"""Tickets and promises that one sample customer can have: each has its own number."""

WORDS: Mapping[str, str] = {
    "fault.broadband.drops": "晚上七点以后经常掉线，重启光猫也不行",
    "fault.broadband.down": "从早上开始上不了网，光猫亮红灯",
    "fault.broadband.slow": "测出来的速度不到一半",
    "fault.iptv.stutter": "电视一直卡顿，有马赛克",
    "fault.mobile.no_signal": "家里没有信号，要到阳台才能打电话",
    "fault.mobile.slow_data": "手机上网很慢，网页打不开",
    "fault.mobile.call_drops": "打电话总是断",
    "complaint.vas.forced": "没有订过这个业务，怎么扣钱了",
    "complaint.billing.overage": "套餐里还有流量，怎么还收流量费",
    "complaint.billing.double_charge": "同一笔费用扣了两次",
    "complaint.service.attitude": "上次接电话的人态度不好",
    "complaint.service.promise": "说好给我回电，到现在没人打",
    "request.install.move": "搬家了，宽带要移到新地址",
    "request.install.new": "想再装一条宽带",
    "inquiry.tariff.bill": "这个月账单比上个月多，想问清楚",
    "inquiry.tariff.plan": "想知道套餐里有什么",
    "inquiry.channel.outlet": "附近哪里有营业厅",
}
"""What the caller says, by the class of his matter; the keys are classes of the sample catalogue."""

REPLIES = (
    "已更换光猫，测试正常，客户认可",
    "已修复线路，观察两小时无掉线",
    "已核实退费到账户，客户认可",
    "已向客户解释，客户认可",
)
NOTES = (
    "客户希望晚上七点以后联系",
    "客户说下周要出差，请发短信",
    "客户是老用户，说话客气",
    "请先打座机，手机常不在身边",
)


@dataclass(frozen=True, slots=True)
class Floor:
    """What all work of a sample world shares; `now_ms` is the instant to which its times are relative."""

    catalogue: Catalogue
    staff: Staff
    site_no: int
    now_ms: int


class Pen:
    """Writes the documents of one customer."""

    def __init__(self, floor: Floor, index: int, customer: Customer, dice: Dice) -> None:
        self.floor = floor
        self.now = floor.now_ms
        self.index = index
        self.customer = customer
        self.dice = dice
        self.tier = floor.catalogue.tier_of(customer.card)
        self.main = customer.subscriptions[0]
        self.broadband = next((s for s in customer.subscriptions if s.kind == "broadband"), None)
        self.agent = dice.pick(floor.staff.with_role("agent"))
        self.documents: list[Document] = []
        self._numbered = 0

    # ------------------------------------------------------------ when

    def ago(self, low_min: int, high_min: int) -> int:
        """Return an instant so many minutes ago; what is older than a day falls into the daytime of China."""
        at = self.now - self.dice.between(low_min, high_min) * MINUTE_MS
        if at > self.now - DAY_MS:
            return at
        midnight = (at + 8 * HOUR_MS) // DAY_MS * DAY_MS - 8 * HOUR_MS
        return midnight + self.dice.between(8 * 60, 21 * 60) * MINUTE_MS

    # ------------------------------------------------------------ what

    def contact(self, symptom: str, at: int, outcome: str, solved: bool, channel: str = "phone") -> Document:
        """Write a contact that was wrapped up."""
        talk = self.dice.between(60, 420) * 1000
        wait = self.dice.between(3, 40) * 1000
        start, end = at + wait, at + wait + talk
        moments = {
            "offered": at,
            "ringing": start - 3_000,
            "popped": start - 2_900,
            "first_key": start,
            "answered": start,
            "ended": end,
            "wrap_up": end + 20_000,
        }
        return self._write(
            "contact",
            at,
            {
                "call": f"sample-{self.index}-{len(self.documents)}",
                "channel": channel,
                "caller": self.main.number,
                "caller_name": None,
                "customer": self.customer.document.id,
                "subscription": self.main.id,
                "queue": "10",
                "ivr_path": None,
                "agent": self.agent,
                "site": SITE,
                "state": "wrapped_up",
                "at": at,
                "moments": moments,
                "verification": {
                    "customer": self.customer.document.id,
                    "level": 1,
                    "method": "own_number",
                    "caller_role": "owner",
                    "at": start,
                },
                "matters": [{"class": symptom, "outcome": outcome, "solved": solved}],
                "summary": WORDS.get(symptom),
                "dropped_by": None,
                "wrapped_up_at": end + 20_000,
                "moves": [self.move(at, "opened", self.agent)],
            },
        )

    def ticket(
        self,
        symptom: str,
        at: int,
        until: str = "accepted",
        due: int | None = None,
        line: str | None = None,
        chases: int = 0,
        contact: Document | None = None,
    ) -> Document:
        """Write a ticket that was taken at an instant and has come so far; `due` is what the customer was told."""
        catalogue = self.floor.catalogue
        kind = symptom.partition(".")[0]
        computed, law = ticket_due(kind, symptom, self.tier, at, catalogue)
        told = due if due is not None else computed
        node = catalogue.classes[symptom]
        department = node.department or "customer_service"
        data: dict[str, Any] = {
            "number": self._number(),
            "kind": kind,
            "origin": "hotline",
            "customer": self.customer.document.id,
            "subscription": line or self.main.id,
            "contact": contact.id if contact else None,
            "symptom": symptom,
            "title": self._title(symptom),
            "words": WORDS.get(symptom, ""),
            "wants": None,
            "person": {"name": self.customer.name, "number": self.main.number},
            "tier": self.tier,
            "level": 0,
            "chases": chases,
            "returns": 0,
            "state": "open",
            "station": "front",
            "department": None,
            "owner": self.agent,
            "first_responsible": self.agent,
            "at": at,
            "due": told,
            "law_due": law,
            "policy_due": told,
            "clock_at": at,
            "clock_from": at,
            "station_due": station_due("front", self.tier, at, catalogue),
            "station_clock": "front",
            "station_at": at,
            "place": self.customer.text("address") or None if kind == "fault" else None,
        }
        moves = [self.move(at, "opened", self.agent, text=data["words"])]
        advance(self, data, moves, until, department)
        for nth in range(chases):
            chased = self.now - (chases - nth) * 40 * MINUTE_MS
            late = told is not None and told < chased
            data["level"] += 1 if late else 0
            moves.append(self.move(chased, "chased", self.agent, text="客户催问进度", raised=late or None))
        data["moves"] = sorted(moves, key=_at)
        ticket = self._write("ticket", at, data)
        climb(self, data)
        return ticket

    def promise(
        self,
        code: str,
        at: int,
        state: str = "made",
        due: int | None = None,
        amount: int = 0,
        contact: Document | None = None,
    ) -> Document:
        """Write a promise that was made and spoken at an instant; kept ones were kept in three quarters of the time."""
        catalogue = self.floor.catalogue
        template = catalogue.templates[code]
        when = due if due is not None else due_at(template, self.tier, True, at, catalogue)
        moves = [self.move(at, "made", self.agent), self.move(at + 20_000, "spoken", self.agent, seconds=95)]
        data: dict[str, Any] = {
            "number": self._number(),
            "customer": self.customer.document.id,
            "subscription": self.main.id,
            "contact": contact.id if contact else None,
            "template": code,
            "catalogue": catalogue.version,
            "name_zh": template.name.zh,
            "name_en": template.name.en,
            "state": state,
            "amount": amount if template.money else 0,
            "proposed": amount if template.money else None,
            "amount_reason": None,
            "money": template.money.kind if template.money else None,
            "statutory": bool(template.money and template.money.statutory),
            "allowance": None,
            "due": when,
            "department": template.department,
            "closing": template.closing,
            "owner": self.agent,
            "site": SITE,
            "line": "up",
            "rank": 1,
            "ask": {},
            "tell": {},
            "asked_s": 62,
            "agreed_s": 70,
            "verification": _VERIFIED[min(template.verify, 2)],
            "spoken_at": at + 20_000,
            "spoken_s": 95,
            "at": at,
            "moves": moves,
        }
        first = also_due_at(template, self.tier, True, at, catalogue)
        data |= also_of(template, first)
        if first is not None and first < self.floor.now_ms:
            data["also_kept_at"] = at + (first - at) * 3 // 4
        if state == "fulfilled":
            done = at + (when - at) * 3 // 4
            handler = self.floor.staff.handler(template.department) or self.agent
            moves.append(self.move(done, "fulfilled", handler, role="department_handler", text="系统已办结"))
            data |= {"late": False, "closed_at": done}
        run_clock(self.customer.document.scope, data, catalogue, self.floor.now_ms)
        return self._write("commitment", at, data)

    def note(self, at: int, text: str, about: str | None = None) -> Document:
        """Write a note about the customer."""
        return self._write(
            "note",
            at,
            {
                "customer": self.customer.document.id,
                "about": about,
                "contact": None,
                "text": text,
                "by": self.agent,
                "at": at,
            },
        )

    # ------------------------------------------------------------ how

    def cause(self, symptom: str) -> str | None:
        branch = "cause." + symptom.rpartition(".")[0]
        causes = [code for code in self.floor.catalogue.classes if code.startswith(f"{branch}.")]
        return self.dice.pick(causes) if causes else None

    def _title(self, symptom: str) -> str:
        classes = self.floor.catalogue.classes
        # "drops" alone says nothing, "refund" does
        of = classes[symptom.rpartition(".")[0]].name.zh if symptom.startswith("fault.") else ""
        return of + classes[symptom].name.zh

    def _number(self) -> str:
        self._numbered += 1
        return digits_number(self.floor.site_no, self.index * MOST_WORK + self._numbered)

    @staticmethod
    def move(at: int, what: str, by: str, role: str = "agent", **more: Any) -> dict[str, Any]:
        told = {name: value for name, value in more.items() if value is not None}
        return {"at": at, "what": what, "by": by, "role": role, "site": SITE, **told}

    def _write(self, kind: str, at: int, data: dict[str, Any]) -> Document:
        random = self.dice.below(1 << 32).to_bytes(4, "big") + self.dice.below(1 << 32).to_bytes(4, "big")
        # the customer stands in the id, so that two customers never share one whatever the dice say
        where = (self.index * 64 + len(self.documents)).to_bytes(5, "big")
        made = Document(self.customer.document.scope, uuid7(at, where + random), kind, 0, data)
        self.documents.append(made)
        return made

    write, number = _write, _number
    """What plots of other modules write with."""


def _at(move: Mapping[str, Any]) -> int:
    return int(move["at"])


_VERIFIED: tuple[Mapping[str, Any], ...] = (
    {},
    {"level": 1, "method": "own_number", "caller_role": "owner"},
    {"level": 2, "method": "certificate_tail", "caller_role": "owner"},
)
