"""A scope that comes as one file: whatever happens on the way, it is right when it is seen, or isn't seen."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.replica.opening import connect
from agentdesk.replica.tally import Tally, tally
from agentdesk.store import incoming
from agentdesk.store.errors import DiskFull
from agentdesk.store.incoming import Damaged, Incoming, Offer
from agentdesk.trust.streams import CHUNK, TAG
from tests.domain.world import REGION
from tests.store.world import EPOCH, OWN, close_all, make_site, note, open_site, page
from tests.sync.whole import crowd, opened, packed, sealed

SITE_KEY = bytes(range(32))


@pytest.fixture(scope="module")
def whole() -> tuple[Offer, bytes]:
    return packed(crowd(150), 150)


def fetch(folder: Path, offer: Offer, data: bytes, cuts: list[int], key: bytes | None = None) -> Path:
    """Fetch a file, with a new process after each of some numbers of bytes."""
    ends = [*sorted(cuts), len(data)]
    for number, end in enumerate(ends, 1):
        one = Incoming(folder, offer, key)
        while one.behind:
            one.catch_up(1_000)
        assert one.have <= end
        for start in range(one.have, end, 3_333):
            one.feed(data[start : min(start + 3_333, end)])
        if number < len(ends):
            one.close()
    assert one.whole
    return one.verify()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(cuts=st.lists(st.floats(0, 1), max_size=4))
def test_it_is_whole_wherever_it_was_interrupted(whole: tuple[Offer, bytes], tmp_path: Path, cuts: list[float]) -> None:
    offer, data = whole
    path = fetch(tmp_path, offer, data, [int(cut * len(data)) for cut in cuts], SITE_KEY)
    connection = connect(path, SITE_KEY)
    assert connection.execute("SELECT count(*) FROM document").fetchone() == (150,)
    assert tally(connection, REGION) == Tally(150, sum(range(1, 151)))
    connection.close()
    shutil.rmtree(tmp_path / "incoming")


def take(one: Incoming, data: bytes) -> Path:
    for start in range(0, len(data), 50_000):
        one.feed(data[start : start + 50_000])
    return one.verify()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_wrong_byte_is_always_found(whole: tuple[Offer, bytes], tmp_path: Path, place: float, flip: int) -> None:
    offer, data = whole
    wrong = bytearray(data)
    wrong[int(place * len(data))] ^= flip
    one = Incoming(tmp_path, offer)
    with pytest.raises(Damaged):
        take(one, bytes(wrong))
    one.discard()
    assert not (tmp_path / "incoming").exists()


def edited(content: bytes, what: str, scope: str = REGION) -> bytes:
    """Return rows that the centre can't have meant."""
    lines = content.split(b"\n")
    match what:
        case "another scope":
            lines[0] = lines[0].replace(scope.encode(), b"org")
        case "twice":
            lines[3:6] = lines[:3]
        case "a row less":
            del lines[:3]
        case "a number less":
            del lines[-2]
        case "a number more":
            lines.insert(-1, lines[-2].replace(b'"x', b'"y'))
        case "no row":
            lines[0] = b'{"scope":1}'
        case "no array":
            lines[0] = b"["
        case "a column less":
            lines[0] = lines[0].rpartition(b",")[0] + b"]"
        case "lists for texts":
            lines[0] = lines[0].replace(b'"customer"', b'["customer"]')
        case "another revision":
            lines[0] = lines[0].replace(b'"customer",', b'"customer",9')
        case "no text":
            lines[1] = b"\xff\xfe"
        case "no end":
            return content[:-1]
    return b"\n".join(lines)


@pytest.mark.parametrize(
    "what",
    [
        *("another scope", "twice", "a row less", "a number less", "a number more", "no row", "no array"),
        *("a column less", "lists for texts", "another revision", "no text", "no end"),
    ],
)
def test_what_is_no_sound_replica_of_the_scope_is_not_taken(
    whole: tuple[Offer, bytes], tmp_path: Path, what: str
) -> None:
    offer, data = whole
    content = opened(offer, data)
    assert edited(content, "nothing") == content
    wrong, again = sealed(edited(content, what), offer)
    assert edited(content, what) != content
    one = Incoming(tmp_path, wrong)
    with pytest.raises(Damaged):
        take(one, again)
    one.discard()
    assert not (tmp_path / "incoming").exists()


