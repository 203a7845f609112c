"""Files in a site's folder that somebody else put there: read within bounds, and never written through."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agentdesk.domain.language.text import MAX_MARKS
from agentdesk.store import presence
from agentdesk.store.bell import NAME as BELL
from agentdesk.store.bell import Bell
from agentdesk.store.errors import StoreError
from agentdesk.store.files import Files
from agentdesk.store.presence import FOLDER, Presence, Present
from agentdesk.store.private import write_private
from agentdesk.store.small_files import write_whole
from agentdesk.sync.lease import Lease
from tests.hostile import HOSTILE, LONG_LINE, drawable, json_texts

AT = 1_000_000


@pytest.mark.parametrize("name", json_texts())
def test_a_word_of_presence_that_is_none_is_not_heard(tmp_path: Path, name: str) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "x.json").write_bytes(json_texts()[name])
    assert presence.here(tmp_path, AT) == ()


@pytest.mark.parametrize("words", [*HOSTILE, LONG_LINE], ids=lambda words: ascii(words[:12]))
def test_what_is_heard_of_others_is_clean(tmp_path: Path, words: str) -> None:
    for key in ("x", "near-ask-x"):
        said = words.encode("utf-8", "replace").decode()[:5_000]
        Presence(tmp_path, key).say(Present("region/bj", "t-1", "a", said, True, said, said), AT)
    for one in (*presence.here(tmp_path, AT), *presence.near(tmp_path, "ask", AT)):
        assert drawable(one.name + one.site + one.words)
        assert len(one.words) <= presence.MOST_WORDS * (1 + MAX_MARKS)


def test_a_word_of_presence_is_written_through_no_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "x.json").symlink_to(victim)
    Presence(tmp_path, "x").say(Present("region/bj", "t-1", "a", "张敏"), AT)
    assert victim.read_text() == "mine"
    assert [one.name for one in presence.here(tmp_path, AT)] == ["张敏"]


def test_a_folder_that_is_a_link_is_not_written_into(tmp_path: Path) -> None:
    victim, site = tmp_path / "victim", tmp_path / "site"
    victim.mkdir()
    site.mkdir()
    (site / FOLDER).symlink_to(victim)
    Presence(site, "x").say(Present("region/bj", "t-1", "a", "张敏"), AT)
    assert not list(victim.iterdir())
    with pytest.raises(OSError, match=r"."):
        write_whole(site / FOLDER / "y", "text")


def test_a_file_is_written_whole_for_its_owner_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("before")
    path.chmod(0o666)
    write_whole(path, "after")
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("planted", ["a file", "nothing"])
def test_locks_and_notes_of_a_site_are_not_made_through_links(tmp_path: Path, planted: str) -> None:
    victim, site = tmp_path / "victim", tmp_path / "site"
    site.mkdir()
    if planted == "a file":
        victim.write_text("mine")
    for name in ("sync.lock", "migrate.lock", "note", BELL, f"{BELL}.{os.getpid()}"):
        (site / name).symlink_to(victim)
    assert not Lease(site).take()
    with pytest.raises(OSError, match=r"."):
        write_private(site / "note", "text")
    Bell(site).close()
    with pytest.raises((OSError, StoreError)):
        Files(site)
    assert victim.exists() == (planted == "a file")
    assert not victim.exists() or victim.read_text() == "mine"


def test_what_is_kept_of_others_is_one_object_that_others_read(tmp_path: Path) -> None:
    presence.elsewhere(tmp_path, [Present("region/bj", "t-1", "a", "王\x1b[31m", site="网\u202e点")], AT)
    kept = json.loads((tmp_path / FOLDER / "elsewhere.json").read_text("utf-8"))
    assert kept["present"][0]["id"] == "t-1"
    (one,) = presence.here(tmp_path, AT) or presence._read(tmp_path / FOLDER / "elsewhere.json", AT)
    assert (one.name, one.site) == ("王", "网点")
