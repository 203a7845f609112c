"""Finding by names and words: whatever part is typed, in either script, here and on its way; and whatever it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from agentdesk.domain.documents import Document, Key
from agentdesk.domain.language.chinese import SURNAMES
from agentdesk.replica.driver import sqlite
from agentdesk.replica.search import chinese, left
from agentdesk.replica.tables import create, put, take_away
from agentdesk.store.intake import FOLLOWED
from agentdesk.store.site import Site
from tests.domain.test_chinese import usual_texts
from tests.domain.world import NOW, REGION, customer
from tests.store.world import Centre, close_all, draft, make_site, note, open_site, page, ticket

TRADITIONAL = OpenCC("s2t")

hostile_texts = st.text(
    st.one_of(st.characters(), st.sampled_from("\"'*^$():-+{}[]\x00\ud800👍 AND OR NOT NEAR")), max_size=60
)
common = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class World:
    """A site, and documents that come to it page by page."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._upto = count(11)

    def take(self, *documents: Document, gone: tuple[Key, ...] = ()) -> None:
        upto = next(self._upto)
        fresh = [Document(d.scope, d.id, d.type, upto, d.data) for d in documents]
        self.site.take_page(page(REGION, upto, *fresh, gone=gone))

    def ticket(self, name: str, words: str, **more: object) -> Document:
        data = {"number": "1", "customer": "c1", "state": "open", "at": NOW, "words": words, **more}
        return Document(REGION, name, "ticket", 1, data)

    def person(self, name: str, called: str) -> Document:
        return customer(name, name=called)

    def worded(self, typed: str, most: int = 50) -> set[str]:
        return {found.id for found in self.site.search.worded(typed, most)}

    def named(self, typed: str, most: int = 50) -> set[str]:
        return {found.id for found in self.site.search.named(typed, most)}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield World(make_site(tmp_path))
    close_all()


@common
@given(st.text(max_size=40))
def test_every_character_and_every_pair_of_them_finds_the_text_that_has_them(world: World, text: str) -> None:
    world.take(world.ticket("t", text))
    for length in (1, 2, 3):
        for start in range(len(text) - length + 1):
            part = text[start : start + length]
            runs = chinese().fold(part).split()
            if any(len(run) > 1 or not run.isascii() for run in runs):
                assert "t" in world.worded(part), part


@common
@example("一", "答复")  # 答覆 or 答復, by what stands before it
@given(usual_texts, usual_texts)
def test_traditional_and_simplified_words_find_the_same(world: World, text: str, typed: str) -> None:
    world.take(world.ticket("simple", text + typed), world.ticket("traditional", TRADITIONAL.convert(text + typed)))
    found = world.worded(typed)
    assert found == world.worded(TRADITIONAL.convert(typed))
    assert {"simple", "traditional"} <= found


@common
@example("万", "于")  # where one syllable ends another seems to begin
@given(st.sampled_from(sorted(SURNAMES)), usual_texts.filter(lambda text: len(text) < 3))
def test_every_reading_of_a_family_name_finds_the_name_and_each_part_of_it_does(
    world: World, family: str, rest: str
) -> None:
    """A family name and a given one, spoken in full, with spaces and capitals, or by initials."""
    name = family + rest
    world.take(world.person("c7", name))
    table = chinese()
    folded = table.fold(name)
    rest_spoken = "".join(table.sounds(one)[0] for one in table.fold(rest))
    rest_letters = "".join(table.sounds(one)[0][0] for one in table.fold(rest))
    if folded[:2] not in ("单于", "万俟"):
        for sound in (*SURNAMES[family], *table.sounds(family)):
            for typed in (sound, sound + rest_spoken, f"{sound} {rest_spoken}".upper(), sound[0] + rest_letters):
                assert "c7" in world.named(typed), typed
    for start in range(len(name)):
        assert "c7" in world.named(name[start:])
        assert "c7" in world.named(TRADITIONAL.convert(name[start:]))
        assert "c7" in world.named(name[: start + 1])


@common
@given(hostile_texts)
def test_nothing_that_is_typed_is_an_error(world: World, typed: str) -> None:
    world.site.search.worded(typed, 5)
    world.site.search.named(typed, 5)


