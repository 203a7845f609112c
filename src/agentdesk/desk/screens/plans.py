"""Package fit (套餐适配): the last months' use against the plans on sale; Enter orders the change."""

from __future__ import annotations

from collections.abc import Sequence

from agentdesk.desk import i18n
from agentdesk.desk.actions import hints_of
from agentdesk.desk.answers import serving
from agentdesk.desk.i18n import _
from agentdesk.desk.models import plans as model
from agentdesk.desk.models.card import line_words
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import Row, ends, row
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact
from agentdesk.domain.offering.services import PLAN_CHANGE, PLAN_MIX


class PlansPage(Page):
    """What each plan would have cost, the best first."""

    place = "plans"

    def __init__(self, contact: Contact, facts: Facts) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._view = model.plan_view(facts)

    def facts_changed(self, facts: Facts) -> None:
        """Compare anew: the line in question may be another one."""
        self._facts, self._view = facts, model.plan_view(facts)
        self.paint()

    async def load(self) -> None:
        if self._contact.facts is not None:
            self.facts_changed(self._contact.facts)

    def title_rows(self, width: int) -> Sequence[Row]:
        line = self._facts.line
        words = line_words(line, not self._facts.verified) if line else ""
        return [ends(row((_("which plan fits"), "strong")), row((words, "quiet")), width)]

    def head(self, width: int) -> Sequence[Row]:
        if self._view is None:
            return [row((_("no month of this line was billed yet: there is nothing to compare"), "quiet"))]
        return [
            *model.use_rows(self._view, width),
            *model.said_rows(self._view, width),
            model.fit_heads(width),
        ]

    def items(self, width: int) -> Sequence[Row]:
        return [model.fit_row(fit, self._view, width) for fit in self._view.fits] if self._view else ()

    def keys(self) -> Row:
        return hints_of("plans.go", "back")

    def chosen(self, index: int) -> None:
        view = self._view
        if view is None:
            return
        fit = view.fits[index]
        name = fit.plan.name.say(i18n.language())
        if index >= len(view.fits) - view.mixes:
            voice, _plus, data = fit.plan.code.partition("+")
            known = {"voice": voice, "data": data}
            self.say(serving.order(self.desk, self._contact, self._facts, PLAN_MIX, known, name))
        elif view.present is not None and fit.plan.code == view.present.code:
            self.say(_("this is the present plan"))
        else:
            known = {"plan": fit.plan.code}
            self.say(serving.order(self.desk, self._contact, self._facts, PLAN_CHANGE, known, name))
