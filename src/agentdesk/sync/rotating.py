"""A site's next key: made and kept here before it is named to anybody, and used from when the centre has taken it on.

Whatever ends in between leaves the site with what it has: the centre takes that until the next was used once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.sync.signing import Credentials, SiteAuth, credentials_of
from agentdesk.trust.signatures import prove, public_key

if TYPE_CHECKING:
    from agentdesk.store.site import Site
    from agentdesk.sync.client import CentreClient


def rotate(site: Site, client: CentreClient, code: str = "") -> str:
    """Get a new key and a new token for a site; raises RequestFailed and StoreError.

    Returns the key for which the site's own may be sealed, where a person says so (`sync.recovery`).

    By a code of the centre's (for this site) also where what it has is good for nothing any more.
    """
    me = site.identity
    key = site.next_key()
    # who has no key yet, or none that is good, signs with the next one
    signed_with = Credentials("", key) if code else Credentials(me.token, me.key or key)
    answer = client.rotate(signed_with, public_key(key), prove(key, me.site), me.site, code)
    site.take_key(answer.token, key)
    return answer.recovery


def renew(site: Site, auth: SiteAuth, client: CentreClient) -> bool:
    """Look for other credentials than those that were refused; False where there are none.

    Another process of the site may have rotated them. One that was enrolled before sites had keys gets its first.
    """
    from agentdesk.sync.client import RequestFailed

    site.look_again()
    if not site.identity.key:
        try:
            rotate(site, client)
        except RequestFailed:
            return False
    found = credentials_of(site.identity)
    if found == auth.credentials:
        return False
    auth.credentials = found
    return True