@pytest.mark.parametrize("how", ["another key", "another name", "another scope", "swapped", "left out", "cut off"])
def test_what_was_not_encrypted_so_does_not_open(whole: tuple[Offer, bytes], tmp_path: Path, how: str) -> None:
    """Each with a hash that fits: the key and the place of each part are what is looked at."""
    import hashlib

    offer, data = packed(crowd(1_100), 1_100)
    part = CHUNK + TAG
    assert len(data) > 3 * part
    match how:
        case "another key":
            offer = replace(offer, key=bytes(32))
        case "another name":
            offer = replace(offer, name="e1-149.rows")
        case "another scope":
            offer = replace(offer, scope="region/sh")
        case "swapped":
            data = data[part : 2 * part] + data[:part] + data[2 * part :]
        case "left out":
            data = data[part:]
        case "cut off":
            data = data[:part]
    one = Incoming(tmp_path, replace(offer, size=len(data), sha256=hashlib.sha256(data).hexdigest()))
    with pytest.raises(Damaged, match="isn't what was encrypted"):
        one.feed(data)
    one.discard()


def test_no_more_is_unpacked_than_was_said(whole: tuple[Offer, bytes], tmp_path: Path) -> None:
    offer, _ = whole
    bomb, data = sealed(bytes(300_000_000), offer)
    assert len(data) < 100_000
    one = Incoming(tmp_path, replace(bomb, content_size=offer.content_size))
    with pytest.raises(Damaged, match="more than was said"):
        one.feed(data)
    assert (tmp_path / "incoming" / "region-bj.db").stat().st_size <= offer.content_size
    one.discard()


def test_what_would_unfold_to_far_more_than_rows_ever_do_is_not_even_fetched(
    whole: tuple[Offer, bytes], tmp_path: Path
) -> None:
    bomb, _ = sealed(bytes(300_000_000), whole[0])
    with pytest.raises(Damaged, match="unfold"):
        Incoming(tmp_path, bomb)
    assert list(tmp_path.iterdir()) == []


def test_a_line_without_an_end_is_not_read_into_memory(whole: tuple[Offer, bytes], tmp_path: Path) -> None:
    bomb, data = sealed(b"[" + random.Random(1).randbytes(9_000_000).hex().encode(), whole[0])
    one = Incoming(tmp_path, bomb)
    with pytest.raises(Damaged, match="too long"):
        one.feed(data)
    one.discard()


def test_neither_the_key_nor_a_row_is_written_in_the_clear(whole: tuple[Offer, bytes], tmp_path: Path) -> None:
    offer, data = whole
    names = ("客户12".encode(), b"x149", offer.key, offer.key.hex().encode())
    for key, readable in ((None, {"x149", "客户12"}), (SITE_KEY, set())):
        folder = tmp_path / str(key is None)
        folder.mkdir()
        one = Incoming(folder, offer, key)
        one.feed(data)
        one.index()
        path = one.verify()
        found = b"".join(file.read_bytes() for file in (folder / "incoming").iterdir())
        assert {name.decode() for name in names if name in found} == readable
        assert all(file.stat().st_mode & 0o077 == 0 for file in (folder / "incoming").iterdir())
        assert (
            path.read_bytes()[:15] == b"SQLite format 3"
            if key is None
            else path.read_bytes()[:15] != b"SQLite format 3"
        )
        one.discard()
    assert offer.key.hex() not in repr(offer)
    assert repr(offer.key) not in repr(offer)


def test_another_file_begins_from_the_start(whole: tuple[Offer, bytes], tmp_path: Path) -> None:
    offer, data = whole
    first = Incoming(tmp_path, offer)
    first.feed(data[:5_000])
    first.close()
    same = Incoming(tmp_path, offer)
    assert same.have == 5_000
    same.close()
    newer = Incoming(tmp_path, replace(offer, seq=151, sha256="0" * 64))
    assert newer.have == 0
    newer.discard()


