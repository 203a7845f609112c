"""The policy data: load it, check it, and give it a version.

`files.load` and `check.check` read the TOML files; `compiled` is the one text that is published and restored, and
the only part that the desk needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


def packaged() -> Catalogue:
    """Return the sample catalogue that comes with the program; raises CatalogueError as `files.load` does."""
    from agentdesk._resources import data_root
    from agentdesk.catalogue.files import load

    return load(data_root() / "catalogue")
