"""The desk's own two themes: blocks of background instead of borders, one accent, red only for what is late or lost."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="desk-dark",
    primary="#67c7b4",
    secondary="#67c7b4",
    accent="#67c7b4",
    foreground="#d3d9de",
    background="#11161b",
    surface="#171d23",
    panel="#1f272f",
    boost="#27313a",
    success="#7fc08a",
    warning="#dcb567",
    error="#f0766b",
    dark=True,
    variables={
        "quiet": "#7d8993",
        "strong": "#f2f5f7",
        "say": "#ffffff",
        "selected": "#26343b",
        "diamond": "#d9ecff",
        "on-diamond": "#0c2a45",
        "vip": "#d8b25a",
        "on-vip": "#2a2005",
        "ordinary": "#3a454e",
        "on-ordinary": "#c9d2d9",
        "mark": "#e8c77d",
        "input-cursor-background": "#67c7b4",
        "input-cursor-foreground": "#11161b",
        "input-selection-background": "#67c7b4 40%",
    },
)

LIGHT = Theme(
    name="desk-light",
    primary="#0f766a",
    secondary="#0f766a",
    accent="#0f766a",
    foreground="#2b333a",
    background="#f5f6f4",
    surface="#eceeeb",
    panel="#e1e5e2",
    boost="#d6dcd9",
    success="#2d7a40",
    warning="#8f6309",
    error="#c2281d",
    dark=False,
    variables={
        "quiet": "#6c7780",
        "strong": "#0c1216",
        "say": "#000000",
        "selected": "#d3e4df",
        "diamond": "#12365a",
        "on-diamond": "#ffffff",
        "vip": "#9a7310",
        "on-vip": "#ffffff",
        "ordinary": "#c6cfcb",
        "on-ordinary": "#2b333a",
        "mark": "#8f6309",
        "input-cursor-background": "#0f766a",
        "input-cursor-foreground": "#ffffff",
        "input-selection-background": "#0f766a 30%",
    },
)

THEMES = {"dark": DARK, "light": LIGHT}
