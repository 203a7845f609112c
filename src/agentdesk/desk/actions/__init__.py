"""The registry of actions: id, key, help, and where each one works; bindings, footer, help and palette come from it."""

from __future__ import annotations

from agentdesk.desk.actions import keymap
from agentdesk.desk.actions.action import AFTER, ALWAYS, CALL, CONTACT, IDLE, MACRO, RINGING, TALKING, Action, bindings
from agentdesk.desk.actions.footer import footer, hint_of, hints_of, key, key_name, plain_key
from agentdesk.desk.actions.of_desk import ANYWHERE, DESK, FOOT, GROUPS
from agentdesk.desk.actions.places import PLACES, Place, all_actions, bindings_of, place_of

__all__ = [
    "AFTER",
    "ALWAYS",
    "ANYWHERE",
    "CALL",
    "CONTACT",
    "DESK",
    "FOOT",
    "GROUPS",
    "IDLE",
    "MACRO",
    "PLACES",
    "RINGING",
    "TALKING",
    "Action",
    "Place",
    "all_actions",
    "bindings",
    "bindings_of",
    "footer",
    "hint_of",
    "hints_of",
    "key",
    "key_name",
    "keymap",
    "place_of",
    "plain_key",
]
