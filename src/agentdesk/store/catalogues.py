"""The versions of the catalogue that a site knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.store.view import View

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

SCOPE = "catalogue"


class Catalogues:
    """Catalogues by version, each read once; which one is newest is looked up again when its scope has moved."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, Catalogue] = {}
        self._newest: tuple[str | None, str] | None = None

    def get(self, version: str = "") -> Catalogue:
        """Return a version as the centre published it; the newest one where it isn't here, or none is named."""
        known = self._known.get(version)
        if known is not None:
            return known
        cursor = self._view.cursors().get(SCOPE)
        newest = self.newest(f"{cursor[0]}:{cursor[1]}" if cursor else None)
        if not version or version == newest.version:
            return newest
        named = self._view.document(SCOPE, version)
        documents = (named,) if named else self._view.of_type(SCOPE, "catalogue")
        chosen = next((d for d in documents if d.data["version"] == version), None)
        if chosen is None:
            return newest
        self._known[version] = _restored(chosen)
        return self._known[version]

    def signed_off(self, version: str) -> dict[str, Any]:
        """Return who signed a version off and when, as `signed_off_by` and `signed_off_at`; empty where nobody did."""
        document = self._view.document(SCOPE, version)
        if document is None or not document.data.get("signed_off_by"):
            return {}
        return {name: document.data.get(name) for name in ("signed_off_by", "signed_off_at")}

    def newest(self, cursor: str | None) -> Catalogue:
        """Return the newest version; `cursor` says how far its scope has been taken in, as `epoch:seq`."""
        if self._newest is not None and self._newest[0] == cursor:
            return self._known[self._newest[1]]
        document = self._view.newest(SCOPE, "catalogue")
        if document is None:
            from agentdesk.catalogue import packaged  # reads files with pydantic: only before the first sync

            catalogue = packaged()
        else:
            version = document.data["version"]
            catalogue = self._known.get(version) or _restored(document)
        self._known[catalogue.version] = catalogue
        self._newest = (cursor, catalogue.version)
        return catalogue


def _restored(document: Document) -> Catalogue:
    from agentdesk.catalogue.compiled import restore  # the policy's many types are made after the first frame

    return restore(document.data["compiled"])
