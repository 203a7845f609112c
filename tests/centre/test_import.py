"""Importing customers: read as they are, refused with a reason, merged by a stated rule, and twice the same."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.centre.importer.columns import HEADERS
from agentdesk.centre.importer.customers import Progress, Report, import_customers
from agentdesk.centre.importer.source import ImportRefused
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import matches
from agentdesk.sample.spreadsheet import as_csv
from tests.centre.kit import REGION, SCOPE, World, customer

HEADER = ["客户编号", "客户名称", "证件号码", "服务密码", "卡级", "用户号码", "业务类型", "套餐", "欠费"]


def write(path: Path, rows: list[list[str]], header: list[str] = HEADER, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def run(world: World, path: Path, **more: Any) -> Report:
    return import_customers(world.centre.database, path, REGION, means=world.means, **more)


def imported(world: World) -> dict[str, Document]:
    """Return the customers that didn't come with the kit, by their id at the other system."""
    log = world.centre.database.read(lambda s: {row.document for row in s.log(SCOPE, 0, 10_000)}).result()
    found = world.documents(SCOPE, *log).values()
    return {d.data["external_id"]: d for d in found if d.type == "customer" and "external_id" in d.data}


def rejects(report: Report) -> list[tuple[int, str]]:
    """Return line number and reason of each refused line."""
    assert report.rejects is not None
    with report.rejects.open(encoding="utf-8-sig", newline="") as file:
        return [(int(row["line"]), row["reason"]) for row in csv.DictReader(file)]


WANG = ["K1", "王小明", "110101199001011234", "135790", "金卡", "18612345678", "移动", "畅爽 99", "12.50"]


def test_a_row_becomes_a_customer(world: World, tmp_path: Path) -> None:
    report = run(world, write(tmp_path / "c.csv", [WANG]))
    found = imported(world)["K1"]

    assert (report.rows, report.rejected, report.written.new, report.rejects) == (1, 0, 1, None)
    assert (found.data["name"], found.data["card"]) == ("王小明", "gold")
    assert found.data["accounts"] == [{"id": f"{found.id}-account", "arrears": 1250}]
    line = found.data["subscriptions"][0]
    assert (line["number"], line["kind"], line["plan"]) == ("+8618612345678", "mobile", "畅爽 99")


def test_secrets_are_sealed_and_nowhere_to_be_found(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    run(world, write(folder / "c.csv", [WANG]))
    data = imported(world)["K1"].data

    assert data["certificate"] == "1101**************"
    assert matches(data, "certificate_tail", "1234") is True
    assert matches(data, "certificate_tail", "4321") is False
    assert matches(data, "service_password", "135790") is True
    world.centre.database.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("centre.db*"))
    assert b"110101199001011234" not in content
    assert b"135790" not in content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found(world: World, tmp_path: Path, encoding: str) -> None:
    rare = "𠮷田㼆·买买提"
    report = run(world, write(tmp_path / "c.csv", [["K1", rare, *WANG[2:]]], encoding=encoding))

    assert report.encoding == encoding
    assert imported(world)["K1"].data["name"] == rare


