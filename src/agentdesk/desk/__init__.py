"""The Textual application: screens, widgets, styles and the keymap."""

from __future__ import annotations
