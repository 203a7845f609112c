"""Translations: from the texts in the code to `.po` (committed) to `.mo` (built).

extract   write the texts of the code to build/agentdesk.pot
update    take them into every `.po`; new ones are empty, those no longer used go
compile   write each `.mo` that is missing or older than its `.po`, and what Taiwan says, made of the Chinese
check     fail if a text of the code has no finished translation
"""

from __future__ import annotations

import argparse
import os
import string
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "agentdesk"
# English is the language of the code, so it needs no catalogue of its own.
LANGUAGES = ("zh_CN",)
# Made of another one when it is compiled, by OpenCC and a word list; so it is complete when that one is.
DERIVED = {"zh_TW": "zh_CN"}
DEVELOPERS = "the agentdesk developers"


def locale_folder(root: Path = ROOT) -> Path:
    """Where the catalogues lie."""
    return root / "src" / DOMAIN / "locale"


def po_file(language: str, root: Path = ROOT) -> Path:
    """The catalogue of one language."""
    return locale_folder(root) / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def words_of(language: str, root: Path = ROOT) -> Path:
    """The word list of a language that is made of another one."""
    return locale_folder(root) / language / "words.toml"


def mo_file(language: str, root: Path = ROOT) -> Path:
    """What gettext reads."""
    return po_file(language, root).with_suffix(".mo")


def table(root: Path = ROOT) -> Path:
    """The policy's texts as they are said in Taiwan."""
    return root / "src" / DOMAIN / "taiwan.bin"


def older(made: Path, sources: Iterable[Path]) -> bool:
    """Whether something is missing, or older than what it is made of."""
    return not made.exists() or made.stat().st_mtime_ns < max(one.stat().st_mtime_ns for one in sources)


def policy(root: Path = ROOT) -> list[Path]:
    """The files of the policy."""
    return sorted((root / "data" / "catalogue").rglob("*.toml"))


def derive(root: Path = ROOT) -> list[Path]:
    """Write the `.mo` of each derived language and the policy's table that are stale, and return what was written."""
    written = []
    for language, base in DERIVED.items():
        words, po = words_of(language, root), po_file(base, root)
        if not words.exists() or not po.exists():
            continue
        mo = mo_file(language, root)
        if older(mo, (words, po)):
            from babel.messages.mofile import write_mo

            mo.parent.mkdir(parents=True, exist_ok=True)
            with atomic(mo) as file:
                write_mo(file, derived(language, root))
            written.append(mo)
        if policy(root) and older(table(root), (words, *policy(root))):
            with atomic(table(root)) as file:
                file.write(taiwan(root).build(policy_texts(root), read_words(words)))
            written.append(table(root))
    return written


def derived(language: str, root: Path = ROOT) -> Catalog:
    """The catalogue of a language that is made of another one."""
    catalogue = read(po_file(DERIVED[language], root))
    converter = taiwan(root).Converter(read_words(words_of(language, root)))
    for message in texts(catalogue):
        turned = tuple(converter.text(form) for form in forms(message))
        message.string = turned[0] if isinstance(message.string, str) else turned
    return catalogue


