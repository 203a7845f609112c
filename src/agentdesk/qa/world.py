"""A small world with real files: one site, the packaged catalogue, the cast's customers.

A site is made once in a process and copied for each desk: to make one takes as long as to open a desk on it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from agentdesk import _collecting
from agentdesk.catalogue import packaged
from agentdesk.catalogue.compiled import dump
from agentdesk.domain.documents import Document
from agentdesk.domain.policy import Catalogue
from agentdesk.qa.cast import REGION, documents
from agentdesk.qa.clock import HOUR, MINUTE, FrozenClock, SeededEntropy
from agentdesk.store.intake import Page, PulledDocument
from agentdesk.store.outbox import Entry
from agentdesk.store.site import Identity, Site

SITE = "s-1"


@cache
def catalogue() -> Catalogue:
    """Return the packaged catalogue, read once."""
    return packaged()


@cache
def compiled() -> str:
    """Return the packaged catalogue as the centre publishes it."""
    return dump(catalogue())


def entries(site: Site, kind: str) -> list[Entry]:
    """Return the operations of a kind with their bodies, oldest first."""
    found = [site.outbox.entry(entry.id) for entry in reversed(site.outbox.entries()) if entry.kind == kind]
    return [entry for entry in found if entry is not None]


def fill(site: Site, scope: str, found: Iterable[Document], upto: int = 10) -> None:
    """Take documents in as a pulled page does."""
    rows = tuple(PulledDocument(d.key, d) for d in found)
    site.take_page(Page(scope, "e1", upto, "h", rows))


def make_site(
    folder: Path, clock: FrozenClock, entropy: SeededEntropy, online: bool = True, key: bytes | None = None
) -> None:
    """Enrol a site in a folder and fill its replica; nobody has it open afterwards. `key` encrypts its files."""
    site = Site(folder, clock, entropy, key)
    scopes = ("catalogue", "org", f"site/{SITE}", REGION)
    site.enrol(Identity(SITE, 2, "样例网点", REGION, scopes, "http://127.0.0.1:1", "token"), "lineage-1")
    # its digest changes with every word of the policy, and would do so in every picture that names it
    version = catalogue().version.partition("+")[0]
    text = compiled().replace(catalogue().version, version)
    fill(
        site,
        "catalogue",
        [Document("catalogue", "cat-1", "catalogue", 1, {"version": version, "compiled": text})],
    )
    fill(
        site,
        "org",
        [
            Document("org", SITE, "site", 1, {"name": "职场"}),
            Document("org", "bj1024", "agent", 1, {"name": "张敏", "role": "agent"}),
            Document("org", "bj2001", "agent", 1, {"name": "后台", "role": "department_handler"}),
            *([] if key is None else COLLEAGUES),
        ],
    )
    fill(
        site,
        f"site/{SITE}",
        [
            Document(f"site/{SITE}", "lease-cost", "allowance", 1, {"kind": "cost", "amount": 200_000}),
            Document(f"site/{SITE}", "lease-credit", "allowance", 1, {"kind": "credit", "amount": 300_000}),
        ],
    )
    fill(site, REGION, documents())
    site.line.seen("live", clock.wall if online else clock.wall - HOUR, "sync", offset=0)
    if not online:
        site.line.seen("offline", clock.wall - 2 * MINUTE, "sync", problem="no answer")
    site.close()


COLLEAGUES = (
    Document("org", "bj1025", "agent", 1, {"name": "刘洋", "role": "agent"}),
    Document("org", "bj3001", "agent", 1, {"name": "赵云", "role": "team_leader"}),
)
"""Who else works at a site whose files are locked: somebody who takes a desk over, and somebody who approves."""


@cache
def _prepared(online: bool, key: bytes | None) -> tuple[tempfile.TemporaryDirectory[str], Any]:
    """Make a site that is only ever copied; return where, and how far its chance has come."""
    folder = tempfile.TemporaryDirectory(prefix="agentdesk-qa-")
    entropy = SeededEntropy()
    make_site(Path(folder.name), FrozenClock(), entropy, online, key)
    # the catalogue and all modules stay anyway: without them, to free what a desk leaves is quick
    _collecting.leave_alone()
    return folder, entropy.dice.getstate()


def copy_site(folder: Path, online: bool = True, key: bytes | None = None) -> SeededEntropy:
    """Put a fresh site into a folder; return the chance that goes on where it was made. `key` encrypts its files."""
    made, state = _prepared(online, key)
    shutil.copytree(made.name, folder, dirs_exist_ok=True)
    dice = random.Random()
    dice.setstate(state)
    return SeededEntropy(dice)
