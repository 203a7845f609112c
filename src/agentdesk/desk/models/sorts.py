"""What there is to say of each type of document: its name, its states in words, what it is about.

A type that isn't here is shown by its number and state. To add one: a line in SORTS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.rows import safe
from agentdesk.desk.terms import clocks as terms_clocks
from agentdesk.desk.terms import group as terms_group
from agentdesk.desk.terms import hall as terms_hall
from agentdesk.desk.terms import money as terms_money
from agentdesk.desk.terms import services as terms_services
from agentdesk.desk.terms.promises import APPROVAL_STATES, DISPUTE_STATES
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.finance.money import format_minor


def named(document: Document) -> str:
    """Return the name that a document carries in both languages, with its amount."""
    data = document.data
    name = safe(data.get("name_zh" if i18n.chinese() else "name_en") or data.get("template") or "", 60)
    amount = data.get("amount") or 0
    return f"{name} {format_minor(amount, 'CNY', i18n.language())}" if amount else name


def titled(document: Document) -> str:
    """Return the title that somebody gave to a document, else the kind it is of."""
    data = document.data
    return safe(data.get("title") or terms.term(terms.TICKETS, data.get("kind")), 60)


def announced(document: Document) -> str:
    """Return the title of an announcement in the language in use."""
    title = document.data.get("title") or {}
    return safe(title.get("zh" if i18n.chinese() else "en") or "", 60)


def reasoned(document: Document) -> str:
    """Return why a number was labelled."""
    return safe(document.data.get("reason") or "", 60)


def ordered(document: Document) -> str:
    """Return the service that was ordered, with what it is about."""
    about = safe(document.data.get("about") or "", 30)
    return f"{named(document)}: {about}" if about else named(document)


def disputed(document: Document) -> str:
    """Return what a customer says he was promised."""
    return safe(document.data.get("words") or "", 40)


def called(document: Document) -> str:
    """Return who is to be called back: his number, masked."""
    from agentdesk.domain.numbering.numbers import display  # many types, and nothing on the first frame is made of them

    return _("call back {number}").format(number=display(str(document.data.get("caller") or ""), masked=True))


def purposed(document: Document) -> str:
    """Return what an appointment is for."""
    return terms.term(terms_hall.PURPOSES, document.data.get("purpose"))


def checked(document: Document) -> str:
    """Return what is looked into, or collected."""
    return f"{terms.term(terms_money.PURPOSES, document.data.get('purpose'))}: {named(document)}"


@dataclass(frozen=True, slots=True)
class Sort:
    """One type of document: `name` and `states` are marked for translation, `title` says what one is about."""

    name: str
    states: Mapping[str, str] = field(default_factory=dict)
    title: Callable[[Document], str] = named


SORTS: Mapping[str, Sort] = {
    "ticket": Sort(N_("ticket"), terms.TICKET_STATES, titled),
    "commitment": Sort(N_("promise"), terms.PROMISE_STATES),
    "appointment": Sort(N_("appointment"), terms_hall.APPOINTMENTS, purposed),
    "visit": Sort(N_("visit")),
    "callback": Sort(N_("call-back"), terms_clocks.CALL_BACK_STATES, called),
    "approval": Sort(N_("approval"), APPROVAL_STATES),
    "dispute": Sort(N_("disputed promise"), DISPUTE_STATES, disputed),
    "remedy": Sort(N_("remedy"), terms_money.REMEDY_STATES),
    "check": Sort(N_("check"), terms_money.CHECK_STATES, checked),
    "service_order": Sort(N_("service ordered"), terms_services.ORDER_STATES, ordered),
    "announcement": Sort(N_("announcement"), terms_group.ANNOUNCEMENT_STATES, announced),
    "attachment": Sort(N_("attached"), terms_group.ATTACHMENT_STATES),
    "management": Sort(N_("management ticket"), terms_group.MANAGEMENT_STATES, titled),
    "label": Sort(N_("label"), terms_group.LABEL_STATES, reasoned),
    "handoff": Sort(N_("from another channel"), terms_group.HANDOFF_STATES, titled),
}


def sort_of(document: Document) -> Sort:
    """Return what there is to say of a document's type."""
    return SORTS.get(document.type) or Sort(document.type)


def title_of(document: Document) -> str:
    """Return what a document is about."""
    return sort_of(document).title(document)


def name_of_sort(document: Document) -> str:
    """Return what a document is: a ticket, a promise."""
    return _(sort_of(document).name)


def state_of(document: Document) -> str:
    """Return a document's state in words."""
    return terms.term(sort_of(document).states, document.data.get("state"))


def is_over(document: Document) -> bool:
    """Tell whether a document has come to its end: nothing is left to do, no clock runs."""
    return not is_open(document)
