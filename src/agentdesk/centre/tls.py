"""The centre's certificate: read before anything is served, and again when it was renewed."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("agentdesk.centre")


class BadCertificate(Exception):
    """A certificate or its key can't be used; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of a certificate with all that lead to its authority, and of its key (PEM)."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Raise BadCertificate unless the two can be served."""
        for path in (self.certificate, self.key):
            try:
                path.read_bytes()
            except OSError as error:
                raise BadCertificate(f"can't read {path} ({error.strerror}): give --tls-cert and --tls-key") from None
        if self.key.stat().st_mode & 0o077:
            log.warning("others may read the certificate's key", extra={"file": str(self.key)})
        self.into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))

    def into(self, context: ssl.SSLContext) -> None:
        """Have connections that begin from now on use what is in the files; raises BadCertificate."""
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # an empty password, so that nobody is asked for one at a terminal that may not be there
            context.load_cert_chain(self.certificate, self.key, password="")
        except (ssl.SSLError, OSError, ValueError) as error:
            why = getattr(error, "reason", None) or str(error)
            raise BadCertificate(
                f"{self.certificate} and {self.key} can't be served ({why}): "
                "give a certificate and its own key, PEM, without a password"
            ) from None

    def renew(self, context: ssl.SSLContext) -> None:
        """Use what is in the files now; what can't be used is said, and what there was goes on."""
        try:
            self.check()
            self.into(context)
        except BadCertificate as bad:
            log.error("the certificate stays as it was", extra={"why": str(bad)})
        else:
            log.info("certificate read again", extra={"file": str(self.certificate)})
