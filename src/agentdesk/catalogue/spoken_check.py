"""The check of texts: words to say with their blanks, in both languages, and none that is another's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from agentdesk.catalogue.entries import Entries, Entry
from agentdesk.catalogue.order import listed
from agentdesk.catalogue.schema import Both, Model, Six
from agentdesk.catalogue.sources import Problem
from agentdesk.domain.language.words import BLANKS, WordsError, blanks

LANGUAGES = ("zh", "en")
AGENT = "agent"
"""A blank of scripts only: the number of the agent who speaks."""

LIKE = 0.75
"""From this share of common parts on, two texts are one with another noun."""

_SHORT = 14
"""Below so many characters texts of one kind may well be alike: `已经好了`."""

_FIGURES = frozenset({"time_limit", "law"})
"""Texts that say a figure or a rule, which several may share."""

_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
_NAME_AT_MOST = 16

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an entry, and the key that it stands at; `spoken` ones have blanks and must be nobody else's."""

    entry: Entry[Model]
    key: Key
    both: Both
    spoken: bool

    @property
    def name(self) -> str:
        return ".".join(map(str, self.key))


def texts_of(entries: Entries) -> Iterator[Text]:
    """Yield all texts of templates, remedies, services, flows and scripts."""
    for template in entries.templates:
        yield from _texts(template, ("name", "note"), ("ask", "tell"))
        for have in Six.model_fields:
            yield Text(template, ("six", have), getattr(template.model.six, have), False)
        for said in (template.model.offline.ask, template.model.offline.tell):
            if said is not None:
                name = "ask" if said is template.model.offline.ask else "tell"
                yield Text(template, ("offline", name), said, True)
    for remedy in entries.remedies:
        yield from _texts(remedy, ("name", "note", "evidence"), ("tell",))
    for service in entries.services:
        yield from _texts(service, ("name", "note", "fee_note", "law"), ("confirm", "done", "later"))
    for script in entries.scripts:
        yield from _texts(script, ("name", "when", "avoid"), ("offline",))
        for place, line in enumerate(script.model.lines):
            yield Text(script, ("lines", place), line, True)
    for flow in entries.flows:
        yield from _texts(flow, ("name",), ())
        for place, step in enumerate(flow.model.step):
            yield Text(flow, ("step", place, "ask"), step.ask, False)
            if step.hint is not None:
                yield Text(flow, ("step", place, "hint"), step.hint, False)
        for place, end in enumerate(flow.model.end):
            yield Text(flow, ("end", place, "tell"), end.tell, True)


def _texts(entry: Entry[Model], written: Iterable[str], spoken: Iterable[str]) -> Iterator[Text]:
    for is_spoken, names in ((False, written), (True, spoken)):
        for name in names:
            both = getattr(entry.model, name)
            if both is not None:
                yield Text(entry, (name,), both, is_spoken)


ELSEWHERE = BLANKS.keys() - {"also"}
"""What words may have that belong to no promise: only a promise has a second deadline."""


def spoken(entry: Entry[Model], key: Key, text: Both, known: Iterable[str] = ELSEWHERE) -> Iterator[Problem]:
    """Yield what is wrong with the blanks of words to say: each is known, and stands in both languages."""
    name = ".".join(map(str, key))
    found: dict[str, frozenset[str]] = {}
    for language in LANGUAGES:
        try:
            found[language] = blanks(text.say(language))
        except WordsError as error:
            yield entry.problem(f"`{name}.{language}`: {error}", *key, language)
            return
        for blank in sorted(found[language] - set(known)):
            message = f"`{name}.{language}` has an unknown blank {{{blank}}}: use one of {listed(known)}"
            yield entry.problem(message, *key, language)
    for blank in sorted(found["zh"] ^ found["en"]):
        message = f"`{name}` has {{{blank}}} in one language only: say the same in both"
        yield entry.problem(message, *key, "en" if blank in found["zh"] else "zh")


def examine_texts(entries: Entries) -> Iterator[Problem]:
    """Yield texts that aren't translated, that stand twice, or that are another one's with a changed noun."""
    texts = list(texts_of(entries))
    yield from chain.from_iterable(map(_translated, texts))
    yield from _unique(texts)
    yield from _alike(texts)


def _translated(text: Text) -> Iterator[Problem]:
    zh, en = text.both.zh, text.both.en
    if not _HAN.search(zh) and _LATIN.search(zh) and not (zh == en and len(zh) <= _NAME_AT_MOST):
        yield text.entry.problem(f"`{text.name}.zh` is not translated: write it in Chinese", *text.key, "zh")


def _unique(texts: Iterable[Text]) -> Iterator[Problem]:
    """Yield spoken words, names and notes that stand twice; templates have a check of their own for that."""
    first: dict[tuple[str, str, str], Text] = {}
    for text in texts:
        one_of_a_kind = text.spoken or text.key in (("name",), ("note",), ("evidence",), ("when",))
        if text.entry.table == "template" or not one_of_a_kind:
            continue
        for language in LANGUAGES:
            words = "".join(text.both.say(language).split())
            kind = text.entry.table if not text.spoken else "spoken"
            other = first.setdefault((kind, "" if text.spoken else str(text.key[0]), f"{language}{words}"), text)
            if other is not text:
                message = (
                    f"`{text.name}.{language}` is word for word `{other.name}` of {other.entry.key} "
                    f"in {other.entry.place}: say what differs"
                )
                yield text.entry.problem(message, *text.key, language)


def _alike(texts: Iterable[Text]) -> Iterator[Problem]:
    """Yield Chinese texts of one sort that share nearly all their pairs of characters with an earlier one."""
    sorts: dict[tuple[str, str], list[tuple[Text, frozenset[str]]]] = {}
    for text in texts:
        words = "".join(text.both.zh.split())
        if len(words) >= _SHORT and text.key[-1] not in _FIGURES:
            kind = (text.entry.table, str(text.key[-1]) if text.key[0] != "lines" else "lines")
            sorts.setdefault(kind, []).append((text, frozenset(map("".join, pairwise(words)))))
    for group in sorts.values():
        yield from _alike_in(group)


def _alike_in(group: list[tuple[Text, frozenset[str]]]) -> Iterator[Problem]:
    # a text can only be like one with which it shares some of its rarest pairs, so that few are compared
    count: dict[str, int] = {}
    for _, pairs in group:
        for pair in pairs:
            count[pair] = count.get(pair, 0) + 1
    seen: dict[str, list[int]] = {}
    for number, (text, pairs) in enumerate(group):
        rare = sorted(pairs, key=lambda pair: (count[pair], pair))[: max(3, int(len(pairs) * (1 - LIKE)) + 1)]
        near = sorted({other for pair in rare for other in seen.get(pair, ())})
        for other in near:
            if group[other][0].entry is text.entry:
                continue
            share = len(pairs & group[other][1]) / len(pairs | group[other][1])
            if share >= LIKE:
                like = group[other][0]
                message = (
                    f"`{text.name}` is `{like.name}` of {like.entry.key} in {like.entry.place} with little changed: "
                    "say what is its own, or make one entry of both"
                )
                yield text.entry.problem(message, *text.key, "zh")
                break
        for pair in rare:
            seen.setdefault(pair, []).append(number)


def script_blanks() -> Mapping[str, str]:
    """Return the blanks that the lines of a script may have."""
    return {**{name: BLANKS[name] for name in ELSEWHERE}, AGENT: "the number of the agent who speaks"}
