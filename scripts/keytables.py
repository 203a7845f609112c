"""The handbook's tables of keys, written from the registry of actions: docs/handbook/keys.en.md and keys.zh-CN.md."""

from __future__ import annotations

from pathlib import Path

from agentdesk.desk import i18n
from agentdesk.desk.actions import GROUPS, PLACES, Action, Place, keymap
from agentdesk.desk.actions.action import named

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "handbook"

WORDS = {
    "en": (
        "All keys",
        "`^p` is Ctrl and p together. `agentdesk keys` prints the same list, with your own keymap. The last column is"
        " what a keymap calls an action.",
        "This page is written by `make pictures`.",
        ("key", "does", "name"),
    ),
    "zh-CN": (
        "全部按键",
        "`^p` 指同时按 Ctrl 和 p。`agentdesk keys` 打印同样的表，您改过的键位也算在内。末列是键位文件里的操作名。",
        "本页由 `make pictures` 生成。",
        ("按键", "作用", "操作名"),
    ),
}


def file_of(language: str) -> Path:
    """Return where the tables of a language stand."""
    return FOLDER / f"keys.{language}.md"


def tables(language: str) -> str:
    """Return the tables of a language: the desk by groups, then every page and every dialog."""
    before = i18n.language()
    i18n.use(language)
    keymap.use(None)
    try:
        title, intro, written, heads = WORDS[language]
        lines = [f"# {title}", "", intro, "", written, ""]
        for name, place in PLACES.items():
            lines += [f"## {i18n._(place.word)} (`{name}`)", ""]
            groups = GROUPS if name == "desk" else (("", _listed(place)),)
            for word, actions in groups:
                lines += [f"### {i18n._(word)}", ""] if word else []
                lines += [f"| {' | '.join(heads)} |", "| --- | --- | --- |"]
                lines += [_line(action) for action in actions]
                lines.append("")
        return "\n".join(lines).rstrip() + "\n"
    finally:
        i18n.use(before)


def _listed(place: Place) -> tuple[Action, ...]:
    """Return what is a place's own; what works on all of its kind stands once, with the kind."""
    return place.own or place.common


def _line(action: Action) -> str:
    keys = [named(action.key)] if action.series else [named(key) for key in action.keys]
    shown = " · ".join(f"`{key}`" for key in keys)
    return f"| {shown} | {i18n._(action.sentence)} | `{action.id}` |"


def main() -> int:
    """Write the tables of both languages; say which are new."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in WORDS:
        path, text = file_of(language), tables(language)
        same = path.is_file() and path.read_text(encoding="utf-8") == text
        if not same:
            path.write_text(text, encoding="utf-8")
        print(f"{path.name}  {'as before' if same else 'new'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
