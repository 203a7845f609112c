"""Options that several commands share, and what they mean when they aren't given."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError

if TYPE_CHECKING:
    from agentdesk.store.site import Site

DATA_VARIABLE = "AGENTDESK_DATA"
LANGUAGES = ("zh-CN", "zh-TW", "en")
OUTBOX = "outbox.db"


def add_data(parser: argparse.ArgumentParser, what: str = "the folder with the site's files") -> None:
    parser.add_argument("--data", metavar="DIR", type=Path, help=f"{what} [{DATA_VARIABLE}]")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=LANGUAGES, help="the language of texts [the locale's]")


def data_folder(arguments: argparse.Namespace, default: str = "site") -> Path:
    """Return the folder of a site's files: as given, as in AGENTDESK_DATA, or in the user's own data folder."""
    given: Path | None = arguments.data
    if given is None and (named := os.environ.get(DATA_VARIABLE)):
        given = Path(named)
    if given is not None:
        return given.expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("agentdesk", appauthor=False) / default


def site_folder(arguments: argparse.Namespace) -> Path:
    """Return the folder of an enrolled site; raises CommandError when there is nothing in it."""
    folder = data_folder(arguments)
    if (folder / OUTBOX).is_file():
        return folder
    hint = f"enrol it with `agentdesk site enrol URL CODE --data {folder}`"
    demo = data_folder(argparse.Namespace(data=None), "demo")
    if folder != demo and (demo / OUTBOX).is_file():
        hint += f", or look at the demo's with --data {demo}"
    raise CommandError(f"{folder} holds no site: {hint}")


def speak(arguments: argparse.Namespace) -> str:
    """Choose the language of this command's texts, as asked for or the locale's, and return it."""
    from agentdesk.desk import i18n

    language: str = arguments.language or locale_language()
    i18n.use(language)
    return language


def locale_language() -> str:
    """Return the language of messages that the environment asks for: Chinese, one of its two, or else English."""
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    if named.lower().startswith(("zh_tw", "zh_hk", "zh_mo", "zh_hant")):
        return "zh-TW"
    return "zh-CN" if named.lower().startswith("zh") else "en"


@contextmanager
def opened_site(arguments: argparse.Namespace) -> Iterator[Site]:
    """Open the enrolled site that a command is about."""
    from agentdesk.cli.unlocking import opened

    site = opened(site_folder(arguments), arguments)
    try:
        _ = site.identity  # raises NotEnrolled with what to do
        yield site
    finally:
        site.close()
