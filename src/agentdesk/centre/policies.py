"""The published versions of the catalogue: kept as documents, so that sites get them like everything else."""

from __future__ import annotations

import threading
from typing import Any

from agentdesk.centre.authors import Means, author, draft, take_place
from agentdesk.centre.storage.contract import Snapshot, StorageError, Transaction
from agentdesk.centre.timetable import walk
from agentdesk.domain.documents import Change
from agentdesk.domain.policy import Catalogue

SCOPE = "catalogue"
NEWEST = "catalogue"
"""The centre's fact that names the newest version."""


def publish(
    tx: Transaction, means: Means, catalogue: Catalogue, *, only_new: bool = False, signed_off: str = ""
) -> bool:
    """Publish a version of the catalogue; False if it is the newest one already.

    A version that was published before is told again, and so becomes the newest: not if `only_new`. Who signed it off
    (`signed_off`) and when is kept with it; once an operator has signed one off, no sample takes its place.
    """
    from agentdesk.catalogue.compiled import dump

    version = catalogue.version
    take_place(tx)  # of several processes that start at once, one publishes
    newest = tx.meta(NEWEST)
    if newest == version and not signed_off:
        return False
    if only_new and (tx.documents(SCOPE, [version]) or (newest is not None and _signed(tx, newest))):
        return False
    now = means.now()
    fields: dict[str, Any] = {"version": version, "compiled": dump(catalogue), "at": now}
    said: dict[str, Any] = {"version": version, "sample": catalogue.sample}
    if signed_off:
        fields |= {"signed_off_by": signed_off, "signed_off_at": now}
        said["signed_off_by"] = signed_off
    author(tx, means, draft("catalogue.published", SCOPE, version, said), [Change(SCOPE, version, "catalogue", fields)])
    tx.set_meta(NEWEST, version)
    tx.put_job(walk(version, means.now()))  # clocks that go by the newest policy may go otherwise now
    return True


def _signed(snapshot: Snapshot, version: str) -> bool:
    return any(document.data.get("signed_off_by") for document in snapshot.documents(SCOPE, [version]))


class Policies:
    """Catalogue versions as the rules want them; each is read once, as a published version never changes."""

    def __init__(self) -> None:
        self._known: dict[str, Catalogue] = {}
        self._lock = threading.Lock()

    def get(self, tx: Snapshot, version: str) -> tuple[Catalogue, bool]:
        """Return a version, or the newest one and False where it was never published.

        An operation that names none (it was decided without) gets the newest, too.
        """
        found = self._known.get(version) if version else None
        if found is None and version:
            found = self._read(tx, version)
        if found is not None:
            return found, True
        newest = tx.meta(NEWEST)
        if newest is None:
            raise StorageError("no catalogue was published: start the centre once, or publish one")
        catalogue = self._known.get(newest) or self._read(tx, newest)
        if catalogue is None:
            raise StorageError(f"the catalogue {newest} is missing: publish it again")
        return catalogue, not version

    def _read(self, tx: Snapshot, version: str) -> Catalogue | None:
        from agentdesk.catalogue.compiled import restore

        document = next(iter(tx.documents(SCOPE, [version])), None)
        if document is None:
            return None
        catalogue: Catalogue = restore(document.data["compiled"])
        with self._lock:
            self._known[version] = catalogue
        return catalogue
