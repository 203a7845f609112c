"""The tables of the centre as numbered migrations, the same list for SQLite and PostgreSQL.

What was released is never edited, only added to: one file in `versions` for each step, named after its revision.
Keys begin with a scope, site or lineage column, so that the same tables can be spread over several machines.
"""

from __future__ import annotations