@pytest.mark.parametrize("typed", ["x" * 10_000, "掉" * 10_000, '"' * 10_000, "a OR b" * 2_000, "\x00", "👍🏽" * 5_000])
def test_nothing_is_too_long(world: World, typed: str) -> None:
    world.take(world.ticket("t", "宽带频繁掉线"))
    assert not world.worded(typed)
    assert not world.named(typed)


@common
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(["掉线", "掉了线", "话费", ""]), st.booleans(), st.booleans()
        ),
        max_size=12,
    ),
    st.integers(1, 4),
)
def test_the_index_is_where_the_documents_are_whatever_happened_to_them(
    changes: list[tuple[str, str, bool, bool]], step: int
) -> None:
    connection = sqlite.connect(":memory:", isolation_level=None)
    try:
        _follow_through(connection, changes, step)
    finally:
        connection.close()


def _follow_through(connection: sqlite.Connection, changes: list[tuple[str, str, bool, bool]], step: int) -> None:
    from agentdesk.replica.search import asked, follow, pairs, prepare

    create(connection)
    prepare(connection)
    stands: dict[str, tuple[str, bool]] = {}
    for rev, (name, words, unfinished, gone) in enumerate(changes, 1):
        if gone:
            take_away(connection, [(REGION, name)])
            stands.pop(name, None)
        else:
            data = {"state": "open" if unfinished else "archived", "at": NOW + rev * 3_600_000, "words": words}
            put(connection, [Document(REGION, name, "ticket", rev, data)])
            stands[name] = (words, unfinished)
        if rev % step == 0:
            follow(connection, 10)
    while follow(connection, 2):
        pass
    assert left(connection) == 0
    for typed in ("掉线", "掉", "话费", "^open"):
        tokens = [typed] if typed == "^open" else sorted(pairs([typed]))
        rows = connection.execute(
            "SELECT d.id FROM search_words w JOIN search_text t ON t.place = w.rowid "
            "JOIN document d ON d.rowid = t.doc WHERE search_words MATCH ?",
            (asked(tokens),),
        )
        wanted = {
            n
            for n, (words, unfinished) in stands.items()
            if (typed in words or (typed == "^open" and unfinished and words))
        }
        assert sorted(row[0] for row in rows) == sorted(wanted)
    connection.execute("INSERT INTO search_words (search_words) VALUES ('integrity-check')")


def test_open_work_comes_first_and_then_the_newest(world: World) -> None:
    world.take(
        world.ticket("old", "宽带掉线", state="archived", at=NOW - 9),
        world.ticket("new", "宽带掉线", state="archived", at=NOW),
        world.ticket("oldest", "宽带掉线", at=NOW - 99),
    )
    assert [found.id for found in world.site.search.worded("宽带", 10)] == ["oldest", "new", "old"]
    assert [found.id for found in world.site.search.worded("宽带", 1)] == ["oldest"]


def test_a_name_that_is_just_so_comes_first_then_those_that_begin_so(world: World) -> None:
    world.take(*(world.person(f"c{n}", name) for n, name in enumerate(["赵王伟", "王伟明", "王伟", "王五"], 20)))
    assert [found.data["name"] for found in world.site.search.named("王伟", 10)] == ["王伟", "王伟明", "赵王伟"]
    assert {found.data["name"] for found in world.site.search.named("ww", 2)} == {"王伟", "王五"}


def test_what_is_made_here_is_found_at_once_and_goes_on_being_found(tmp_path: Path) -> None:
    world = World(make_site(tmp_path))
    site, centre = world.site, Centre.of(customer())
    site.commit_all((ticket("t1"), note("n1", "請客戶重啟光貓")))
    assert world.worded("重启光猫") == {"n1"}
    assert world.worded("no signal") == {"t1"}
    site.commit(draft("ticket.noted", "t1", {"text": "已派单"}))
    assert world.worded("派单") == {"t1"}
    batch = site.outbox.batch(100, 10**6)
    assert batch is not None
    site.take_answers("lineage-1", centre.push(batch))
    site.take_page(centre.page(10))
    assert not site.view.waiting_for(REGION, "t1")
    assert world.worded("派单") == {"t1"}
    assert world.worded("光猫") == {"n1"}
    close_all()


def test_what_waits_here_is_found_by_the_words_that_it_has_here(tmp_path: Path) -> None:
    world = World(make_site(tmp_path))
    world.take(Document(REGION, "n1", "note", 1, {"customer": "c1", "text": "旧的说法", "at": NOW}))
    site = world.site
    with site.files.writing() as outbox:
        from agentdesk.store.overlay import cover

        cover(outbox, [Document(REGION, "n1", "note", 1, {"customer": "c1", "text": "新的说法", "at": NOW})])
    assert world.worded("新的") == {"n1"}
    assert not world.worded("旧的")
    close_all()


