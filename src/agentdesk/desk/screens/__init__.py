"""Screens and dialogs: they put widgets together and send what the agent means to the flow of the call."""

from __future__ import annotations
