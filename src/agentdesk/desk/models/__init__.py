"""What the screens show, as plain frozen values: built from documents, catalogue, instant and language; no Textual."""

from __future__ import annotations