def test_what_left_the_region_and_what_says_something_else_now_is_not_found(world: World) -> None:
    world.take(world.ticket("t1", "宽带掉线"), world.ticket("t2", "宽带掉线"), world.person("c9", "曾小明"))
    world.take(world.ticket("t1", "话费有误"), world.person("c9", "单小明"), gone=(Key(REGION, "t2"),))
    assert not world.worded("宽带")
    assert world.worded("话费") == {"t1"}
    assert not world.named("zxm")
    assert world.named("sxm") == {"c9"}


def test_the_beginning_of_a_number_finds_who_has_it_and_what_has_it_here_or_at_the_centre(tmp_path: Path) -> None:
    world = World(make_site(tmp_path))
    search = world.site.search
    for typed in ("186", "18612345678", "8618612345678"):
        assert [holder.customer for holder in search.reached(typed, 5)] == ["c1"], typed
    assert not search.reached("187", 5)
    world.take(world.ticket("t1", "", number="900000000048"), world.ticket("t2", "", number="910000000048"))
    opened = {"kind": "fault", "number": "900000000055", "customer": "c1", "title": "no signal"}
    world.site.commit(draft("ticket.opened", "t3", opened))
    assert {found.id for found in search.numbered("9000", 5)} == {"t1", "t3"}
    assert {found.id for found in search.numbered("910000000048", 5)} == {"t2"}
    assert search.name_of(REGION, "c1") == "王小明"
    assert search.name_of(REGION, "nobody") == ""
    close_all()


def test_a_large_page_is_found_by_its_words_a_little_later_and_never_wrongly(world: World) -> None:
    world.take(world.ticket("t0", "宽带掉线"))
    world.take(*(world.ticket(f"t{n}", "话费有误") for n in range(FOLLOWED + 1)))
    assert world.site.search.left()
    assert not world.worded("宽带")
    while world.site.search.follow():
        pass
    assert world.site.search.left() == 0
    assert len(world.worded("话费", 1000)) == FOLLOWED + 1


def test_a_replica_without_an_index_gets_one_piece_by_piece(tmp_path: Path) -> None:
    world = World(make_site(tmp_path))
    world.take(world.ticket("t1", "宽带掉线"), world.person("c9", "曾小明"))
    with world.site.files.indexing(REGION) as replica:
        replica.execute("DROP TABLE search_made")  # as a file that came whole, or from before there was an index
    close_all()
    site = open_site(tmp_path)
    world = World(site)
    assert site.search.left()
    assert not world.worded("宽带")
    assert not world.named("zxm")
    while site.search.follow():
        pass
    assert world.worded("宽带") == {"t1"}
    assert world.named("zxm") == {"c9"}
    close_all()


def test_an_index_of_another_version_is_made_anew(tmp_path: Path) -> None:
    world = World(make_site(tmp_path))
    world.take(world.ticket("t1", "宽带掉线"))
    with world.site.files.indexing(REGION) as replica:
        replica.execute("UPDATE search_made SET mark = 'older'")
        replica.execute("UPDATE search_text SET text = 'nonsense'")
    close_all()
    world = World(open_site(tmp_path))
    assert not world.worded("宽带")
    while world.site.search.follow():
        pass
    assert world.worded("宽带") == {"t1"}
    close_all()


def test_those_who_look_and_those_who_keep_the_index_are_not_in_each_others_way(tmp_path: Path) -> None:
    world = World(make_site(tmp_path))
    world.take(world.ticket("seen", "宽带掉线"))
    problems: list[BaseException] = []
    over = threading.Event()

    def look() -> None:
        site = Site(tmp_path, world.site.clock, world.site.entropy)
        try:
            while not over.is_set():
                site.files.refresh()
                assert any(found.id == "seen" for found in site.search.worded("宽带", 1000))
        except BaseException as problem:
            problems.append(problem)
        finally:
            site.close()

    looking = threading.Thread(target=look)
    looking.start()
    for turn in range(10):
        world.take(*(world.ticket(f"t{turn}-{n}", "宽带很慢") for n in range(20)))
    over.set()
    looking.join()
    assert not problems
    close_all()
