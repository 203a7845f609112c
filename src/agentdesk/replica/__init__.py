"""What a replica is made of: tables, folding and search, the same file at site and centre."""

from __future__ import annotations
