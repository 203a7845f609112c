"""The packaged catalogue is made when it has changed, not at every start of a centre."""

from __future__ import annotations

import pytest

import agentdesk.catalogue
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.contract import Database
from agentdesk.domain.policy import Catalogue
from tests.centre.kit import catalogue


def test_the_second_start_makes_no_catalogue_and_a_changed_one_is_made_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def packaged() -> Catalogue:
        made.append(mark())
        return catalogue()

    mark = agentdesk.catalogue.packaged_mark
    monkeypatch.setattr(agentdesk.catalogue, "packaged", packaged)
    Centre(database).start()
    Centre(database).start()
    assert made == [mark()]
    published = database.read(lambda s: s.of_type("catalogue", "catalogue")).result()
    assert [document.id for document in published] == [catalogue().version]

    monkeypatch.setattr(agentdesk.catalogue, "packaged_mark", lambda: "another")
    Centre(database).start()
    assert len(made) == 2
    assert len(database.read(lambda s: s.of_type("catalogue", "catalogue")).result()) == 1
