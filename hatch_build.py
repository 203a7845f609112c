"""Build hook: compiles the translations and the tables of homes and of Chinese, and ships data/ inside the wheel."""

from __future__ import annotations

import runpy
import sys
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
        compile_homes(root)
        compile_chinese(root)
        if version != "editable":
            build_data["force_include"][str(root / "data")] = "agentdesk/data"


def compile_homes(root: Path) -> None:
    """Make the small table of where mainland mobiles are at home, unless it is there.

    The geocoder that knows is too large to load beside a desk; making the table of it takes some seconds, once.
    """
    table = root / "src" / "agentdesk" / "homes.bin"
    if table.exists():
        return
    sys.path.insert(0, str(root / "src"))
    try:
        from agentdesk.domain.numbering.homes import build_home_table

        table.write_bytes(build_home_table())
    finally:
        sys.path.pop(0)


def compile_chinese(root: Path) -> None:
    """Make the small table of the forms and sounds of Chinese characters, unless it is there as this version has it."""
    table = root / "src" / "agentdesk" / "chinese.bin"
    sys.path.insert(0, str(root / "src"))
    try:
        from agentdesk.domain.language.chinese import MAGIC, build_chinese

        if not table.exists() or not table.read_bytes().startswith(MAGIC):
            table.write_bytes(build_chinese())
    finally:
        sys.path.pop(0)
