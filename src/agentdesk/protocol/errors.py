"""The codes of errors, each with its HTTP status and what a site does about it."""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a request got no 2xx answer."""

    UNAUTHORISED = "unauthorised"
    """401: no or another token; the queue waits, nothing is lost."""
    STALE = "stale"
    """401: signed at another time than the centre's, or it came before; sign it again by the time that is told."""
    BAD_CODE = "bad_code"
    """403: the enrolment code is unknown, used up or too old."""
    REVOKED = "revoked"
    """403: the site was closed; the queue waits for a person."""
    SIGN_IN = "sign_in"
    """403: agent and password don't fit, or it is too soon for another try (`retry_after_ms`); nothing says which."""
    NOT_ALLOWED = "not_allowed"
    """403: who has proved who he is may not do this."""
    BAD_PASSWORD = "bad_password"
    """422: a new password or PIN can't be one; the message says why."""
    NOT_FOUND = "not_found"
    """404."""
    METHOD = "method_not_allowed"
    """405."""
    TIMEOUT = "timeout"
    """408: the request came too slowly; send it again."""
    GAP = "gap"
    """409: operations before `after_seq` are missing here; send from `expect` on."""
    FORKED = "stream_forked"
    """409: the centre has another operation at the same place; the site starts a new lineage."""
    TOO_LARGE = "too_large"
    """413: send fewer operations at a time (`limits`)."""
    URL = "url_too_long"
    """414: the path and its query are longer than any that is known here."""
    MEDIA = "unsupported_encoding"
    """415: only plain and gzip bodies are read."""
    HOST = "unknown_host"
    """421: the request is for a host that this centre isn't."""
    MALFORMED = "malformed"
    """422: the request is not of this protocol."""
    UPGRADE = "upgrade"
    """426: the protocol's version is not spoken here."""
    BUSY = "busy"
    """429: too many requests, or more waits than can be written; come again after `retry_after_ms`, each site's own."""
    HEAD = "head_too_large"
    """431: the request has more header fields, or longer ones, than are read here."""
    UNAVAILABLE = "unavailable"
    """503: the database can't be written just now, nothing was taken; come again after `retry_after` seconds."""
    INTERNAL = "internal"
    """500: a fault of the centre; come again later, with fewer operations at a time."""


STATUS: dict[ErrorCode, int] = {
    ErrorCode.UNAUTHORISED: 401,
    ErrorCode.STALE: 401,
    ErrorCode.BAD_CODE: 403,
    ErrorCode.REVOKED: 403,
    ErrorCode.SIGN_IN: 403,
    ErrorCode.NOT_ALLOWED: 403,
    ErrorCode.BAD_PASSWORD: 422,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD: 405,
    ErrorCode.TIMEOUT: 408,
    ErrorCode.GAP: 409,
    ErrorCode.FORKED: 409,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.URL: 414,
    ErrorCode.MEDIA: 415,
    ErrorCode.HOST: 421,
    ErrorCode.MALFORMED: 422,
    ErrorCode.UPGRADE: 426,
    ErrorCode.BUSY: 429,
    ErrorCode.HEAD: 431,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}