def read_words(path: Path) -> dict[str, str]:
    """A word list: as OpenCC writes a word, and as it is said."""
    import tomllib

    found: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def policy_texts(root: Path = ROOT) -> Iterator[str]:
    """Every text in the files of the policy."""
    import tomllib

    def within(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for one in value.values():
                yield from within(one)
        elif isinstance(value, list):
            for one in value:
                yield from within(one)

    for path in policy(root):
        yield from within(tomllib.loads(path.read_text(encoding="utf-8")))


def taiwan(root: Path = ROOT) -> ModuleType:
    """The module that turns Chinese over."""
    code = str(root / "src")
    sys.path.insert(0, code)
    try:
        return import_module(f"{DOMAIN}.domain.language.taiwan")
    finally:
        sys.path.remove(code)


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A file that appears whole, under its name: a desk that starts meanwhile reads the old one or the new one."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        yield file
    part.replace(path)


def stale(root: Path = ROOT) -> list[Path]:
    """The `.po` files whose `.mo` is missing or older."""
    return [
        po
        for po in sorted(locale_folder(root).glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
        if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns
    ]


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Write the `.mo` of each stale `.po`, and what is made of it, and return what was written."""
    written = []
    for po in stale(root):
        from babel.messages.mofile import write_mo

        catalogue = read(po)
        mo = po.with_suffix(".mo")
        with atomic(mo) as file:
            write_mo(file, catalogue)
        written.append(mo)
    return [*written, *derive(root)]


def read(po: Path) -> Catalog:
    """One `.po`, parsed; a malformed one is an error with its line."""
    from babel.messages.pofile import read_po

    with po.open("rb") as file:
        return read_po(file, locale=po.parent.parent.name, abort_invalid=True)


def write(catalogue: Catalog, po: Path) -> None:
    """One `.po`, sorted and without line numbers, so that a change of code elsewhere is no change here."""
    from babel.messages.pofile import write_po

    po.parent.mkdir(parents=True, exist_ok=True)
    with po.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False)


def extract(root: Path = ROOT) -> Catalog:
    """The texts of the code: every string inside `_()`, `N_()`, `gettext`, `ngettext`, `pgettext`."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir

    template = Catalog(project=DOMAIN, copyright_holder=DEVELOPERS, charset="utf-8", fuzzy=False)
    code = root / "src" / DOMAIN
    for name, line, message, comments, context in extract_from_dir(
        code, method_map=[("**.py", "python")], comment_tags=("Translators:",), strip_comment_tags=True
    ):
        place = ((code / name).relative_to(root).as_posix(), line)
        template.add(message, locations=[place], auto_comments=comments, context=context)
    return template


def update(root: Path = ROOT) -> list[str]:
    """Take the texts of the code into every `.po`; returns a line per language."""
    from babel.messages.catalog import Catalog

    template = extract(root)
    lines = []
    for language in LANGUAGES:
        po = po_file(language, root)
        if po.exists():
            catalogue = read(po)
            # No date that changes by itself, and no guesses from similar texts.
            template.creation_date = catalogue.creation_date
            revised = catalogue.revision_date
            catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
            catalogue.revision_date = revised
        else:
            catalogue = Catalog(
                locale=language,
                header_comment=f"# Translations of {DOMAIN}; scripts/i18n.py keeps their order.",
                project=DOMAIN,
                version="1",
                copyright_holder=DEVELOPERS,
                msgid_bugs_address="none",
                last_translator=DEVELOPERS,
                language_team=DEVELOPERS,
                charset="utf-8",
                fuzzy=False,
                revision_date=template.creation_date,
            )
            catalogue.update(template, update_header_comment=False)
        write(catalogue, po)
        empty = sum(1 for message in texts(catalogue) if not finished(message))
        lines.append(f"{language}: {len(catalogue)} texts, {empty} to translate in {po.relative_to(root)}")
    return lines


def texts(catalogue: Catalog) -> Iterator[Message]:
    """The messages of a catalogue without its header."""
    return (message for message in catalogue if message.id)


def key(message: Message) -> tuple[str | None, str]:
    """What gettext finds a message by: its context, and its text in the singular."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> list[str]:
    """Its translation: one text, or one for each form of the plural; empty where there is none yet."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def finished(message: Message) -> bool:
    """Whether every form of it is translated, by a person."""
    return bool(forms(message)) and all(forms(message)) and not message.fuzzy


def placeholders(text: str) -> set[str]:
    """The names in braces that `str.format` fills in."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


def problems(root: Path = ROOT) -> Iterator[str]:
    """One line for each thing that keeps a catalogue from being finished."""
    template = extract(root)
    for language in LANGUAGES:
        po = po_file(language, root)
        if not po.exists():
            yield f"{po.relative_to(root)}: is missing; run `make i18n`"
            continue
        have = {key(message): message for message in texts(read(po))}
        want = {key(message): message for message in texts(template)}
        for wanted in want:
            if wanted not in have:
                yield f"{po.relative_to(root)}: {wanted[1]!r} is missing; run `make i18n` and translate it"
        for known, message in have.items():
            if known not in want:
                yield f"{po.relative_to(root)}: {known[1]!r} is no longer in the code; run `make i18n`"
            elif not finished(message):
                yield f"{po.relative_to(root)}: {known[1]!r} is not translated{' (fuzzy)' * message.fuzzy}"
            else:
                yield from (f"{po.relative_to(root)}: {known[1]!r}: {line}" for line in misfilled(message))
    yield from misderived(root)


def misderived(root: Path = ROOT) -> Iterator[str]:
    """One line for each text that comes out wrong in a language that is made of another one."""
    for language in DERIVED:
        words = words_of(language, root)
        if not words.exists():
            continue
        for message in texts(derived(language, root)):
            # what isn't translated yet is told of the language that this one is made of
            if finished(message):
                place = f"{words.relative_to(root)}: {key(message)[1]!r}"
                yield from (f"{place}: {line}" for line in misfilled(message))


def misfilled(message: Message) -> Iterator[str]:
    """What a translation asks for that the code doesn't give, or leaves out that the code always gives."""
    originals = [message.id] if isinstance(message.id, str) else list(message.id)
    given = set().union(*map(placeholders, originals))
    always = set.intersection(*map(placeholders, originals))
    for form in forms(message):
        used = placeholders(form)
        if unknown := sorted(used - given):
            yield f"the translation fills in {unknown}, which the code doesn't give"
        if left_out := sorted(always - used):
            yield f"the translation leaves out {left_out}"
    # in a text that braces fill in, "5 % of" is a percentage and no placeholder
    if message.python_format and not given:
        yield from (str(error) for error in message.check())


def main(argv: list[str] | None = None) -> int:
    """Run one command; 1 if `check` finds something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("extract", "update", "compile", "check"))
    command = parser.parse_args(argv).command
    if command == "extract":
        pot = ROOT / "build" / f"{DOMAIN}.pot"
        write(extract(), pot)
        print(pot.relative_to(ROOT))
    elif command == "update":
        print(*update(), sep="\n")
    elif command == "compile":
        for mo in compile_stale():
            print(mo.relative_to(ROOT))
    else:
        found = list(problems())
        print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
