"""What each agent has as he likes it: settings that are kept, the keymap's file, macros, and the bell."""

from __future__ import annotations
