"""The check of the templates: whom they are for, what they give, when they are due, and the words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from agentdesk.catalogue.entries import Entry
from agentdesk.catalogue.order import clocks, falling, listed, longer
from agentdesk.catalogue.parts import Calendars, limit_of
from agentdesk.catalogue.schema import Both, Model, PerTier, Six, TemplateEntry, Test
from agentdesk.catalogue.sources import Problem
from agentdesk.domain.condition.conditions import VOCABULARY
from agentdesk.domain.finance.amounts import BASES, NEEDED
from agentdesk.domain.language.words import BLANKS, WordsError, blanks
from agentdesk.domain.policy import TIERS, Tier
from agentdesk.domain.times.calendar import Limit

LANGUAGES = ("zh", "en")

_TYPES = {list: "a list", int: "a whole number", bool: "true or false", dict: "a table by tier"}

TemplateAt = Entry[TemplateEntry]


@dataclass(frozen=True, slots=True)
class Known:
    """What the entries of a catalogue may refer to."""

    calendars: Calendars
    departments: frozenset[str]
    programmes: Mapping[str, frozenset[str]]
    templates: Mapping[str, TemplateAt]
    faults: frozenset[str] = frozenset()

    def department(self, entry: Entry[Model], name: str | None) -> Iterator[Problem]:
        """Yield a problem if there is no such department."""
        if name is not None and name not in self.departments:
            message = f"no department is called {name!r}: use one of {listed(self.departments)}"
            yield entry.problem(message, "department")


def examine_templates(known: Known) -> Iterator[Problem]:
    """Yield what is wrong with the templates, each by itself and next to the others."""
    for entry in known.templates.values():
        for examined in _EACH:
            yield from examined(entry, known)
    yield from _same_words(known)
    yield from _boilerplate(known)


def _belongs(entry: TemplateAt, known: Known) -> Iterator[Problem]:
    programme, group = entry.model.programme, entry.model.group
    groups = known.programmes.get(programme)
    if groups is None:
        yield entry.problem(f"no programme is called {programme!r}: add it or use another", "programme")
    elif group not in groups:
        yield entry.problem(f"{programme} has no group {group!r}: use one of {listed(groups)}", "group")
    yield from known.department(entry, entry.model.department)


def _conditions(entry: TemplateAt, _known: Known) -> Iterator[Problem]:
    for test in entry.model.applies:
        yield from examine_test(entry, test, "applies")
    for boost in entry.model.boosts:
        yield from examine_test(entry, boost.when, "boosts")


def examine_test(entry: Entry[Model], test: Test, key: str) -> Iterator[Problem]:
    """Yield what is wrong with a condition that stands under a key of an entry."""
    word = VOCABULARY.get(test.name)
    if word is None:
        yield entry.problem(f"`{key}`: no condition is called {test.name!r}: use one of {listed(VOCABULARY)}", key)
        return
    where = f"`{key}`: {test.name}"
    if word.orders and key == "applies":
        message = f"{where} is known at the desk only, so it may order offers but not decide: use it in `boosts`"
        yield entry.problem(message, key)
    needed = word.arguments.keys() - word.optional
    for message in _arguments(test.args, word.arguments, needed):
        yield entry.problem(f"{where} {message}", key)
    for name, choices in word.choices.items():
        given = test.args.get(name)
        for item in given if isinstance(given, list) else ():
            if item not in choices:
                yield entry.problem(f"{where} has {item!r} in `{name}`: use one of {listed(choices)}", key)


def _arguments(
    given: Mapping[str, object], types: Mapping[str, type], needed: frozenset[str] | set[str]
) -> Iterator[str]:
    """Yield what is wrong with the arguments of a condition or basis."""
    for name in sorted(needed - given.keys()):
        yield f"needs `{name}`: add it"
    for name, value in given.items():
        kind = types.get(name)
        if kind is None:
            known = listed(types) or "none"
            yield f"has no argument `{name}` (it takes: {known}): remove it or correct its spelling"
        elif type(value) is not kind:
            yield f"takes {_TYPES[kind]} as `{name}`, not {value!r}"
        elif isinstance(value, list) and not (value and all(isinstance(item, str) for item in value)):
            yield f"takes a list of names as `{name}`, not {value!r}"
        elif isinstance(value, dict) and not (
            value.keys() <= set(TIERS) and all(type(item) is int for item in value.values())
        ):
            yield f"takes whole numbers by tier ({', '.join(TIERS)}) as `{name}`, not {value!r}"


def _money(entry: TemplateAt, _known: Known) -> Iterator[Problem]:
    money = entry.model.money
    if money is None:
        return
    yield from examine_basis(entry, money.basis, money.args, "money", "basis")
    if money.ceilings:
        yield from falling(entry, money.ceilings, "money", "ceilings")
    elif money.kind == "credit":
        yield entry.problem("credit is bounded by no role: add `money.ceilings`", "money", "kind")
    if money.statutory:
        yield from _statutory(entry)


def examine_basis(entry: Entry[Model], name: str, args: Mapping[str, object], *key: str) -> Iterator[Problem]:
    """Yield what is wrong with a basis and its arguments; `key` is where it stands."""
    basis = BASES.get(name)
    if basis is None:
        yield entry.problem(f"no basis is called {name!r}: use one of {listed(BASES)}", *key)
        return
    for message in _arguments(args, basis[1], NEEDED.get(name, frozenset())):
        yield entry.problem(f"`{key[0]}`: {name} {message}", *key[:-1], "args")


def _statutory(entry: TemplateAt) -> Iterator[Problem]:
    """Statutory compensation has no tier (DOMAIN rule 5)."""
    money = entry.model.money
    if money and money.ceilings:
        yield entry.problem("statutory compensation has no tier: remove `money.ceilings`", "money", "ceilings")
    if money and money.basis == "by_tier":
        yield entry.problem("statutory compensation has no tier: use another basis", "money", "basis")
    if any(test.name == "tier" for test in entry.model.applies):
        yield entry.problem("statutory compensation has no tier: remove the condition `tier`", "applies")


def _time(entry: TemplateAt, known: Known) -> Iterator[Problem]:
    yield from clocks(entry, entry.model.limits, entry.model.law, known.calendars)


def _also(entry: TemplateAt, known: Known) -> Iterator[Problem]:
    """A second deadline comes before the promise's own, in every tier and with the line down."""
    also, offline = entry.model.also, entry.model.offline
    if also is None:
        return
    yield from clocks(entry, also.limits, None, known.calendars, "also", "limits")
    own, first = _limits(entry.model.limits, known), _limits(also.limits, known)
    for tier in TIERS:
        if tier in own and tier in first and not longer(own[tier], first[tier]):
            message = (
                f"`also.limits` for {tier} doesn't come before the promise's own limit in the same time: shorten it"
            )
            yield entry.problem(message, "also", "limits")
            break
    if (offline.mode == "later") != (also.later is not None):
        what = "add `also.later`" if also.later is None else "remove `also.later`"
        yield entry.problem(f"`offline.mode` is {offline.mode!r}: {what}", "also", "later" if also.later else "limits")
    elif also.later is not None:
        yield from _also_later(entry, also.later, offline.limit, known)


