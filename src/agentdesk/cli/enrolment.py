"""Making a folder the files of a site: the centre gives identity and token for a one-time code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError
from agentdesk.cli.machine import MachineClock, MachineEntropy

if TYPE_CHECKING:
    from agentdesk.store.site import Site

LONGEST_CODE = 64


def enrol(
    folder: Path,
    url: str,
    code: str,
    name: str,
    machine: str,
    ca: Path | None = None,
    make_key: Callable[[], bytes] | None = None,
) -> Site:
    """Enrol a folder and return its site, open; raises CommandError or StoreError, and leaves no half site.

    `make_key` makes the key of its files from their first byte on (`cli.keying.new_key`); it is called once what was
    given may be right.

    The folder is opened before the centre is asked, so that a code isn't spent on one that can't be written. `ca` is
    the file with the authority that signs the centre's certificate: what is in it goes into the site's own files.
    """
    from agentdesk.trust.addresses import BadAddress, check_address

    try:
        check_address(url)
    except BadAddress as bad:
        raise CommandError(str(bad)) from None
    if not 4 <= len(code) <= LONGEST_CODE:
        raise CommandError(f"{code!r} is no enrolment code: the operator of the centre makes one, like 7K3M-9QXA-52TD")
    from agentdesk.domain.language.text import clean
    from agentdesk.store.site import Identity, Site
    from agentdesk.sync.client import CentreClient, RequestFailed
    from agentdesk.sync.connecting import BadAuthority, authority
    from agentdesk.sync.recovery import seal_for_centre
    from agentdesk.sync.signing import Credentials, SiteAuth
    from agentdesk.trust.signatures import KEY_BYTES

    try:
        trusted = authority(ca) if ca is not None else ""
    except BadAuthority as bad:
        raise CommandError(str(bad)) from None
    clock, entropy = MachineClock(), MachineEntropy()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_key = make_key() if make_key is not None else None
    site = Site(folder, clock, entropy, data_key)
    try:
        if site.enrolled():
            raise CommandError(f"{folder} is enrolled already; use another folder for another site")
        key = entropy.token_bytes(KEY_BYTES)
        auth = SiteAuth(Credentials("", key), clock.wall_ms)
        client = CentreClient(url, auth, clock, ca=trusted)
        try:
            lineage = site.new_id()
            answer = client.enrol(code, clean(name, 80), machine, lineage)
        except RequestFailed as failed:
            raise CommandError(f"not enrolled: {failed}") from None
        finally:
            client.close()
        identity = Identity(
            site=answer.site,
            number=answer.number,
            name=answer.name,
            region=answer.region if answer.region.startswith("region/") else f"region/{answer.region}",
            scopes=tuple(answer.scopes),
            url=url,
            token=answer.token,
            key=key,
            ca=trusted,
        )
        site.enrol(identity, lineage, auth.lead_ms)
        seal_for_centre(folder, data_key, answer.recovery)
    except BaseException:
        site.close()
        raise
    return site
