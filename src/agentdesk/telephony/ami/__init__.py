"""Asterisk over its manager interface (AMI): the line protocol, what its events mean, and the source."""

from __future__ import annotations
