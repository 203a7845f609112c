"""Where the centre keeps what it knows: what it needs of a database, and the drivers."""

from __future__ import annotations
