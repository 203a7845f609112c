"""The smallest parts of the policy: a text in both languages, and a named condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentdesk.domain.language.taiwan import TAIWAN, traditional


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in Chinese and in English."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """Return the text in `language` (`zh…` is Chinese, anything else English); Taiwan's is made of the Chinese."""
        if language == TAIWAN:
            return traditional(self.zh)
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Condition:
    """A named test of the caller's case with its arguments; `domain.conditions` knows the names."""

    name: str
    args: Mapping[str, object] = field(default_factory=dict)
