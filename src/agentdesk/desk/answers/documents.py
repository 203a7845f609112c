"""Which screen shows a document, wherever it was listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.answers import group
from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.screens.page import Page
    from agentdesk.desk.screens.promise import PromiseDialog


def show(app: DeskApp, document: Document) -> None:
    """Open a document at what is to be done about it; a promise that wasn't told yet at the words to tell."""
    telling = _to_tell(app, document)
    if telling is not None:
        app.push_screen(telling)
    elif document.type == "attachment" and document.data.get("state") == "to_follow_up":
        group.follow_up(app, document)
    elif document.type == "callback":
        app.deal.call_backs()
    else:
        app.push_screen(_page_of(document))


def _to_tell(app: DeskApp, document: Document) -> PromiseDialog | None:
    """Return the words to tell of a promise that was made in this contact and isn't told yet."""
    contact = app.contact
    made = contact.promise(document.id) if contact is not None else None
    state = "made" if document.data.get("waits") else document.data.get("state")
    if contact is None or contact.facts is None or made is None or made.told or state != "made":
        return None
    line = contact.board.of(str(document.data.get("template")))
    if line is None:
        return None
    from agentdesk.desk.screens.promise import PromiseDialog

    return PromiseDialog(contact, line, contact.facts, made)


def _page_of(document: Document) -> Page:
    """Return the page of a document by its type; what has none of its own is shown as it is."""
    match document.type:
        case "ticket":
            from agentdesk.desk.screens.ticket import TicketPage

            return TicketPage(document)
        case "commitment":
            from agentdesk.desk.screens.promise_page import PromisePage

            return PromisePage(document)
        case "service_order":
            from agentdesk.desk.screens.orders import OrderPage

            return OrderPage(document)
        case "remedy" | "check":
            from agentdesk.desk.screens.remedy_page import RemedyPage

            return RemedyPage(document)
        case "approval":
            from agentdesk.desk.screens.approvals import ApprovalsPage

            return ApprovalsPage()
        case "dispute":
            from agentdesk.desk.screens.approvals import DisputePage

            return DisputePage(document)
        case "appointment":
            from agentdesk.desk.screens.hall import AppointmentPage

            return AppointmentPage(document)
        case "announcement":
            from agentdesk.desk.screens.group import AnnouncementPage

            return AnnouncementPage(document)
        case "management":
            from agentdesk.desk.screens.management import ManagementPage

            return ManagementPage(document)
        case "handoff":
            from agentdesk.desk.screens.channels import ChannelsPage

            return ChannelsPage()
        case _:
            from agentdesk.desk.screens.documents import DocumentPage

            return DocumentPage(document)
