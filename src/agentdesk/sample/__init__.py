"""The generator of the sample world: the same seed makes the same customers."""

from __future__ import annotations
