"""Build hook: compiles the translations, and ships data/ inside the wheel."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for the wheel and for an editable install alike."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile each `.po` into the `.mo` beside it; give a real wheel its copy of the data.

        An editable install gets no copy: its data is the repository's.
        """
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        runpy.run_path(str(root / "scripts" / "i18n.py"))["compile_stale"](root)
        if version != "editable":
            build_data["force_include"][str(root / "data")] = "agentdesk/data"
