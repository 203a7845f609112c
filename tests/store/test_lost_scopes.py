"""What a site may no longer see goes from it, however far it had come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agentdesk.store.incoming import Incoming
from agentdesk.store.intake import Standing
from agentdesk.store.site import Site
from tests.domain.world import REGION
from tests.store.world import EPOCH, SCOPES, close_all, make_site, note, open_site, page
from tests.sync.whole import crowd, packed

ELSEWHERE = "region/elsewhere"


def granted(site: Site, *scopes: str) -> None:
    """Let the centre say what a site may see."""
    site.agree(Standing(EPOCH, 7, scopes, ()))


def begun(site: Site) -> None:
    """Begin a replica; the process died before its first page was in."""
    site.files.open_replica(ELSEWHERE).close()


def begun_and_renewed(site: Site) -> None:
    """Begin a replica, and a page of it lies in the next generation of that."""
    begun(site)
    site.files.renew_replica(ELSEWHERE)
    site.take_page(page(ELSEWHERE, 10))


def there(site: Site) -> None:
    site.take_page(page(ELSEWHERE, 10))


@pytest.mark.parametrize("so_far", [begun, begun_and_renewed, there])
def test_nothing_is_left_of_a_region_however_far_it_had_come(tmp_path: Path, so_far: Callable[[Site], None]) -> None:
    site = make_site(tmp_path)
    granted(site, *SCOPES, ELSEWHERE)
    so_far(site)
    close_all()
    site = open_site(tmp_path)
    granted(site, *SCOPES)
    site.complete_replicas()
    assert not site.files.attached.is_replicated(ELSEWHERE)
    assert ELSEWHERE not in site.view.cursors()
    assert list(tmp_path.glob("replica-region-elsewhere-*")) == []
    assert site.view.document(REGION, "c1") is not None


def test_a_region_goes_though_the_process_died_when_it_had_only_learnt_that_it_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site(tmp_path)
    granted(site, *SCOPES, ELSEWHERE)
    there(site)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("agentdesk.store.intake.Intake._leave", _dies)
        with pytest.raises(KeyboardInterrupt):
            granted(site, *SCOPES)
    close_all()
    site = open_site(tmp_path)
    site.recover()
    assert not site.files.attached.is_replicated(ELSEWHERE), "whether or not the centre can be reached"
    assert site.view.document(REGION, "c1") is not None


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_small_scope_that_only_the_next_generation_has_goes_too(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    granted(site, *SCOPES, "notices")
    site.files.renew_replica("org")
    site.take_page(page("notices", 3))
    granted(site, *SCOPES)
    site.complete_replicas()
    assert "notices" not in site.view.cursors()


def test_a_file_that_was_on_its_way_is_not_taken_in_when_its_region_is_lost(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made = site.commit(note("n1"))
    offer, data = packed(crowd(20), 20)
    coming = Incoming(tmp_path, offer)
    coming.feed(data)
    arrived = coming.verify()
    granted(site, *(scope for scope in SCOPES if scope != REGION))
    site.adopt(REGION, arrived)
    assert not site.files.attached.is_replicated(REGION)
    assert not arrived.exists()
    assert list(tmp_path.glob("replica-region-*")) == []
    assert site.outbox.waiting() == 1
    assert made.operation.document == "n1"
