"""Pictures as pytest-textual-snapshot keeps them: one SVG file each, accepted by `--snapshot-update`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from agentdesk.qa import pictures
from agentdesk.qa.pictures import Compared


class Pictures(SVGImageExtension):  # type: ignore[misc] # the plugin ships no types
    """A file for each picture of a test: `test_it.svg`, and `test_it.NAME.svg` for those that have names."""

    # the plugin says it by the name that syrupy knew before its version 5
    file_extension = "svg"

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """Return a file's name without its ending."""
        name: str = super().get_snapshot_name(test_location=test_location)
        return f"{name}.{index}" if isinstance(index, str) else name


def compare(snapshot: SnapshotAssertion, name: str, drawn: str, accepting: bool) -> Compared:
    """Compare a picture with the accepted one of a test; a name tells several of one test apart."""
    kept = snapshot.use_extension(Pictures)
    at = Pictures.get_location(test_location=kept.test_location, index=name or 0)
    found = pictures.compare(name or kept.test_location.snapshot_name, Path(at), drawn, accept=False)
    same = (kept(name=name) if name else kept) == drawn
    return replace(found, accepted=accepting and bool(same))