def _also_later(entry: TemplateAt, text: str, whole: str | None, known: Known) -> Iterator[Problem]:
    try:
        late = limit_of(text, known.calendars)
    except ValueError as error:
        yield entry.problem(f"`also.later`: {error}", "also", "later")
        return
    usual = _limits(entry.model.also.limits, known).get("standard") if entry.model.also else None
    if usual is not None and longer(usual, late):
        message = "`also.later` is shorter than the limit with the line up: a cut line makes nothing faster"
        yield entry.problem(message, "also", "later")
    try:
        end = limit_of(whole or "", known.calendars)
    except ValueError:
        return  # told where it stands
    if not longer(end, late):
        yield entry.problem("`also.later` doesn't come before `offline.limit`: shorten it", "also", "later")


def _limits(texts: PerTier[str], known: Known) -> dict[Tier, Limit]:
    """Return the limits that can be read; those that can't are told where they stand."""
    found: dict[Tier, Limit] = {}
    for tier, text in texts.by_tier().items():
        with suppress(ValueError):
            found[tier] = limit_of(text, known.calendars)
    return found


def _once(entry: TemplateAt, known: Known) -> Iterator[Problem]:
    if entry.model.once_with and entry.model.once_per is None:
        yield entry.problem("`once_with` says nothing without `once_per`: add it", "once_with")
    for code in entry.model.once_with:
        other = known.templates.get(code)
        if other is None or other is entry:
            yield entry.problem(f"`once_with` names {code}, which is no other template: correct it", "once_with")
        elif entry.key not in other.model.once_with:
            yield entry.problem(
                f"{code} counts as the same promise, but doesn't say so: add {entry.key} there", "once_with"
            )


