"""Why the centre gives a request no answer of its kind."""

from __future__ import annotations

from agentdesk.protocol.errors import ErrorCode


class Rejected(Exception):
    """A request that gets no answer of its kind; `expect` and `last_hash` say where the centre's chain stands.

    `retry_after_ms` is when to come again, `server_time` what time it is here.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        expect: int | None = None,
        last_hash: str | None = None,
        retry_after_ms: int | None = None,
        server_time: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.expect = expect
        self.last_hash = last_hash
        self.retry_after_ms = retry_after_ms
        self.server_time = server_time
