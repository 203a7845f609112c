"""The steps, one file each: `TABLES` are its statements in the words of SQLite."""

from __future__ import annotations
