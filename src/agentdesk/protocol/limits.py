"""What one request may hold, on both ends of the wire. Nothing heavy is imported here."""

from __future__ import annotations

PROTOCOL = 1
"""The version of the protocol that this program speaks."""

MAX_OPERATIONS = 500
"""Operations in one push."""

MAX_PUSH_BYTES = 1024 * 1024
"""Bytes of one push, after inflating."""

MAX_SMALL_BYTES = 64 * 1024
"""Bytes of any other request."""

MAX_NESTING = 32
"""How deep a body may nest objects and lists; deeper ones are held unread."""

MAX_ID = 64
"""Characters of an id: operations, sites, lineages, documents."""

PULL_ROWS = 2_000
"""Log rows of one page when a pull doesn't say."""

MAX_PULL_ROWS = 10_000
"""Log rows of one page at most."""

MAX_PULL_BYTES = 8 * 1024 * 1024
"""Bytes of documents after which a page ends early."""

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Bytes of an answer, unpacked, that a site reads: pages end long before."""

MAX_LIVE_SCOPES = 64
"""Scopes that one long-poll may name, as many as one pull."""

MAX_ITEMS = 20_000
"""Values of a body, whatever it is: a push of 500 operations has some 2,000."""

MAX_URL = 8 * 1024
"""Bytes of a request's path and query."""

MAX_HEADERS = 64
"""Header fields of a request."""

MAX_HEAD_BYTES = 16 * 1024
"""Bytes of all header fields of a request."""
