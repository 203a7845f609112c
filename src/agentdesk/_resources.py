"""Where the files that are not code lie: in an installed wheel beside the code, in a checkout at its top."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_root() -> Path:
    """The folder of catalogue and knowledge base (TOML, Markdown).

    A wheel carries it as `agentdesk/data`; an editable install reads the repository's `data/`.
    """
    packaged = _PACKAGE / "data"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "data"


def locale_root() -> Path:
    """The folder of compiled translations, as gettext wants it: `<lang>/LC_MESSAGES/agentdesk.mo`."""
    return _PACKAGE / "locale"


def home_table() -> Path:
    """The table of where mainland mobiles are at home (归属地), made when the package is built."""
    return _PACKAGE / "homes.bin"


def chinese_table() -> Path:
    """The table of the forms and sounds of Chinese characters, made when the package is built."""
    return _PACKAGE / "chinese.bin"


def taiwan_table() -> Path:
    """The table of the policy's texts as they are said in Taiwan, made when the package is built."""
    return _PACKAGE / "taiwan.bin"
