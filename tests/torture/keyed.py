"""Sites whose files are encrypted with a key of the test, enrolled and opened without a command's ways to find one."""

from __future__ import annotations

import secrets
from hashlib import sha256
from pathlib import Path

from agentdesk.cli.machine import MachineClock
from agentdesk.store.site import Identity, Site
from agentdesk.sync.client import CentreClient
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import KEY_BYTES


def opened(folder: Path) -> Site:
    """Open a site's folder; its key is made of the folder's name."""
    return Site(folder, MachineClock(), secrets, sha256(f"data key of {folder.name}".encode()).digest())


def enrol(folder: Path, url: str, code: str) -> None:
    """Make a folder a site's, encrypted from its first byte on."""
    site, key = opened(folder), secrets.token_bytes(KEY_BYTES)
    auth = SiteAuth(Credentials("", key), site.clock.wall_ms)
    client = CentreClient(url, auth, site.clock)
    try:
        lineage = site.new_id()
        answer = client.enrol(code, folder.name, folder.name, lineage)
        identity = Identity(
            site=answer.site,
            number=answer.number,
            name=answer.name,
            region=f"region/{answer.region.removeprefix('region/')}",
            scopes=tuple(answer.scopes),
            url=url,
            token=answer.token,
            key=key,
        )
        site.enrol(identity, lineage, auth.lead_ms)
    finally:
        client.close()
        site.close()


def is_encrypted(folder: Path) -> bool:
    """Tell whether no database in a folder begins as a plain one does."""
    return all(path.read_bytes()[:6] not in (b"", b"SQLite") for path in folder.glob("*.db"))