def _offline(entry: TemplateAt, known: Known) -> Iterator[Problem]:
    """A template says what may be promised while the line is down (DOMAIN rule 12)."""
    offline = entry.model.offline
    wanted = {"same": (), "later": ("limit", "ask", "tell"), "none": ("instead",)}[offline.mode]
    for name in ("limit", "ask", "tell", "instead"):
        given = getattr(offline, name) is not None
        if name in wanted and not given:
            yield entry.problem(f"`offline.mode` is {offline.mode!r}: add `offline.{name}`", "offline", "mode")
        if given and name not in wanted:
            yield entry.problem(f"`offline.mode` is {offline.mode!r}: remove `offline.{name}`", "offline", name)
    if offline.mode == "later" and offline.limit:
        yield from _offline_limit(entry, offline.limit, known)
    if offline.mode == "none" and offline.instead:
        other = known.templates.get(offline.instead)
        if other is None or other.model.offline.mode == "none":
            yield entry.problem(
                f"`offline.instead` is {offline.instead!r}: name a template that can be promised with the line down",
                "offline",
                "instead",
            )


def _offline_limit(entry: TemplateAt, text: str, known: Known) -> Iterator[Problem]:
    try:
        late = limit_of(text, known.calendars)
    except ValueError as error:
        yield entry.problem(f"`offline.limit`: {error}", "offline", "limit")
        return
    try:
        usual = limit_of(entry.model.limits.standard, known.calendars)
    except ValueError:
        return  # told where it stands
    if longer(usual, late):
        message = "`offline.limit` is shorter than the limit with the line up: a cut line makes nothing faster"
        yield entry.problem(message, "offline", "limit")


def _words(entry: TemplateAt, _known: Known) -> Iterator[Problem]:
    for key, text in _spoken(entry.model):
        yield from _spoken_words(entry, key, text)
    for key, text in _written(entry.model):
        for language in LANGUAGES:
            if set("{}") & set(text.say(language)):
                name = ".".join((*key, language))
                message = f"`{name}` has a brace, but only words to say are filled: remove it"
                yield entry.problem(message, *key, language)


def _spoken_words(entry: TemplateAt, key: tuple[str, ...], text: Both) -> Iterator[Problem]:
    name = ".".join(key)
    found: dict[str, frozenset[str]] = {}
    for language in LANGUAGES:
        try:
            found[language] = blanks(text.say(language))
        except WordsError as error:
            yield entry.problem(f"`{name}.{language}`: {error}", *key, language)
            return
        for blank in sorted(found[language] - BLANKS.keys()):
            message = f"`{name}.{language}` has an unknown blank {{{blank}}}: use one of {listed(BLANKS)}"
            yield entry.problem(message, *key, language)
    used = found["zh"] | found["en"]
    for blank in sorted(found["zh"] ^ found["en"]):
        message = f"`{name}` has {{{blank}}} in one language only: say the same in both"
        yield entry.problem(message, *key, "en" if blank in found["zh"] else "zh")
    for wrong, message in _rules_of_words(entry.model, key[-1], used):
        if wrong:
            yield entry.problem(f"`{name}` {message}", *key, "zh")


