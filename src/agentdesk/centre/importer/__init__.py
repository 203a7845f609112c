"""Customers from files of other systems: read as they are, refused line by line where they can't be."""

from __future__ import annotations
