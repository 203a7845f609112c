"""Names of channels and interfaces, such as `PJSIP/8001-0000002a` and `Local/8001@agents/n`; pure."""

from __future__ import annotations

import re

_INSTANCE = re.compile(r"-[0-9a-fA-F]+(;[12])?$")
_OPTIONS = re.compile(r"(?<=@)([^/]*)/[a-z]+$")


def device(channel_or_interface: str) -> str:
    """What both a channel and the interface it belongs to are called: `Local/8001@agents`, in lower case."""
    name = _INSTANCE.sub("", channel_or_interface.strip())
    return _OPTIONS.sub(r"\1", name).lower()


def extension(channel_or_interface: str) -> str:
    """The extension in a name: `8001`; the whole name when it has no technology before it."""
    name = _OPTIONS.sub(r"\1", _INSTANCE.sub("", channel_or_interface.strip()))
    return name.rpartition("/")[2].partition("@")[0] or name
