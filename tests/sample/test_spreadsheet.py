"""A spreadsheet of customers reads back as it was written, in the encodings that exports come in."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from agentdesk.domain.numbering.numbers import Number, normalise
from agentdesk.sample import as_csv
from agentdesk.sample.spreadsheet import CODES, COLUMNS, Language
from tests.sample.worlds import shared, world


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_of_every_customer_reads_back(tmp_path: Path, encoding: str, language: Language) -> None:
    path = tmp_path / "customers.csv"
    customers = list(world(size=300).customers())
    written = as_csv(path, customers, encoding, language)
    with path.open(encoding=encoding, newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS.values() if language == "zh" else COLUMNS)
    lines = [(customer, line) for customer in customers for line in customer.data["subscriptions"]]
    assert written.rows == len(rows) == len(lines)
    assert written.spoilt == 0
    column = COLUMNS if language == "zh" else {name: name for name in COLUMNS}
    for row, (customer, line) in zip(rows, lines, strict=True):
        assert row[column["customer_id"]] == customer.id
        assert row[column["name"]] == customer.data["name"]
        card = customer.data["card"]
        assert row[column["card"]] == (CODES["card"][card] if language == "zh" else card)
        assert row[column["fee"]] == f"{line['fee'] / 100:.2f}"
        if line["number"]:
            number = normalise(row[column["number"]])
            assert isinstance(number, Number)
            assert number.e164 == line["number"]
        else:
            assert row[column["number"]] == ""


def test_a_byte_order_mark_is_written_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    as_csv(path, world(size=3).customers(), "utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_spoilt_rows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    written = as_csv(path, shared().customers(), language="en", spoil_every=10, at_most=1_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert written.rows == len(rows) == 1_000
    assert written.spoilt == 100
    assert sum(row["number"] == "1.72E+10" for row in rows) == 20


def test_the_same_customers_make_the_same_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    as_csv(one, world(size=200).customers(), "gb18030")
    as_csv(other, world(size=200).customers(), "gb18030")
    assert one.read_bytes() == other.read_bytes()