def test_gb18030_is_found_behind_a_megabyte_of_plain_letters(world: World, tmp_path: Path) -> None:
    header = ["customer id", "name", "number"]
    rows = [[f"K{n}", "x" * 200, "1720"] for n in range(6000)] + [["K-last", "张三丰", "18612345678"]]
    path = write(tmp_path / "c.csv", rows, header, "gb18030")
    report = run(world, path)

    assert (report.encoding, report.rejected) == ("gb18030", 6000)
    assert imported(world)["K-last"].data["name"] == "张三丰"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_headers_in_either_language_and_any_delimiter(world: World, tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "c.csv"
    text = "Customer_ID,Name,Card Level,PHONE NUMBER,unknown\nK1,Anna,Diamond,+86 186-1234-5678,x\n"
    path.write_text(text.replace(",", delimiter))
    report = run(world, path)
    data = imported(world)["K1"].data

    assert (data["name"], data["card"], data["subscriptions"][0]["number"]) == ("Anna", "diamond", "+8618612345678")
    assert report.ignored == ("unknown",)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        (5, "1.86E+10", "number_scientific"),
        (5, "1.86e+10", "number_scientific"),
        (5, "186****5678", "number_masked"),
        (5, "1720", "number_too_short"),
        (5, "18612345678/18687654321", "number_several"),
        (1, "", "name_missing"),
        (1, "  ", "name_missing"),
        (2, "1.10101E+17", "certificate_scientific"),
        (2, "一二三四五六", "certificate"),
        (4, "黑金卡", "unknown_value"),
        (8, "-", "amount"),
        (8, "-3", "amount"),
        (8, "12.345", "amount"),
        (0, "1.2E+10", "id_scientific"),
    ],
)
def test_what_can_not_be_read_is_refused_with_a_reason(
    world: World, tmp_path: Path, column: int, cell: str, reason: str
) -> None:
    bad = [*WANG[:column], cell, *WANG[column + 1 :]]
    bad[0] = bad[0] if column == 0 else "K-bad"
    good = ["K2", "李强", "", "", "", "13912345678", "", "", ""]
    report = run(world, write(tmp_path / "c.csv", [bad, good]))

    assert rejects(report) == [(2, reason)]
    assert set(imported(world)) == {"K2"}


def test_the_file_of_refused_lines_can_be_mended_and_imported(world: World, tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", [["K1", "王小明", "", "", "", "1.86E+10", "", "", ""]])
    report = run(world, path)
    assert report.rejects == tmp_path / "c.rejected.csv"
    assert report.rejects.stat().st_mode & 0o077 == 0
    report.rejects.write_text(report.rejects.read_text("utf-8-sig").replace("1.86E+10", "18612345678"), "utf-8-sig")
    again = run(world, report.rejects)

    assert (again.rejected, again.written.new) == (0, 1)
    assert imported(world)["K1"].data["subscriptions"][0]["number"] == "+8618612345678"


def test_a_clean_import_takes_an_older_file_of_refused_lines_away(world: World, tmp_path: Path) -> None:
    run(world, write(tmp_path / "c.csv", [["K1", "", "", "", "", "", "", "", ""]]))
    assert (tmp_path / "c.rejected.csv").exists()
    run(world, write(tmp_path / "c.csv", [WANG]))
    assert not (tmp_path / "c.rejected.csv").exists()


def test_what_a_spreadsheet_wraps_is_unwrapped(world: World, tmp_path: Path) -> None:
    run(
        world,
        write(tmp_path / "c.csv", [['="0001"', "王小明", "'110101199001011234", "", "", '="18612345678"', "", "", ""]]),
    )

    assert imported(world)["0001"].data["subscriptions"][0]["number"] == "+8618612345678"


def test_rows_of_one_customer_are_united(world: World, tmp_path: Path) -> None:
    rows = [
        WANG,
        ["K1", "王小明", "", "", "钻石卡", "01082345678", "固话", "", ""],
        ["K9", "王小明", "110101199001011234", "", "", "", "宽带", "宽带 200M", ""],
    ]
    report = run(world, write(tmp_path / "c.csv", rows))
    found = imported(world)

    assert report.written.new == 1
    data = found["K9"].data
    assert data["card"] == "diamond"
    assert [line.get("number") for line in data["subscriptions"]] == ["+8618612345678", "+861082345678"]
    assert matches(data, "service_password", "135790") is True


def test_an_id_and_a_certificate_of_two_customers_are_never_guessed_about(world: World, tmp_path: Path) -> None:
    rows = [
        WANG,
        ["K2", "李强", "110101199202022345", "", "", "13912345678", "", "", ""],
        ["K1", "谁", "110101199202022345", "", "", "13700001111", "", "", ""],
    ]
    report = run(world, write(tmp_path / "c.csv", rows))

    assert rejects(report) == [(4, "two_customers")]
    assert {d.data["name"] for d in imported(world).values()} == {"王小明", "李强"}


def test_a_row_without_id_and_certificate_is_known_by_number_and_name(world: World, tmp_path: Path) -> None:
    row = ["", "王小明", "", "", "", "18612345678", "", "", ""]
    other = ["", "王小红", "", "", "", "18612345678", "", "", ""]
    nobody = ["", "王小明", "", "", "", "", "宽带", "", ""]
    report = run(world, write(tmp_path / "c.csv", [row, other, row, nobody]))

    assert report.written.new == 2
    assert rejects(report) == [(5, "identity_missing")]


def test_a_second_import_changes_only_what_is_different(world: World, tmp_path: Path) -> None:
    rows = [WANG, ["K2", "李强", "", "246800", "", "13912345678", "", "", "0"]]
    run(world, write(tmp_path / "c.csv", rows))
    head = world.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE]
    again = run(world, write(tmp_path / "c.csv", rows))
    assert again.written.same == 2
    assert world.centre.database.read(lambda s: s.scopes([SCOPE])).result()[SCOPE] == head

    rows[1][8] = "30.00"
    third = run(world, write(tmp_path / "c.csv", rows))
    found = imported(world)["K2"]
    assert (third.written.changed, third.written.same) == (1, 1)
    assert found.rev == head.seq + 1
    assert {name for name, (rev, _) in found.revs.items() if rev == found.rev} == {"accounts"}


