"""What `docs/COVERAGE.md` says of the articles: each mechanism is in it, and each test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "COVERAGE.md").read_text()

MECHANISMS = {"A": 25, "B": 10, "C": 28, "D": 15, "E": 23, "F": 17, "G": 14}
"""How many mechanisms the articles describe, by section."""

ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if re.match(r"\| [A-G]\d", line)]
IDS = re.compile(r"([A-G])(\d+)(?:[–-][A-G]?(\d+))?")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_mechanism_of_the_articles_has_its_row() -> None:
    said = {
        f"{letter}{number}"
        for cells in ROWS
        for letter, first, last in IDS.findall(cells[0])
        for number in range(int(first), int(last or first) + 1)
    }
    wanted = {f"{letter}{number}" for letter, most in MECHANISMS.items() for number in range(1, most + 1)}
    assert sorted(wanted - said) == []


def test_every_row_of_what_is_built_names_a_test_that_exists() -> None:
    wrong = []
    for cells in ROWS:
        if len(cells) != len(("row", "what", "test", "screen")):
            continue  # what is left for supervisors has the facts in its third column, and no fourth
        named = NAMED.findall(cells[2])
        if not named:
            wrong.append(f"{cells[0].strip()}: no test")
        for path, name in named:
            file = ROOT / path
            if not file.exists() or (name and f"def {name}(" not in file.read_text()):
                wrong.append(f"{cells[0].strip()}: {path}::{name}")
    assert wrong == []
