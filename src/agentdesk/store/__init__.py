"""A site's files: the outbox, the overlay of pending operations, and the view over both."""

from __future__ import annotations
