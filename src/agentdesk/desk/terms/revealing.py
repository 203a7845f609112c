"""Words of what is unmasked by hand: why, and which fields."""

from __future__ import annotations

from agentdesk.desk.i18n import N_

WHY = {
    "asked": N_("the caller asks for it"),
    "ring_back": N_("to ring back"),
    "compare": N_("to compare it with what he says"),
    "engineer": N_("an engineer needs it"),
    "superior": N_("a superior asked for it"),
}
FIELDS = {
    "name": N_("name"),
    "numbers": N_("numbers"),
    "people": N_("people"),
    "address": N_("address"),
}
