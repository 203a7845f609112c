"""The PostgreSQL driver: any number of processes over one database, held apart by the row locks of the contract."""

from __future__ import annotations
