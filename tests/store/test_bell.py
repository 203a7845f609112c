"""The bell: whoever commits is heard at once by the process that syncs, and by nobody else."""

from __future__ import annotations

import select
import socket
from pathlib import Path

import pytest

from agentdesk.store import bell
from agentdesk.store.bell import Bell, ring
from tests.store.world import make_site, note


def rings(heard: Bell, seconds: float = 20.0) -> bool:
    """Wait until something comes in at a bell, and tell whether it rang."""
    return bool(select.select([heard], [], [], seconds)[0]) and heard.heard()


def test_a_commit_rings_the_bell_of_its_folder(tmp_path: Path) -> None:
    site, other = make_site(tmp_path / "a"), make_site(tmp_path / "b")
    heard = Bell(tmp_path / "a")
    other.commit(note("n1"))
    assert not heard.heard()
    site.commit(note("n1"))
    assert rings(heard)
    assert not heard.heard()
    heard.close()
    assert not (tmp_path / "a" / bell.NAME).exists()
    site.commit(note("n2"))
    site.close()
    other.close()


def test_many_rings_are_one(tmp_path: Path) -> None:
    heard = Bell(tmp_path)
    for _ in range(10_000):
        ring(tmp_path)
    assert rings(heard)
    heard.close()


def test_only_who_can_read_the_folder_is_heard(tmp_path: Path) -> None:
    heard = Bell(tmp_path)
    assert (tmp_path / bell.NAME).stat().st_mode & 0o077 == 0
    port = int((tmp_path / bell.NAME).read_text().split()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"let me in", (bell.HOST, port))
        stranger.sendto(b"", (bell.HOST, port))
    assert not rings(heard)
    heard.close()


def test_the_newest_bell_is_the_one_that_rings(tmp_path: Path) -> None:
    first, second = Bell(tmp_path), Bell(tmp_path)
    first.close()
    ring(tmp_path)
    assert rings(second)
    second.close()


@pytest.mark.parametrize("content", ["", "x y", "99999 word", "1", "0 word", "\x00"])
def test_a_bell_that_is_broken_hurts_nobody(tmp_path: Path, content: str) -> None:
    ring(tmp_path)
    (tmp_path / bell.NAME).write_text(content)
    ring(tmp_path)
    ring(tmp_path / "nowhere")


def test_where_no_file_can_be_written_there_is_no_bell(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Bell(tmp_path / "nowhere")
