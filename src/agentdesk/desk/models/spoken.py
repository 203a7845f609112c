"""What fills the blanks of words that are said: services, flows and scripts alike."""

from __future__ import annotations

from collections.abc import Mapping

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, pgettext
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import safe
from agentdesk.domain.language.text import mask_name
from agentdesk.domain.language.words import Spoken, WordsError, fill
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.policy import Bilingual


def salutation(facts: Facts | None) -> str:
    """Return how the caller is addressed."""
    gender = facts.customer.document.data.get("gender") if facts and facts.customer else None
    if gender == "male":
        return pgettext("spoken", "sir")
    return pgettext("spoken", "madam") if gender == "female" else pgettext("spoken", "sir or madam")


def name(facts: Facts | None) -> str:
    """Return the caller's name as it may be spoken: whole once he is verified, else its first character."""
    if facts is None or facts.customer is None:
        return ""
    known = safe(facts.customer.name, 40)
    return known if facts.verified else mask_name(known).rstrip("*")


def line(facts: Facts | None) -> str:
    """Return the number in question as it may be spoken: whole to who rings from it, else its end."""
    found = facts.line if facts else None
    if facts is None or found is None:
        return _("your line")
    if not found.number:
        return terms.term(terms.LINES, found.kind)
    if facts.verified or facts.own_number:
        return display(found.number, masked=False)
    return _("the number ending in {tail}").format(tail=found.number[-4:])


def spoken(code: str, version: str, text: Bilingual, values: Mapping[str, str]) -> Spoken:
    """Return words as they are said and recorded, in the language in use."""
    language = i18n.language()
    said = text.say(language)
    try:
        return Spoken.of(code, version, language, said, values)
    except WordsError:
        # a catalogue is checked before it is published; one that slipped through is shown as it stands
        return Spoken.of(code, version, language, said.replace("{", "(").replace("}", ")"), {})


def filled(text: Bilingual, values: Mapping[str, str]) -> str:
    """Return words with their blanks filled; a blank that nothing fills yet is shown as an ellipsis of dots."""
    said = text.say(i18n.language())
    try:
        return fill(said, _Dots(values))
    except WordsError:
        return said.replace("{", "(").replace("}", ")")


def complete(text: Bilingual, values: Mapping[str, str]) -> bool:
    """Tell whether every blank of words has something that fills it."""
    try:
        fill(text.say(i18n.language()), values)
    except WordsError:
        return False
    return True


class _Dots(dict[str, str]):
    """Values in which nothing is missing."""

    def __missing__(self, key: str) -> str:
        return "..."
