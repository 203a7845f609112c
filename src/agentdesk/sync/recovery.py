"""Sealing a site's data key for its centre, so that the centre can open the vault when nobody at the site can.

It is done at enrolment, and again whenever the centre turns out to have another key than the one sealed for: one that
lost its secret can't open what was sealed before. Nothing but the line says that it is the centre who asks for that,
so it is done by itself on a line with a certificate only, and elsewhere when a person says so (`site rotate`).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.store.errors import StoreError

if TYPE_CHECKING:
    from agentdesk.store.site import Site


def seal_for_centre(folder: Path, data_key: bytes | None, recovery: str) -> bool:
    """Seal a folder's data key for the centre's public key (base64url), unless that was done; tells whether it was now.

    Where there is no vault or no such key nothing is done. Raises StoreError.
    """
    from agentdesk.trust.vault import Vault, VaultError, WrongKey

    if data_key is None or not recovery:
        return False
    try:
        vault = Vault.read(folder)
        public = urlsafe_b64decode(recovery + "=" * (-len(recovery) % 4))
        return vault is not None and vault.admit_centre(data_key, public)
    except (VaultError, WrongKey, ValueError) as error:
        raise StoreError(f"the vault isn't sealed for the centre: {error}") from error


def seal_again(site: Site, recovery: str) -> bool:
    """Seal an open site's data key for the key that its centre has now; raises StoreError."""
    return seal_for_centre(site.files.folder, site.files.key, recovery)
