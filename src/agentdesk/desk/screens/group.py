"""What concerns many (群障): announcements that run, management tickets, what suggests one, labels to be approved."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.answers import roles
from agentdesk.desk.deeds import group as deeds
from agentdesk.desk.i18n import _
from agentdesk.desk.models.group import (
    announcement_row,
    announcement_rows,
    attach_rows,
    label_row,
    management_row,
    suggestion_row,
)
from agentdesk.desk.models.promise import labelled
from agentdesk.desk.models.rows import EMPTY, Row, joined, row, safe
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.models.tickets import move_rows
from agentdesk.desk.models.until import Until, read_until
from agentdesk.desk.queries import group as queries
from agentdesk.desk.queries.group import GroupFound
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.page import Page
from agentdesk.desk.screens.steps import Step, ask_all, needed, optional
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.work.announcements import Match
from agentdesk.domain.work.management import Suggestion


class AttachDialog(AskDialog):
    """Attaches the caller to an announcement by one key, once the words were said."""

    def __init__(self, contact: Contact, announcement: Document, match: Match) -> None:
        super().__init__(self._rows, self._done, _("said: attach the caller"), typed=False)
        self._contact = contact
        self._announcement = announcement
        self._match = match

    def _rows(self, width: int) -> Sequence[Row]:
        facts = self._contact.facts
        if facts is None:
            return []
        lines = attach_rows(self._announcement, self._match, facts.catalogue, self.desk.at(), width)
        to = facts.caller or (facts.line.number if facts.line else "")
        if not to:
            lines.append(row((_("no number to write to: ask for one and note it"), "warn")))
        return lines

    async def _done(self, _words: str) -> str:
        done = await deeds.attach(self.desk, self._contact, self._announcement, self._match)
        if done.ok:
            self.desk.flow.say(_("attached: the caller is told when it is over"), "good")
            await self.desk.reload()
        return done.problem


Item = Document | Suggestion


class GroupPage(Page):
    """All that concerns many at this site; Enter opens a line."""

    place = "group"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("group")

    def __init__(self) -> None:
        super().__init__()
        self._found = GroupFound(0)

    async def load(self) -> None:
        self._found = await self.desk.backend.run(queries.group)
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        return [row((_("announcements and management tickets"), "strong"))]

    @property
    def _items(self) -> list[Item]:
        found = self._found
        return [*found.announcements, *found.management, *found.suggestions, *found.labels]

    def items(self, width: int) -> Sequence[Row]:
        found, at, catalogue = self._found, self.desk.at(), self.desk.catalogue
        counts = dict(found.attached)
        lines = [
            joined([self._sort(_("fault")), announcement_row(d, counts.get(d.id), at, width - 10)])
            for d in found.announcements
        ]
        lines += [joined([self._sort(_("managed")), management_row(d, at, width - 10)]) for d in found.management]
        lines += [
            joined([self._sort(_("open one?")), suggestion_row(s, catalogue, width - 10)]) for s in found.suggestions
        ]
        lines += [joined([self._sort(_("label")), label_row(d, catalogue, width - 10)]) for d in found.labels]
        return lines

    def _sort(self, word: str) -> Row:
        from agentdesk.desk.models.rows import pad

        return pad(row((word, "quiet")), 8)

    def head(self, width: int) -> Sequence[Row]:
        return [] if self._items else [row((_("nothing concerns many now"), "quiet"))]

    def subjects(self) -> Sequence[Hashable]:
        return [(one.cls, one.place) if isinstance(one, Suggestion) else one.key for one in self._items]

    def keys(self) -> Row:
        return roles.hints(self.desk, "group.go", "group.new", "group.manage", "back")

    def chosen(self, index: int) -> None:
        from agentdesk.desk.screens.management import ManagementPage, new_management

        item = self._items[index]
        if isinstance(item, Suggestion):
            new_management(self.desk, item)
        elif item.type == "announcement":
            self.desk.push_screen(AnnouncementPage(item))
        elif item.type == "management":
            self.desk.push_screen(ManagementPage(item))
        else:
            from agentdesk.desk.screens.labels import decide_label

            decide_label(self.desk, item, self.say)

    def action_new(self) -> None:
        new_announcement(self)

    def action_manage(self) -> None:
        from agentdesk.desk.screens.management import new_management

        new_management(self.desk, None)


class AnnouncementPage(Page):
    """One announcement: its words, whom it concerns, who is attached; changed and ended by who may."""

    place = "announcement"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("announcement")

    def __init__(self, announcement: Document) -> None:
        super().__init__()
        self.announcement = announcement
        self._count = 0

    async def load(self) -> None:
        one = self.announcement

        def read(site: Any) -> tuple[Document, int]:
            found = site.view.document(one.scope, one.id) or one
            return found, queries.attached(site, found)

        self.announcement, self._count = await self.desk.backend.run(read)
        await self.know(self.announcement)
        self.paint()

    def head(self, width: int) -> Sequence[Row]:
        lines = announcement_rows(self.announcement, self._count, self.desk.catalogue, self.desk.at(), width)
        return [*lines, EMPTY, row((_("what was done"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        return move_rows(self.announcement, self.desk.catalogue, self.desk.at(), width, self.staff)

    def keys(self) -> Row:
        if not is_open(self.announcement):
            return hints_of("back")
        return roles.hints(self.desk, "announcement.change", "announcement.over", "back")

    def action_change(self) -> None:
        if is_open(self.announcement):
            words = self.announcement.data.get("words") or {}
            steps = [
                Step("words", _("words to say: Chinese | English"), both, f"{words.get('zh')} | {words.get('en')}"),
                Step("expected", _("expected until: 4h or 18:00, or nothing"), self._until),
            ]
            ask_all(self.desk, _("change the announcement"), steps, self._change)

    def _until(self, typed: str) -> int | None:
        return until(typed, self.desk.at()) if typed.strip() else None

    async def _change(self, found: dict[str, Any]) -> str:
        return await self._did("announcement.changed", found)

    def action_over(self) -> None:
        if is_open(self.announcement):
            ended = _("words for those attached: 中文 | English")
            steps = [
                Step(
                    "words",
                    ended,
                    both,
                    "您反映的问题已修复，感谢您的耐心等待 | The fault is mended; thank you for waiting",
                )
            ]
            ask_all(self.desk, _("it is over: everybody attached is told"), steps, self._over)

    async def _over(self, found: dict[str, Any]) -> str:
        return await self._did("announcement.over", found)

    async def _did(self, kind: str, body: dict[str, Any]) -> str:
        done = await deeds.on(self.desk, kind, self.announcement, body)
        if done.ok:
            await self.desk.reload()
        return done.problem


def both(typed: str) -> dict[str, str]:
    """Return a text in both languages from `中文 | English`; raises ValueError."""
    zh, sign, en = typed.replace("｜", "|").partition("|")
    if not sign or not zh.strip() or not en.strip():
        raise ValueError(_("write both: 中文 | English"))
    return {"zh": zh.strip(), "en": en.strip()}


def until(typed: str, at: int) -> int:
    """Return a moment as agents type it; raises ValueError."""
    found = read_until(typed, at)
    if isinstance(found, Until):
        return found.at
    raise ValueError(found)


def reach(typed: str) -> dict[str, list[str]]:
    """Return whom an announcement concerns, from areas, numbers and `186123*`, with commas; raises ValueError."""
    from agentdesk.domain.numbering.numbers import Number, normalise

    found: dict[str, list[str]] = {"areas": [], "numbers": [], "segments": []}
    for part in (one.strip() for one in typed.replace("，", ",").replace("、", ",").split(",")):
        if not part:
            continue
        typed_digits = part.replace(" ", "")
        if typed_digits.endswith("*") and typed_digits[:-1].lstrip("+").isdigit():
            digits = typed_digits[:-1]
            found["segments"].append(digits if digits.startswith("+") else f"+86{digits.lstrip('0')}")
        elif typed_digits.lstrip("+").isdigit():
            read = normalise(typed_digits)
            if not isinstance(read, Number):
                raise ValueError(_("{number} is no number").format(number=safe(part, 24)))
            found["numbers"].append(read.e164)
        else:
            found["areas"].append(part)
    if not any(found.values()):
        raise ValueError(_("say whom it concerns: an area, numbers or the beginning of numbers"))
    return found


def new_announcement(page: Page) -> None:
    """Ask for an announcement and publish it."""
    desk = page.desk
    catalogue = desk.catalogue
    steps = [
        Step("title", _("title: Chinese | English"), both),
        Step("words", _("words to say: 中文 | English"), both),
        Step("reach", _("whom: areas, numbers, 186123* - with commas"), reach),
        Step("kinds", _("kinds of lines: mobile, broadband, fixed, iptv - or nothing"), kinds),
        Step("expected", _("expected until: 4h or 18:00"), lambda typed: until(typed, desk.at())),
        Step("affected", _("how many are affected, if it is known"), number),
    ]

    async def publish(found: dict[str, Any]) -> str:
        body = {name: value for name, value in found.items() if name != "reach" and value is not None}
        units = list(catalogue.departments) if catalogue else []

        def chosen(unit: str | None) -> None:
            if unit is not None:
                desk.spawn(_publish(page, {**body, **found["reach"], "department": unit}))

        def words(unit: str, _width: int) -> Row:
            from agentdesk.desk.models.work import department

            return row(department(unit, catalogue))

        desk.call_later(lambda: desk.push_screen(ChooseDialog(_("who mends it?"), units[:20], words), chosen))
        return ""

    ask_all(desk, _("new announcement"), steps, publish)


async def _publish(page: Page, body: dict[str, Any]) -> None:
    done = await deeds.publish(page.desk, {**body, "follow_up": False})
    page.say(done.problem)
    await page.desk.reload()


def kinds(typed: str) -> list[str]:
    """Return kinds of lines by their codes; raises ValueError for an unknown one."""
    from agentdesk.desk import terms

    found = optional(typed).replace("，", ",").replace(",", " ").split()
    names = {code: code for code in terms.LINES} | {terms.term(terms.LINES, code): code for code in terms.LINES}
    unknown = [one for one in found if one not in names]
    if unknown:
        raise ValueError(_("{what} is no kind of line").format(what=safe(unknown[0], 20)))
    return [names[one] for one in found]


def number(typed: str) -> int | None:
    """Return a number that may be left out; raises ValueError."""
    if not typed.strip():
        return None
    if not typed.strip().isdigit():
        raise ValueError(_("write a number, or nothing"))
    return int(typed)


__all__ = ["AnnouncementPage", "AttachDialog", "GroupPage", "labelled", "needed", "title_of"]
