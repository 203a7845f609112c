"""What goes over the wire between a site and the centre."""

from __future__ import annotations
