"""The language of the screen: English in the code, every other from a catalogue (gettext), looked up when shown.

One desk speaks one language, so it is the process's. Texts that stand in tables are marked by `N_` and translated
by `_` when they are shown.
"""

from __future__ import annotations

import gettext as _gettext
from functools import lru_cache

from agentdesk._resources import locale_root, taiwan_table
from agentdesk.domain.language import taiwan

LANGUAGES = ("zh-CN", "zh-TW", "en")
"""The languages that are complete."""

_language = "en"
_translations: _gettext.NullTranslations = _gettext.NullTranslations()


def use(language: str) -> None:
    """Speak a language from now on: `zh-CN`, `zh-TW`, `en`; one without a catalogue is English."""
    global _language, _translations  # noqa: PLW0603 - the one place that holds the language
    if language == taiwan.TAIWAN:
        taiwan.read_with(taiwan_table().read_bytes)
    _language = language
    _translations = _load(language.replace("-", "_"))


@lru_cache(maxsize=8)
def _load(name: str) -> _gettext.NullTranslations:
    names = {"zh": ["zh_CN"], "zh_TW": ["zh_TW", "zh_CN"]}.get(name, [name])
    return _gettext.translation("agentdesk", locale_root(), names, fallback=True)


def language() -> str:
    """Return the language in use, such as `zh-CN`."""
    return _language


def chinese() -> bool:
    """Tell whether the language in use is a Chinese one."""
    return _language.startswith("zh")


def _(message: str) -> str:
    """Return a text of the code in the language in use."""
    return _translations.gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of a text that fits a number, in the language in use."""
    return _translations.ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return a text that means several things, as it is meant in a context."""
    return _translations.pgettext(context, message)


def N_(message: str) -> str:
    """Mark a text of a table for translation, and return it as it is."""
    return message
