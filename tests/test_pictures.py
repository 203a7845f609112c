"""The README's pictures: the same code gives the same bytes, and those that are shown are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.pictures import FOLDER, LANGUAGES, PICTURES, file_name, taken

MOST_BYTES = 150_000


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_picture_taken_again_is_the_one_that_is_kept(language: str) -> None:
    picture = next(one for one in PICTURES if one.name == "hall")
    kept = (FOLDER / file_name(picture, language)).read_text(encoding="utf-8")
    assert await taken(picture, language) == kept, "the hall looks otherwise now: run `make pictures`"


def test_all_pictures_are_kept_and_modest() -> None:
    wanted = {file_name(picture, language) for picture in PICTURES for language in LANGUAGES}
    assert {path.name for path in FOLDER.iterdir()} == wanted
    assert max(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES


def test_what_documents_show_and_link_is_there(repository: Path) -> None:
    pages = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    links = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    lost = [
        f"{page.relative_to(repository)}: {link}"
        for page in pages
        for link in links.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link.replace("%5B", "[").replace("%5D", "]")).exists()
    ]
    assert not lost
