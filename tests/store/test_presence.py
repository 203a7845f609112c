"""Presence at one site: small files that count for seconds, and stop nobody."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.documents import Key
from agentdesk.store.presence import ELSEWHERE, FOLDER, STALE_MS, Presence, Present, elsewhere, here, mark

NOW = 1_790_000_000_000
TICKET = Key("region/bj", "t-1")


def somebody(name: str = "李强", document: str = TICKET.id, **more: object) -> Present:
    return Present(TICKET.scope, document, "bj1025", name, **more)  # type: ignore[arg-type]


def test_who_is_in_a_ticket_is_seen_by_the_others_and_not_by_himself(tmp_path: Path) -> None:
    one, other = Presence(tmp_path, "1"), Presence(tmp_path, "2")
    one.say(somebody(writing=True), NOW)
    assert other.others(TICKET, NOW) == (somebody(writing=True),)
    assert one.others(TICKET, NOW) == ()
    assert other.others(Key(TICKET.scope, "t-2"), NOW) == ()
    one.say(None, NOW)
    assert other.others(TICKET, NOW) == ()
    one.say(None, NOW)


@given(st.integers(-3 * STALE_MS, 3 * STALE_MS))
def test_what_isnt_said_again_counts_for_seconds(later: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Presence(Path(folder), "1").say(somebody(), NOW)
        seen = Presence(Path(folder), "2").others(TICKET, NOW + later)
        assert bool(seen) == (abs(later) <= STALE_MS)


def test_what_the_centre_says_about_other_sites_is_shown_with_their_names(tmp_path: Path) -> None:
    desk = Presence(tmp_path, "1")
    desk.say(somebody("张敏"), NOW)
    elsewhere(tmp_path, [somebody("赵磊", site="二号职场")], NOW)
    assert [(one.name, one.site) for one in desk.others(TICKET, NOW)] == [("赵磊", "二号职场")]
    assert [one.name for one in here(tmp_path, NOW)] == ["张敏"]


def test_a_file_that_is_broken_or_a_folder_that_is_missing_says_nothing(tmp_path: Path) -> None:
    desk = Presence(tmp_path, "1")
    assert desk.others(TICKET, NOW) == ()
    assert mark(tmp_path) == 0
    (tmp_path / FOLDER).mkdir()
    for name, content in (("2", "{"), ("3", "[]"), (ELSEWHERE, '{"at": 1, "present": [{}]}')):
        (tmp_path / FOLDER / f"{name}.json").write_text(content)
    assert desk.others(TICKET, NOW) == ()


def test_a_folder_that_cant_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file is in the way")
    desk = Presence(tmp_path, "1")
    desk.say(somebody(), NOW)
    assert desk.others(TICKET, NOW) == ()


def test_a_folder_in_which_nobody_ever_said_anything_has_no_mark(tmp_path: Path) -> None:
    assert mark(tmp_path) == 0
    Presence(tmp_path, "1").say(somebody(), NOW)
    assert mark(tmp_path) != 0
