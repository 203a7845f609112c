"""The centre: takes operations, rules them, keeps them, and hands out what changed.

These are the doors to it; each is opened only when somebody goes through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentdesk.centre.authors import Means as Means
    from agentdesk.centre.authors import dismiss_agent as dismiss_agent
    from agentdesk.centre.authors import set_agents as set_agents
    from agentdesk.centre.budgets import set_budget as set_budget
    from agentdesk.centre.enrol import create_code as create_code
    from agentdesk.centre.enrol import revoke as revoke
    from agentdesk.centre.importer.customers import import_customers as import_customers
    from agentdesk.centre.loading import bulk_load as bulk_load
    from agentdesk.centre.policies import publish as publish
    from agentdesk.centre.server import create_app as create_app
    from agentdesk.centre.service import Centre as Centre
    from agentdesk.centre.serving import serve as serve
    from agentdesk.centre.storage.opening import open_database as open_database

_DOORS = {
    "Centre": "service",
    "Means": "authors",
    "bulk_load": "loading",
    "create_app": "server",
    "create_code": "enrol",
    "dismiss_agent": "authors",
    "import_customers": "importer.customers",
    "open_database": "storage.opening",
    "publish": "policies",
    "revoke": "enrol",
    "serve": "serving",
    "set_agents": "authors",
    "set_budget": "budgets",
}


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_DOORS[name]}"), name)
