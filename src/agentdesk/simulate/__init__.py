"""Sites, desks and centre in one process and in virtual time, with faults from a seed: what sync promises, checked."""

from __future__ import annotations
