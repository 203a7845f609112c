"""How to get to each screen of the desk: from where, by which keys, and what has to be there before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from agentdesk.domain.documents import Document
from agentdesk.qa.cast import HALL, LI
from agentdesk.sync.entering import NotIn
from tests.desk.driving import Hand, answered, breaks_off, gives_up, ring, until, verified
from tests.desk.locked import LEADER, give_pin
from tests.desk.test_group import announced
from tests.desk.test_services import billed
from tests.desk.world import DAY, HOUR, MINUTE, NOW, REGION, WANG, Desk, fill

Start = Literal["idle", "ringing", "talking", "verified", "given up", "broken off"]

READ_MS = 500
"""Longer than Enter is dead after something opened."""


@dataclass(frozen=True)
class Way:
    """A way to a screen: where it begins, keys (a text in quotes is typed), documents beside the cast's.

    `opens` is a document that is opened as from a list.
    """

    start: Start
    keys: str = ""
    documents: tuple[Document, ...] = ()
    opens: Document | None = None
    role: str = "agent"
    online: bool = True
    says: NotIn | None = None
    """What the door of a locked site says to everybody; None: the site has none."""


def document(type_: str, id_: str, **data: Any) -> Document:
    return Document(REGION, id_, type_, 3, {"customer": "c-wang", "at": NOW - HOUR, "moves": [], **data})


ORDER = document(
    "service_order",
    "o-1",
    number="100010005550",
    subscription="c-wang-1",
    service="SM20",
    name_zh="漏话提醒",
    name_en="Missed calls",
    parameters={},
    state="late",
    due=NOW - 5 * MINUTE,
)
REMEDY = document(
    "remedy",
    "r-1",
    number="100010005561",
    remedy="R301",
    name_zh="话费补偿",
    name_en="Credit",
    category="refund",
    state="given",
    owner="bj1024",
    amount=1000,
    money="cost",
    booked="network",
    due=NOW + DAY,
    under="t-2188",
)
APPOINTMENT = document(
    "appointment",
    "a-1",
    number="100010005572",
    where="hall",
    outlet="o-1",
    what="sim",
    slot=NOW + 2 * HOUR,
    minutes=30,
    state="booked",
)
DISPUTE = document(
    "dispute",
    "d-1",
    number="100010005583",
    words="说好退我二十元",
    said_at=NOW - 3 * DAY,
    state="open",
    by="bj1024",
    due=NOW + DAY,
    findings=[],
)
HANDED = document("handoff", "h-1", number="100010005594", channel="sms", state="open", text="bill")
NOTE = document("note", "n-1", text="喜欢下午接电话", by="bj1024", state="open")
MANAGED = document(
    "management",
    "m-1",
    number="100010005605",
    title="宽带频繁掉线",
    tickets=["t-2188"],
    state="open",
    department="broadband_maintenance",
    due=NOW + DAY,
)
ASKED = document(
    "approval",
    "v-1",
    number="100010005616",
    template="U10",
    name_zh="流量争议折算退费",
    name_en="Disputed data at package rate",
    subscription="c-wang-1",
    amount=26_000,
    proposed=6_800,
    reason="流量超出两个月都投诉过, 客户要携号转网",
    beyond=["above_authority"],
    role="team_leader",
    asked_by="bj2001",
    asked_role="agent",
    state="open",
    due=NOW + 2 * HOUR,
)
NO_SIGNAL = document(
    "ticket",
    "t-3001",
    number="100010005627",
    kind="fault",
    title="手机没有信号",
    state="accepted",
    station="department",
    department="broadband_maintenance",
    owner="bj1024",
    first_responsible="bj1024",
    tier="diamond",
    due=NOW + 3 * HOUR,
)

LEADS = Document("org", LEADER, "agent", 3, {"name": "赵云", "role": "team_leader"})

WAYS: dict[str, Way] = {
    "DeskScreen": Way("idle"),
    "FindScreen": Way("idle", "/ 'wmh'"),
    "WorklistScreen": Way("idle", "l"),
    "CallBacksPage": Way("given up", "C"),
    "RingBackDialog": Way("broken off", "C"),
    "ResultDialog": Way("given up", "C enter"),
    "OutboxScreen": Way("verified", "o"),
    "LifeDialog": Way("verified", "n 'abc' enter o tab enter"),
    "GroupPage": Way("idle", "A", (announced(),), role="team_leader"),
    "AnnouncementPage": Way("idle", "A enter", (announced(),), role="team_leader"),
    "AttachDialog": Way("talking", "A", (announced(),)),
    "ManagementPage": Way("idle", opens=MANAGED, role="team_leader"),
    "ApprovalsPage": Way("idle", "g"),
    "SignDialog": Way("idle", "g d", (ASKED,), role="team_leader"),
    "ChannelsPage": Way("idle", "X", (HANDED,)),
    "DocumentPage": Way("idle", opens=NOTE),
    "HallPage": Way("idle", "B t t c", (HALL, APPOINTMENT)),
    "AppointmentPage": Way("idle", opens=APPOINTMENT),
    "ShiftPage": Way("idle", "z"),
    "SettingsPage": Way("idle", ","),
    "KeysScreen": Way("idle", "?"),
    "HelpScreen": Way("idle", "ctrl+p"),
    "HelpingPage": Way("idle", "G", role="team_leader"),
    "FlowsPage": Way("idle", "k"),
    "WalkPage": Way("idle", "k enter"),
    "ScriptsDialog": Way("idle", "i"),
    "PromisePage": Way("idle", "a"),
    "ReceiptDialog": Way("idle", "a p"),
    "AskDialog": Way("idle", "a u"),
    "TicketPage": Way("idle", "c"),
    "DraftAsk": Way("idle", "c n"),
    "ChaseDialog": Way("idle", "c u"),
    "ChasePromiseDialog": Way("verified", "u b", (NO_SIGNAL,)),
    "ChooseDialog": Way("idle", "r"),
    "VerifyDialog": Way("talking", "v"),
    "RevealDialog": Way("talking", "U 2"),
    "CustomerPage": Way("verified", "R"),
    "OutletsPage": Way("verified", "R s", (HALL,)),
    "NoteDialog": Way("verified", "n"),
    "WrapUpDialog": Way("verified", "w"),
    "HandingDialog": Way("verified", "x '8002'"),
    "BillsPage": Way("verified", "F", (billed(),)),
    "PlansPage": Way("verified", "F f", (billed(),)),
    "VasDialog": Way("verified", "V"),
    "ServicesPage": Way("verified", "s"),
    "OrderDialog": Way("verified", "s '套餐变更' enter"),
    "OrderPage": Way("idle", opens=ORDER),
    "PickDialog": Way("verified", "t enter"),
    "TicketWords": Way("verified", "t enter enter"),
    "PromiseDialog": Way("verified", "1"),
    "ApprovalDialog": Way("verified", "2 e '260 x' enter g"),
    "DisputeDialog": Way("verified", "D"),
    "DisputePage": Way("idle", opens=DISPUTE),
    "MakeGoodPage": Way("verified", "a j"),
    "GiveDialog": Way("verified", "a j enter"),
    "RemedyPage": Way("idle", opens=REMEDY),
    "LockScreen": Way("idle", "ctrl+l", says=NotIn("wrong", 4, 1_000)),
}

MANY = tuple(
    document(
        "ticket",
        f"t-{n}",
        number=f"1000100070{n:02}",
        kind="fault",
        title="宽带频繁掉线, 每天晚上八点到十一点都上不去, 重启光猫也没有用" if n % 3 else "掉线",
        state="accepted",
        station="department",
        department="broadband_maintenance",
        owner="bj1024",
        first_responsible="bj1024",
        tier="diamond",
        level=n % 3,
        chases=n,
        due=NOW + (n - 20) * HOUR,
    )
    for n in range(60)
)

STATES: dict[str, Way] = {
    "DeskScreen-overflow": Way("idle", documents=MANY),
    "WorklistScreen-overflow": Way("idle", "l", MANY),
    "CustomerPage-overflow": Way("verified", "R", MANY),
    "FindScreen-empty": Way("idle", "/ 'zzzz'"),
    "CallBacksPage-empty": Way("idle", "C"),
    "OutboxScreen-empty": Way("idle", "o"),
    "GroupPage-empty": Way("idle", "A", role="team_leader"),
    "BillsPage-empty": Way("verified", "F"),
    "PromiseDialog-error": Way("verified", "2 e '99999 x' enter"),
    "NoteDialog-error": Way("verified", "n enter"),
    "PromiseDialog-offline": Way("verified", "1", online=False),
    "OutboxScreen-offline": Way("verified", "o", online=False),
    "ServicesPage-offline": Way("verified", "s", online=False),
    "LockScreen-call": Way("verified", "ctrl+l", says=NotIn("wrong", 4, 1_000)),
    "LockScreen-ringing": Way("ringing", "ctrl+l", says=NotIn("wrong", 4, 1_000)),
    "LockScreen-wrong": Way("idle", "ctrl+l 'nein' enter", says=NotIn("wrong", 4, 1_000)),
    "LockScreen-other": Way("idle", "ctrl+l tab '1025' enter", says=NotIn("wrong", 4, 1_000)),
    "ApprovalDialog-pin": Way("verified", "2 e '260 x' enter g s 'bj3001' enter '31' ", (LEADS,), says=NotIn("line")),
    "ApprovalDialog-wrong": Way(
        "verified", "2 e '260 x' enter g s 'bj3001' enter '314159' enter", (LEADS,), says=NotIn("line")
    ),
}
"""Screens with too much, with nothing, with an error, and without a line; what stands before `-` is the screen."""


DOORS: dict[str, tuple[str, NotIn]] = {
    "SignInScreen": ("", NotIn("line")),
    "SignInScreen-password": ("'1024' enter 'abc'", NotIn("line")),
    "SignInScreen-wrong": ("'1024' enter 'abc' enter", NotIn("wrong", 4, 1_000)),
    "SignInScreen-locked": ("'1024' enter 'abc' enter", NotIn("locked", 0, 15 * MINUTE)),
    "SignInScreen-expired": ("'1024' enter 'abc' enter", NotIn("expired")),
    "SignInScreen-first": ("'1025' enter 'abc' enter", NotIn("first")),
    "SignInScreen-line": ("'1024' enter 'abc' enter", NotIn("line")),
    "SignInScreen-must-change": ("'1024' enter 'abc' enter", NotIn("must_change")),
    "SignInScreen-again": ("'1024' enter 'abc' enter 'sieben Br' enter 'acht' enter", NotIn("must_change")),
}
"""The door before the desk: keys, and what it says to everybody."""


def furnish(desk: Desk, way: Way) -> None:
    """Have what a way needs come from the centre."""
    documents = [*way.documents, *([way.opens] if way.opens is not None else [])]
    site = desk.site()
    for scope in sorted({one.scope for one in documents}):
        fill(site, scope, [one for one in documents if one.scope == scope], upto=20)
    if way.says is not None:
        give_pin(site)
    site.close()


async def go(desk: Desk, pilot: Hand, way: Way) -> None:
    """Go a way to its end."""
    if way.start == "ringing":
        await ring(desk, pilot, WANG)
    elif way.start == "talking":
        await answered(desk, pilot, WANG)
    elif way.start == "verified":
        await verified(desk, pilot, WANG)
    elif way.start == "given up":
        await gives_up(desk, pilot, LI)
    elif way.start == "broken off":
        await breaks_off(desk, pilot, WANG)
    for word in words(way.keys):
        for key in word[1:-1] if word.startswith("'") else [word]:
            desk.clock.advance(READ_MS)
            await pilot.press(key)
            await until(pilot, lambda: not busy(desk.app.screen))
    if way.opens is not None:
        desk.app.deal.open_document(way.opens)
        await pilot.pause()


def busy(screen: object) -> bool:
    """Tell whether something that was typed is being looked at."""
    return "working" in (getattr(screen, "stage", ""), getattr(screen, "_stage", "")) or (
        getattr(screen, "step", "") == "looking"
    )


def words(keys: str) -> list[str]:
    """Split keys at spaces, and keep what is typed together."""
    found: list[str] = []
    for index, piece in enumerate(keys.split("'")):
        found += [f"'{piece}'"] if index % 2 else piece.split()
    return found
