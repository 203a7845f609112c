"""The translations: what `check` lets through, and that compiling makes what gettext reads."""

from __future__ import annotations

import gettext
import os
import re
from pathlib import Path

import pytest

from scripts import i18n


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one module with two texts, whose catalogue is up to date and empty."""
    code = tmp_path / "src" / "agentdesk" / "desk" / "line.py"
    code.parent.mkdir(parents=True)
    code.write_text(
        "from gettext import gettext as _, ngettext\n"
        'def line(n: int) -> str: return _("offline since {clock}") + ngettext("{n} waits", "{n} wait", n)\n'
    )
    i18n.update(tmp_path)
    return tmp_path


def translate(project: Path, english: str, chinese: str) -> None:
    """Write one translation into the catalogue, as a person with an editor would."""
    po = i18n.po_file("zh_CN", project)
    before, found, after = po.read_text(encoding="utf-8").partition(f'"{english}"\n')
    assert found
    lines = after.splitlines(keepends=True)
    empty = next(index for index, line in enumerate(lines) if line.startswith("msgstr"))
    lines[empty] = lines[empty].replace('""', f'"{chinese}"')
    po.write_text(before + found + "".join(lines), encoding="utf-8")


def test_every_text_of_the_code_needs_a_translation(project: Path) -> None:
    assert [line.partition(": ")[2] for line in i18n.problems(project)] == [
        "'offline since {clock}' is not translated",
        "'{n} waits' is not translated",
    ]

    translate(project, "offline since {clock}", "{clock} 起断网")
    translate(project, "{n} waits", "{n} 条待上传")

    assert not list(i18n.problems(project))


def test_a_translation_fills_in_what_the_code_gives(project: Path) -> None:
    translate(project, "offline since {clock}", "断网 {minutes} 分钟")
    translate(project, "{n} waits", "{n} 条待上传")

    assert [line.split(": ")[-1] for line in i18n.problems(project)] == [
        "the translation fills in ['minutes'], which the code doesn't give",
        "the translation leaves out ['clock']",
    ]


def test_new_and_forgotten_texts_are_found_and_an_update_mends_them(project: Path) -> None:
    translate(project, "offline since {clock}", "{clock} 起断网")
    translate(project, "{n} waits", "{n} 条待上传")
    code = project / "src" / "agentdesk" / "desk" / "line.py"
    code.write_text('from gettext import gettext as _\nline = _("offline since {clock}") + _("online")\n')

    assert [line.partition(": ")[2] for line in i18n.problems(project)] == [
        "'online' is missing; run `make i18n` and translate it",
        "'{n} waits' is no longer in the code; run `make i18n`",
    ]

    i18n.update(project)

    assert [line.partition(": ")[2] for line in i18n.problems(project)] == ["'online' is not translated"]


def test_an_update_without_new_texts_changes_nothing(project: Path) -> None:
    before = i18n.po_file("zh_CN", project).read_bytes()

    i18n.update(project)

    assert i18n.po_file("zh_CN", project).read_bytes() == before


def test_gettext_reads_what_was_compiled_and_only_the_stale_is_compiled(project: Path) -> None:
    translate(project, "offline since {clock}", "{clock} 起断网")
    translate(project, "{n} waits", "{n} 条待上传")

    (mo,) = i18n.compile_stale(project)

    chinese = gettext.translation("agentdesk", i18n.locale_folder(project), ["zh_CN"])
    assert chinese.gettext("offline since {clock}") == "{clock} 起断网"
    assert chinese.ngettext("{n} waits", "{n} wait", 3) == "{n} 条待上传"
    assert not i18n.compile_stale(project)

    later = mo.stat().st_mtime + 1
    os.utime(mo.with_suffix(".po"), (later, later))
    assert i18n.compile_stale(project) == [mo]


def test_a_time_stands_apart_from_the_chinese_around_it() -> None:
    """Of words on screens and of words to say: 最迟 14:32 前, not 最迟14:32前."""
    glued = re.compile(
        "[\u4e00-\u9fff]\\{(moment|due|also|until|begun|ended)\\}|\\{(moment|due|also|until)\\}[\u4e00-\u9fff]"
    )
    texts = [str(message.string) for message in i18n.read(i18n.po_file("zh_CN")) if message.id]
    texts += [path.read_text(encoding="utf-8") for path in (i18n.ROOT / "data" / "catalogue").rglob("*.toml")]
    assert [found.group() for text in texts for found in glued.finditer(text)] == []
