"""Finding anything by what is typed: numbers as they are meant, names written or spoken, words in work and articles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentdesk.desk.models.rows import safe
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.language.text import fold_width, mask_name
from agentdesk.domain.work.texts import WORDED_TYPES, said

if TYPE_CHECKING:
    from agentdesk.domain.guidance.articles import Article, Shelf
    from agentdesk.store.site import Site
    from agentdesk.store.view import Holder

Group = Literal["number", "customers", "open", "closed", "places", "articles"]

MOST: dict[Group, int] = {"number": 8, "customers": 12, "open": 12, "closed": 8, "places": 6, "articles": 8}
"""How many of each group are read: who types on is shown others."""

TAIL = 5
"""So many digits of a number stand in the lists."""

LONGEST = 200
"""Characters of what is typed or pasted in which numbers are looked for."""
_PASTED = re.compile(r"\+?[0-9][0-9 -]{6,20}[0-9]")

AROUND = 12
"""Characters of a text that are shown before the words that were found in it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: a document or an article.

    For a customer `line` and `relation` say what led to him; for work `who` is the customer's name, masked, and `said`
    the part of a text that has the words.
    """

    group: Group
    document: Document | None = None
    article: Article | None = None
    line: str | None = None
    relation: str = ""
    who: str = ""
    said: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Return what stays the same when it is found again."""
        if self.document is not None:
            return self.document.key
        return ("", self.article.code if self.article is not None else "")


@dataclass(frozen=True, slots=True)
class Findings:
    """What some words lead to, in the order in which it is shown; `left` documents can't be found by words yet."""

    words: str = ""
    found: tuple[Finding, ...] = ()
    left: int = 0


def search(site: Site, words: str) -> Findings:
    """Return all that some words lead to: an exact number first, then customers, open work, closed work, articles.

    Nothing that is typed is an error; what can't be anything is found nowhere.
    """
    site.files.refresh()
    found: dict[tuple[str, str], Finding] = {}
    for one in _all(site, words):
        found.setdefault(one.key, one)
    return Findings(words, tuple(found.values()), site.search.left())


def meant(site: Site, words: str) -> tuple[Finding, ...]:
    """Return what some words mean as they stand: a whole number, what lists show of one, or a name.

    Who is received with them is the one who has them: the beginning of a number is nobody's.
    """
    site.files.refresh()
    digits = _digits(words)
    found: dict[tuple[str, str], Finding] = {}
    whole = [*_exactly(site, words, digits), *_ended(site, digits)] if digits else []
    for one in whole or (Finding("customers", one) for one in _customers(site, words)):
        found.setdefault(one.key, one)
    return tuple(found.values())


def _all(site: Site, words: str) -> Iterable[Finding]:
    digits = _digits(words)
    if digits:
        numbered = [*_exactly(site, words, digits), *_ended(site, digits), *_begun(site, digits)]
        # what is somebody's number is hardly meant as a word
        yield from numbered or _work(site, words)
        return
    for pasted in _PASTED.findall(fold_width(words[:LONGEST])):
        yield from _exactly(site, pasted, _digits(pasted))
    yield from (Finding("customers", one) for one in _customers(site, words))
    yield from _work(site, words)
    yield from _places(site, words)
    yield from (Finding("articles", article=one) for one in shelf(site).find(words, MOST["articles"]))


def _digits(words: str) -> str:
    """Return the digits of what is a number or the beginning of one, else nothing."""
    plain = fold_width(words[:60])
    digits = "".join(one for one in plain if one in "0123456789")
    return digits if len(digits) > 2 and all(one in "0123456789+-() .·—–/转" for one in plain) else ""


def _exactly(site: Site, words: str, digits: str) -> Iterable[Finding]:
    """Yield what has just this number, and who can be reached under it."""
    from agentdesk.domain.numbering.numbers import Number, normalise

    if len(digits) > 7:
        yield from (_piece(site, one, "number") for one in site.view.referred(digits))
    if len(digits) > 10 or (len(digits) > 9 and digits[0] != "1"):
        # the beginning of a number is none yet, and asking the library what it might be takes long
        read = normalise(words[:60])
        if isinstance(read, Number):
            yield from _reached(site, site.view.holders(read.e164))


def _ended(site: Site, digits: str) -> Iterable[Finding]:
    """Yield open work whose number ends with what lists show of it."""
    if len(digits) == TAIL:
        yield from (_piece(site, one, "number") for one in site.search.ending(digits, MOST["number"]))


def _begun(site: Site, digits: str) -> Iterable[Finding]:
    """Yield who and what has a number that begins with some digits."""
    most = MOST["number"]
    yield from _reached(site, site.search.reached(digits, most))
    yield from (_piece(site, one, "number") for one in site.search.numbered(digits, most))


def _reached(site: Site, holders: Iterable[Holder]) -> Iterable[Finding]:
    for holder in holders:
        document = site.view.document(holder.scope, holder.customer)
        if document is not None:
            yield Finding("number", document, line=holder.subscription, relation=holder.relation)


def _customers(site: Site, words: str) -> Iterable[Document]:
    most = MOST["customers"]
    yield from site.search.named(words, most)
    if site.search.left():
        # the index isn't whole yet: by the beginning of the name as it is written there is another one
        yield from site.view.named(words.strip(), most)


def _work(site: Site, words: str) -> Iterable[Finding]:
    found = site.search.worded(words, MOST["open"] + MOST["closed"])
    for one in [one for one in found if is_open(one)][: MOST["open"]]:
        yield _piece(site, one, "open", words)
    for one in [one for one in found if not is_open(one)][: MOST["closed"]]:
        yield _piece(site, one, "closed", words)


def _piece(site: Site, document: Document, group: Group, words: str = "") -> Finding:
    customer = document.data.get("customer")
    who = mask_name(safe(site.search.name_of(document.scope, str(customer)), 40)) if customer else ""
    said_words = _said(document, words, site.search.fold) if words and document.type in WORDED_TYPES else ""
    return Finding(group, document, who=who, said=said_words)


def _said(document: Document, words: str, fold: Callable[[str], str]) -> str:
    """Return the part of a document's texts in which the first of the words stands."""
    run = next(iter(fold(words).split()), "")
    for text in said(document.data):
        if run and run in fold(text):
            return _around(text, run, fold)
    return ""


def _around(text: str, run: str, fold: Callable[[str], str]) -> str:
    """Return a text from a little before a folded word in it; each character is folded by itself."""
    plain = " ".join(text.split())
    at = fold(plain).find(run)
    start = length = 0
    while length < at:
        length += len(fold(plain[start]))
        start += 1
    return plain if start <= AROUND else "…" + plain[start - AROUND :]


def _places(site: Site, words: str) -> list[Finding]:
    """Return outlets whose name or address has the words: two characters at least, as one is in too many."""
    fold = site.search.fold
    wanted = fold(words).split()
    if len("".join(wanted)) < 2:
        return []
    found = []
    for outlet in site.view.of_type("org", "outlet"):
        folded = fold(f"{outlet.data.get('name')} {outlet.data.get('address')}")
        if all(run in folded for run in wanted):
            found.append(Finding("places", outlet))
    return found[: MOST["places"]]


_shelves: dict[str, Shelf] = {}


def shelf(site: Site) -> Shelf:
    """Return the articles of the newest policy, folded once."""
    from agentdesk.domain.guidance.articles import Shelf

    catalogue = site.catalogue()
    if catalogue.version not in _shelves:
        _shelves.clear()
        _shelves[catalogue.version] = Shelf(catalogue.flows, catalogue.scripts, site.search.chinese)
    return _shelves[catalogue.version]
