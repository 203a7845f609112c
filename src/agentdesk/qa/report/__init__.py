"""One page of HTML about the last run: scenarios, their steps, pictures beside the accepted ones, what changed."""

from __future__ import annotations

from agentdesk.qa.report.render import page
from agentdesk.qa.results import FOLDER, BadResult, load

__all__ = ["FOLDER", "BadResult", "load", "page"]
