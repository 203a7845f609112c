"""What commands print is masked; what isn't was asked for with a reason, and is written down first (DOMAIN rule 9)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from agentdesk.cli import shapes
from agentdesk.store.site import Site
from tests.cli.commands import inside
from tests.desk.world import WANG, FrozenClock, SeededEntropy, entries, make_site

NAME, PLAIN = "王敏慧", "18612345678"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_site(tmp_path, FrozenClock(), SeededEntropy())
    return tmp_path


def noted(folder: Path) -> list[dict[str, object]]:
    site = Site(folder, FrozenClock(), SeededEntropy())
    try:
        return [dict(entry.body or {}) for entry in entries(site, "reveal.noted")]
    finally:
        site.close()


def unmasked(text: str) -> bool:
    flat = text.replace(" ", "").replace("-", "")
    return NAME in flat or PLAIN in flat


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_card_is_masked_and_nothing_is_noted(folder: Path, form: tuple[str, ...]) -> None:
    shown = inside("show", WANG, "--data", folder, *form)
    assert shown.code == 0, shown.err
    assert not unmasked(shown.out)
    assert noted(folder) == []


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_with_a_reason_it_is_shown_and_written_down(folder: Path, form: tuple[str, ...]) -> None:
    shown = inside("show", WANG, "--data", folder, "--agent", "bj1024", "--reveal", "engineer", *form)
    assert shown.code == 0, shown.err
    assert unmasked(shown.out)
    (body,) = noted(folder)
    assert (body["customer"], body["reason"]) == ("c-wang", "engineer")
    assert "name" in str(body["shown"])
    assert "seconds" not in body, "what is printed stays"


def test_nobody_sees_without_saying_who_he_is_or_why(folder: Path) -> None:
    assert inside("show", WANG, "--data", folder, "--reveal", "engineer").code == 1
    assert inside("show", WANG, "--data", folder, "--agent", "bj1024", "--reveal", "curious").code == 2
    assert noted(folder) == []


def test_what_the_rules_refuse_is_not_shown(folder: Path) -> None:
    refused = inside("show", WANG, "--data", folder, "--agent", "nobody", "--reveal", "engineer")
    assert refused.code != 0
    assert not unmasked(refused.out)


@pytest.mark.parametrize("command", ["show", "find"])
def test_a_number_on_stdin_stands_in_no_list_of_processes(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PLAIN}\n"))
    found = inside(command, "-", "--data", folder)
    assert (found.code, found.err) == (0, "")
    assert "c-wang" in found.out


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("回电 18612345678 谢谢", "回电 186****5678 谢谢"),
        ("家里 010-8234 5678", "家里 010-****8"),
        ("身份证 11010119900307123X", "身份证 1101**************"),
        ("+8618612345678", "186****5678"),
        ("工单 100010005550 已派", "工单 100010005550 已派"),
        ("承诺 2026-09-30 前", "承诺 2026-09-30 前"),
    ],
)
def test_numbers_in_free_text_are_masked_and_what_is_nobodys_stays(text: str, masked: str) -> None:
    assert shapes.words(text) == masked


def test_names_in_contents_are_masked_by_their_fields() -> None:
    content = {"people": [{"name": NAME, "number": f"+86{PLAIN}"}], "handler": {"name": NAME}, "contact_person": NAME}
    assert not unmasked(str(shapes.masked(content)))
