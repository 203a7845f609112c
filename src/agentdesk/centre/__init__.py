"""The server: routes, storage, jobs and reports."""

from __future__ import annotations