def test_a_line_that_works_again_forgets_why_it_was_stopped(world: World, tmp_path: Path) -> None:
    header = ["客户编号", "客户名称", "用户号码", "状态", "停机原因", "停机时间"]
    run(world, write(tmp_path / "c.csv", [["K1", "王", "18612345678", "停机", "欠费", "2026-09-01 08:30"]], header))
    stopped = imported(world)["K1"].data["subscriptions"][0]
    run(world, write(tmp_path / "c.csv", [["K1", "王", "18612345678", "正常", "", ""]], header))

    assert stopped["stopped_at"] == datetime(2026, 9, 1, 0, 30, tzinfo=UTC).timestamp() * 1000
    assert (stopped["status"], stopped["stop_reason"]) == ("stopped", "arrears")
    line = imported(world)["K1"].data["subscriptions"][0]
    assert line["status"] == "active"
    assert "stop_reason" not in line


@pytest.mark.parametrize(
    "text", ["2019-05-01", "2019/5/1", "20190501", "2019年5月1日", "2019.05.01", "2019-05-01 00:00"]
)
def test_days_are_read_in_their_usual_forms(world: World, tmp_path: Path, text: str) -> None:
    run(world, write(tmp_path / "c.csv", [["K1", "王", text]], ["客户编号", "客户名称", "入网时间"]))

    assert imported(world)["K1"].data["since"] == datetime(2019, 4, 30, 16, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize("text", ["不详", "43586", "2019-02-30", "5/1/2019", "2019", "0000-00-00"])
def test_a_day_that_is_none_is_refused(world: World, tmp_path: Path, text: str) -> None:
    report = run(world, write(tmp_path / "c.csv", [["K1", "王", text]], ["客户编号", "客户名称", "入网时间"]))

    assert rejects(report) == [(2, "day")]


def test_a_quote_that_is_never_closed_spoils_one_line(world: World, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(
        "客户编号,客户名称,用户号码\n"
        'K1,"王小明,18612345678\n'
        'K2,"李\n强",13912345678\n'
        'K3,5" 宽,13712345678\n'
        "K4,赵敏,13612345678\n"
    )
    report = run(world, path)

    assert rejects(report) == [(2, "unclosed_quote")]
    assert {key: d.data["name"] for key, d in imported(world).items()} == {"K2": "李 强", "K3": '5" 宽', "K4": "赵敏"}


def test_damaged_characters_spoil_one_line(world: World, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes("客户编号,客户名称\nK1,张三\n".encode("gb18030") + b"K2,\xff\xff\nK3,ok\n")
    report = run(world, path)

    assert rejects(report) == [(3, "damaged_characters")]
    assert set(imported(world)) == {"K1", "K3"}


def test_names_can_not_carry_what_a_terminal_obeys(world: World, tmp_path: Path) -> None:
    run(world, write(tmp_path / "c.csv", [["K1", "王\x1b[31m小\u202e明", *WANG[2:]]]))

    assert imported(world)["K1"].data["name"] == "王小明"


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "empty"),
        (b"a,b,c\n1,2,3\n", "no column for name"),
        (b"PK\x03\x04\0\0\0\0", "not a text"),
        (b"\n\n", "no column for name"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(
    world: World, tmp_path: Path, content: bytes, advice: str
) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(content)

    with pytest.raises(ImportRefused, match=advice):
        run(world, path)
    with pytest.raises(ImportRefused, match="can't be read"):
        run(world, tmp_path / "missing.csv")


def test_every_header_that_is_understood_is_in_the_guide(repository: Path) -> None:
    guide = (repository / "docs" / "IMPORT.md").read_text("utf-8")
    told = {
        cells[1].strip(): tuple(header.strip() for header in cells[2].split(","))
        for cells in (line.split("|") for line in guide.splitlines() if line.startswith("| "))
        if len(cells) == 4
    }

    assert {field: told.get(field) for field in HEADERS} == dict(HEADERS)


def test_progress_is_told_to_the_end(world: World, tmp_path: Path) -> None:
    told: list[Progress] = []
    rows = [[f"K{n}", "王", "", "", "", "", "", "", ""] for n in range(2500)]
    run(world, write(tmp_path / "c.csv", rows), progress=told.append)

    assert [p.rows for p in told] == [1000, 2000, 2500, 2500]
    assert told[-1].share == 1.0
    assert [p.share for p in told] == sorted(p.share for p in told)


def test_the_archive_explains_an_import(world: World, tmp_path: Path) -> None:
    run(world, write(tmp_path / "客户.csv", [WANG]))
    lineage = world.centre.database.read(lambda s: s.meta("lineage") or "").result()
    archived = world.centre.database.read(lambda s: s.archived("centre", lineage, 1, 99)).result()
    receipts = world.centre.database.read(lambda s: s.receipts_at("centre", lineage, 1, 99)).result()

    assert archived[-1].kind == "customers.imported"
    assert "客户.csv" in (archived[-1].body or "")
    assert (receipts[-1].scope, receipts[-1].change) == (SCOPE, imported(world)["K1"].rev)


def test_a_lost_key_is_noticed_before_every_customer_becomes_a_new_one(world: World, tmp_path: Path) -> None:
    from agentdesk.centre.storage.contract import StorageError

    path = write(tmp_path / "c.csv", [WANG])
    run(world, path)
    next(tmp_path.glob("*.key")).unlink()

    with pytest.raises(StorageError, match="key"):
        run(world, path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["K1", "K2", "K3", ""]),
            st.sampled_from(["王", "李", ""]),
            st.sampled_from(["110101199001011234", "110101199202022345", ""]),
            st.sampled_from(["", "135790"]),
            st.sampled_from(["金卡", "银卡", "?", ""]),
            st.sampled_from(["18612345678", "13912345678", "1.86E+10", ""]),
        ),
        max_size=12,
    )
)
def test_any_file_is_accounted_for_and_changes_nothing_the_second_time(
    world: World, tmp_path: Path, rows: list[tuple[str, ...]]
) -> None:
    path = write(tmp_path / "c.csv", [list(row) for row in rows], HEADER[:6])
    first = run(world, path)
    refused = len(rejects(first)) if first.rejects else 0
    second = run(world, path)

    assert first.rejected == refused
    # a line that is empty altogether is no row
    assert first.rows == sum(any(row) for row in rows)
    assert second.written.new == 0
    assert second.rejected == first.rejected
    assert world.centre.database.read(lambda s: s.check_log(SCOPE)).result() == 0


def test_the_samples_spreadsheet_comes_in_but_for_its_blemishes(world: World, tmp_path: Path) -> None:
    people = [customer(n, portrait="data", value="high", certificate="1101**************", address="x") for n in (1, 2)]
    for person in people:
        for line in person.data["subscriptions"]:
            line |= {"fee": 100, "plan": "p", "home": "北京", "opened_at": 1_600_000_000_000}
        person.data["accounts"][0]["balance"] = 5
    written = as_csv(tmp_path / "s.csv", people, "gb18030", spoil_every=2)
    report = run(world, tmp_path / "s.csv")

    assert (report.rows, report.rejected) == (written.rows, written.spoilt)
    assert report.ignored == ()