def _rules_of_words(model: TemplateEntry, purpose: str, used: frozenset[str]) -> tuple[tuple[bool, str], ...]:
    money = model.money is not None
    return (
        (purpose == "ask" and "number" in used, "has {number}, which exists only after the promise: remove it"),
        (purpose == "tell" and "due" not in used, "doesn't say until when: add {due}"),
        (
            model.also is not None and purpose == "tell" and "also" not in used,
            "doesn't say the second deadline: add {also}",
        ),
        (
            model.also is None and "also" in used,
            "has {also}, but the template has no `also`: add it or remove the blank",
        ),
        (money and "amount" not in used, "doesn't say how much: add {amount}"),
        (not money and "amount" in used, "has {amount}, but the template gives no money: remove it"),
        (model.days is None and "days" in used, "has {days}, but the template has no `days`: add them"),
        (model.verify == 0 and "name" in used, "says {name} to a caller nobody verified: raise `verify`"),
    )


def _ticket(entry: TemplateAt, known: Known) -> Iterator[Problem]:
    """The work of a promise is a fault ticket's: other kinds ask the customer for more than a promise knows."""
    code = entry.model.ticket
    if code is not None and code not in known.faults:
        yield entry.problem(f"`ticket` is {code!r}: name a symptom of a fault from the classes", "ticket")


def _days(entry: TemplateAt, _known: Known) -> Iterator[Problem]:
    if entry.model.days and not any("{days}" in text.zh for _, text in _spoken(entry.model)):
        yield entry.problem("`days` is in no words: say {days} or remove it", "days")


def _spoken(model: TemplateEntry) -> Iterator[tuple[tuple[str, ...], Both]]:
    """Yield the words to say to the customer, each with its key."""
    yield ("ask",), model.ask
    yield ("tell",), model.tell
    if model.offline.ask:
        yield ("offline", "ask"), model.offline.ask
    if model.offline.tell:
        yield ("offline", "tell"), model.offline.tell


def _written(model: TemplateEntry) -> Iterator[tuple[tuple[str, ...], Both]]:
    """Yield the texts that are only read."""
    yield ("name",), model.name
    yield ("note",), model.note
    if model.also is not None:
        yield ("also", "name"), model.also.name
    for name in Six.model_fields:
        yield ("six", name), getattr(model.six, name)


def _same_words(known: Known) -> Iterator[Problem]:
    """Yield words and names that stand twice: then two templates are one, or one says the other's."""
    first: dict[tuple[bool, str], tuple[TemplateAt, str]] = {}
    for entry in known.templates.values():
        for key, text in chain([(("name",), entry.model.name)], _spoken(entry.model)):
            for language in LANGUAGES:
                is_name, name = key == ("name",), ".".join((*key, language))
                words = "".join(text.say(language).split())
                other, there = first.setdefault((is_name, words), (entry, name))
                # a name may be the same in both languages, such as IPTV
                if (other is not entry) if is_name else (other is not entry or there != name):
                    message = f"`{name}` is word for word `{there}` of {other.key} in {other.place}: say what differs"
                    yield entry.problem(message, *key, language)


def _boilerplate(known: Known) -> Iterator[Problem]:
    """Yield templates whose six haves are another's: then nobody thought about this one (seeds 000)."""
    for language in LANGUAGES:
        first: dict[tuple[str, ...], TemplateAt] = {}
        for entry in known.templates.values():
            texts = tuple(getattr(entry.model.six, name).say(language) for name in Six.model_fields)
            other = first.setdefault(texts, entry)
            if other is not entry:
                message = f"all six haves ({language}) are those of {other.key} in {other.place}: write its own"
                yield entry.problem(message, "six")


_EACH: tuple[Callable[[TemplateAt, Known], Iterator[Problem]], ...] = (
    _belongs,
    _conditions,
    _money,
    _time,
    _also,
    _once,
    _offline,
    _words,
    _days,
    _ticket,
)