def test_without_room_it_does_not_begin_and_says_how_much_to_free(
    whole: tuple[Offer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer, _ = whole
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(1, 1, incoming.SPARE))
    with pytest.raises(DiskFull, match=r"no room for region/bj: free \d+ MB more"):
        Incoming(tmp_path, offer)


def test_a_disk_that_fills_up_keeps_what_came_and_gives_back_what_was_unpacked(
    whole: tuple[Offer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer, data = whole
    one = Incoming(tmp_path, offer)
    one.feed(data[:9_000])

    def full(_file: object, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(incoming, "_write", full)
        with pytest.raises(DiskFull, match="free some space, the rest goes on by itself"):
            one.feed(data[9_000:])
    one.close()
    assert {path.name for path in (tmp_path / "incoming").iterdir()} == {"region-bj.json", "region-bj.part"}
    assert fetch(tmp_path, offer, data, []).exists()


# ---------------------------------------------------------------- taken in


def arrived(site_folder: Path, offer: Offer, data: bytes) -> Path:
    return fetch(site_folder, offer, data, [])


def test_a_first_file_serves_at_once_and_its_log_goes_on(whole: tuple[Offer, bytes], tmp_path: Path) -> None:
    offer, data = whole
    site = make_site(tmp_path)
    site.files.drop_replica(REGION)
    site.commit(note("n1"))
    site.adopt(REGION, arrived(tmp_path, offer, data))

    assert site.pull_cursors()[REGION] == (EPOCH, 150, "h150")
    assert site.view.document(REGION, "x149") is not None
    assert site.view.document(REGION, "n1") is not None, "what waits here is still seen"
    site.take_page(page(REGION, 151, replace(crowd(1)[0], rev=151)))
    replicated = site.view.replicated(REGION, "x0")
    assert replicated is not None
    assert replicated.rev == 151


def test_the_old_generation_serves_until_the_new_one_has_caught_up(whole: tuple[Offer, bytes], tmp_path: Path) -> None:
    offer, data = whole
    site, other = make_site(tmp_path), open_site(tmp_path)
    site.files.renew_replica(REGION)
    site.adopt(REGION, arrived(tmp_path, offer, data))

    for desk in (site, other):
        desk.files.refresh()
        assert desk.view.document(REGION, "c1") is not None
        assert desk.view.document(REGION, "x1") is None
    assert site.pull_cursors()[REGION] == (EPOCH, 150, "h150")
    assert site.complete_replicas()
    for desk in (site, other):
        desk.files.refresh()
        assert desk.view.document(REGION, "c1") is None
        assert desk.view.document(REGION, "x1") is not None
    assert len(list(tmp_path.glob("replica-region-bj-*.db"))) == 1


@pytest.mark.parametrize("fails", ["rename", "_keep_names"])
def test_a_crash_while_it_is_taken_in_leaves_the_old_generation(
    whole: tuple[Offer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    offer, data = whole
    site = make_site(tmp_path)
    path = arrived(tmp_path, offer, data)
    target: Callable[..., None] = kill
    with monkeypatch.context() as patch:
        if fails == "rename":
            patch.setattr(Path, "rename", target)
        else:
            patch.setattr("agentdesk.store.files._keep_names", target)
        with pytest.raises(Killed):
            site.adopt(REGION, path)
    close_all()

    site = open_site(tmp_path)
    assert site.view.document(REGION, "c1") is not None
    assert site.pull_cursors()[REGION][1] == 10
    site.adopt(REGION, arrived(tmp_path, offer, data))
    assert site.complete_replicas()
    assert site.view.document(REGION, "x1") is not None
    assert site.view.cursors()[OWN][1] == 2
    names = {name for name in os.listdir(tmp_path) if name.startswith("replica-region") and name.endswith(".db")}
    assert len(names) == 1
