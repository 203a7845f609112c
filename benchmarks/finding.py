"""Finding by names, sounds and words as they are typed, letter by letter, beside a bare look-up by the beginning."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

from agentdesk.desk.queries.finding import search
from agentdesk.replica.opening import connect
from agentdesk.replica.search import chinese
from agentdesk.store.search import Search
from agentdesk.store.site import Site
from benchmarks.measure import Figure, percentile

AIM = "≤ 16 ms, a frame"
SAMPLES = 300
WORDS = ("宽带", "掉线", "网", "账单有疑问", "無線", "信号", "客户", "回电", "no signal", "测速")


def measure(site: Site, customers: int) -> list[Figure]:
    """Make the index of a site piece by piece, and measure what is shown after each letter that is typed."""
    title = f"find, {customers:,} customers"
    figures = _index(site, title)
    names = _names(site)
    floor = _floor(site, names)
    for what, typed in _typed(names):
        samples = _samples(lambda words: search(site, words), typed)
        middle = percentile([wall for wall, _ in samples], 0.5)
        figures += [
            Figure(f"{title}, {what}: p50", middle, "ms", floor, middle / floor),
            Figure(f"{title}, {what}: p99", percentile([wall for wall, _ in samples], 0.99), "ms", aim=AIM),
            Figure(f"{title}, {what}: CPU, p99", percentile([cpu for _, cpu in samples], 0.99), "ms", aim=AIM),
        ]
    return figures


def _index(site: Site, title: str) -> list[Figure]:
    before, pieces = _size(site), []
    cpu = time.process_time()
    while True:
        began = time.perf_counter()
        if not site.search.follow():
            break
        pieces.append((time.perf_counter() - began) * 1000)
    return [
        Figure(f"{title}: the index, made in pieces, CPU", time.process_time() - cpu, "s"),
        Figure(f"{title}: a piece of it, p99", percentile(pieces or [0.0], 0.99), "ms"),
        Figure(f"{title}: the index on disk", (_size(site) - before) / 1e6, "MB"),
    ]


def _size(site: Site) -> int:
    found = 0
    for name in sorted(site.files.replicas()):
        with site.files.indexing(name) as replica:
            pages, free = (replica.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count"))
            found += (pages - free) * replica.execute("PRAGMA page_size").fetchone()[0]
    return found


def _names(site: Site) -> list[str]:
    names: set[str] = set()
    for alias in site.files.attached.aliases():
        rows = site.files.outbox.execute(f"SELECT name FROM {alias}.search_name WHERE length(name) < 5 LIMIT 50000")
        names.update(name for (name,) in rows if name)
    chosen = sorted(names)
    random.Random(1).shuffle(chosen)
    return chosen[:SAMPLES]


def _typed(names: Iterable[str]) -> Iterable[tuple[str, list[str]]]:
    """Yield what is typed to find some names and words, each also as far as its beginnings."""
    table = chinese()
    folded = [Search.fold_name(name) for name in names]
    spoken = [keys for name in folded if (keys := table.spoken(name))]
    yield "names", _begun(folded)
    yield "parts of names", [name[1:] for name in folded if name[1:]]
    yield "pinyin", _begun([keys[0] for keys in spoken])
    yield "initials", _begun([keys[1] for keys in spoken if len(keys) > 1])
    yield "words", _begun(WORDS) * 5
    yield "numbers", _begun([f"172{number:08d}" for number in range(0, 40_000_000, 1_000_000)], 3)


def _begun(texts: Iterable[str], least: int = 1) -> list[str]:
    return [text[:length] for text in texts for length in range(least, len(text) + 1)]


def _samples(look: Callable[[str], object], typed: list[str]) -> list[tuple[float, float]]:
    """Return the wall and CPU time of each look, ms."""
    chosen = random.Random(2).sample(typed, min(len(typed), SAMPLES))
    for words in chosen[:20]:
        look(words)
    samples = []
    for words in chosen:
        cpu, wall = time.thread_time(), time.perf_counter()
        look(words)
        samples.append(((time.perf_counter() - wall) * 1000, (time.thread_time() - cpu) * 1000))
    return samples


def _floor(site: Site, names: list[str]) -> float:
    """Return what SQLite alone takes for the first names that begin with some characters, ms."""
    file = next(site.files.folder.glob("replica-region-*.db"))
    connection = connect(f"file:{file}?mode=ro", site.files.key, uri=True)
    sql = "SELECT name, scope, id, data FROM document WHERE name >= ? AND name < ? ORDER BY name LIMIT 12"
    try:
        looks = _samples(lambda words: connection.execute(sql, (words, f"{words}\U0010ffff")).fetchall(), _begun(names))
        return percentile([wall for wall, _ in looks], 0.5)
    finally:
        connection.close()
