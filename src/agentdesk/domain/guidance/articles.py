"""Question flows and scripts as they are looked for: by any words in them, by the sounds of their names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from agentdesk.domain.guidance.knowledge import Flow, Script

if TYPE_CHECKING:
    from agentdesk.domain.language.chinese import Chinese
    from agentdesk.domain.language.phrases import Bilingual

Article = Flow | Script


@dataclass(frozen=True, slots=True)
class Shelved:
    """An article with what it is found by, folded: its names, how they are typed in letters, all that it says."""

    article: Article
    names: str
    spoken: tuple[str, ...]
    words: str


class Shelf:
    """The articles of one version of the policy; made once for it."""

    def __init__(self, flows: Mapping[str, Flow], scripts: Mapping[str, Script], chinese: Chinese) -> None:
        self._chinese = chinese
        articles: list[Article] = [*flows.values(), *scripts.values()]
        self._articles = [_shelved(article, chinese) for article in articles]
        self._keys = sorted((key, place) for place, one in enumerate(self._articles) for key in one.spoken)

    def find(self, typed: str, most: int) -> tuple[Article, ...]:
        """Return the articles that have all typed words: in their names first, then by sound, then anywhere."""
        runs = self._chinese.fold(typed).split()
        letters = "".join(runs)
        if not runs or (len(letters) == 1 and letters.isascii()):
            return ()
        said = self._articles
        for run in runs:
            said = [one for one in said if run in one.words]
        named = [one for one in said if all(run in one.names for run in runs)]
        found = [*named, *(self._spoken(letters) if letters.isascii() else ()), *said]
        return tuple({one.article.code: one.article for one in found}.values())[:most]

    def _spoken(self, letters: str) -> list[Shelved]:
        """Return the articles with a name whose sounds begin with some letters."""
        first = bisect_left(self._keys, (letters,))
        keys = takewhile(lambda key: key[0].startswith(letters), self._keys[first:])
        return [self._articles[place] for _, place in keys]


def _shelved(article: Article, chinese: Chinese) -> Shelved:
    synonyms = article.synonyms if isinstance(article, Flow) else ()
    names = (article.code, article.name.zh, article.name.en, *synonyms)
    spoken = tuple(key for name in (article.name.zh, *synonyms) for key in chinese.spoken(chinese.fold(name)))
    words = "\n".join(text for part in _parts(article) for text in (part.zh, part.en))
    folded = "\n".join(" ".join(chinese.fold(name).split()) for name in names)
    old_name = article.old_name if isinstance(article, Flow) else ""
    return Shelved(article, folded, spoken, " ".join(chinese.fold(f"{folded}\n{old_name}\n{words}").split()))


def _parts(article: Article) -> Iterator[Bilingual]:
    if isinstance(article, Script):
        yield from (article.when, *article.lines, article.avoid)
        if article.offline is not None:
            yield article.offline
        return
    for step in article.steps.values():
        yield step.ask
        if step.hint is not None:
            yield step.hint
        yield from (answer.says for answer in step.answers)
    for end in article.ends.values():
        yield end.tell
