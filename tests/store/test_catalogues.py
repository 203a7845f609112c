from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.catalogue import packaged
from agentdesk.catalogue.compiled import dump
from agentdesk.domain.documents import Document
from agentdesk.store import catalogues
from tests.policy import CATALOGUE, VERSION
from tests.store.world import identity, make_site, note, open_site, page

NEWER = replace(CATALOGUE, version="test-2", sample=False)


def published(name: str, rev: int, document: str = "") -> Document:
    text = dump(replace(NEWER, version=name))
    return Document("catalogue", document or name, "catalogue", rev, {"version": name, "compiled": text})


def test_before_the_first_sync_it_is_the_one_that_came_with_the_program(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    site.enrol(identity(), "lineage-1")
    assert site.catalogue() is site.catalogue()
    assert site.catalogue().version == site.catalogue("unheard").version == packaged().version
    site.take_page(page("catalogue", 1, published("test-2", 1)))
    assert site.catalogue().version == "test-2"


def test_the_newest_is_the_one_that_was_published_last(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.catalogue() == CATALOGUE
    site.take_page(page("catalogue", 3, published("test-2", 3), published("older", 2)))
    assert site.catalogue() == NEWER
    assert site.catalogue(VERSION) == CATALOGUE
    assert site.catalogue("older").version == "older"
    assert site.catalogue("unheard") == NEWER
    assert site.commit(replace(note("n1"), catalogue="")).operation.catalogue == "test-2"


def test_a_version_is_found_whatever_its_document_is_called(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.take_page(page("catalogue", 3, published("named", 2, "doc-7"), published("test-2", 3)))
    assert site.catalogue("named").version == "named"


def test_each_version_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(tmp_path)
    read: list[str] = []
    restored = catalogues._restored

    def counted(document: Document) -> object:
        read.append(document.id)
        return restored(document)

    monkeypatch.setattr(catalogues, "_restored", counted)
    for n in range(3):
        site.catalogue()
        site.commit(replace(note(f"n{n}"), catalogue=""))
        site.catalogue(VERSION)
    site.take_page(page("catalogue", 3, published("test-2", 3)))
    for n in range(3, 6):
        site.catalogue()
        site.commit(replace(note(f"n{n}"), catalogue=""))
        site.catalogue(VERSION)
    assert read == [VERSION, "test-2"]
