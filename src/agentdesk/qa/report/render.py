"""The page: it needs no other file, no network and no fonts of its own."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from agentdesk.domain.language.text import readable
from agentdesk.qa.pictures import difference
from agentdesk.qa.results import PictureResult, Result, StepResult

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")

ALLOWED = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a browser lets the page do: show itself and its pictures."""

STEP_SIGNS = {"done": "✓", "failed": "✗", "not reached": "–"}
PICTURE_WORDS = {
    "same": "as accepted",
    "changed": "changed",
    "new": "not accepted yet",
}


def page(results: Sequence[Result], made: str) -> str:
    """Return the page; `made` says when, in words."""
    failed = [one for one in results if one.outcome == "failed"]
    pictures = [picture for one in results for picture in one.pictures]
    changed = [picture for picture in pictures if picture.state != "same"]
    body = [
        "<h1>What the desk showed</h1>",
        f"<p class=sum>{_said(made)}: {_many(len(results), 'run')}, {_many(len(failed), 'failure')};"
        f" {_many(len(pictures), 'picture')}, {len(changed)} to look at.</p>",
    ]
    if not results:
        body.append("<p>Nothing has run yet: run pytest on scenarios, or on tests that take pictures.</p>")
    body += _contents(failed, results)
    for (_file, title), group in groupby(results, key=lambda one: (one.file, one.title)):
        body += _scenario(title, list(group))
    policy = f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">'
    head = f"<!doctype html><html lang=en><meta charset=utf-8>{policy}<title>AgentDesk QA</title><style>{STYLE}</style>"
    return "\n".join([head, *body, "</html>\n"])


def _said(text: str) -> str:
    """Return a text as it stands in the page: nothing in it is markup, turns what is beside it, or is unseen."""
    return escape(readable(text).replace("\t", "    "), quote=True)


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _contents(failed: Sequence[Result], results: Sequence[Result]) -> Iterator[str]:
    """List what somebody has to look at: first what failed, then what was accepted in this run."""
    if failed:
        yield "<h2>Failures</h2><ul>"
        yield from (f'<li><a href="#{_anchor(one)}">{_said(_name(one))}</a>: {_first(one)}' for one in failed)
        yield "</ul>"
    accepted = [one for one in results if one.outcome == "passed" and any(p.state != "same" for p in one.pictures)]
    if accepted:
        yield "<h2>Accepted in this run</h2><ul>"
        yield from (f'<li><a href="#{_anchor(one)}">{_said(_name(one))}</a>' for one in accepted)
        yield "</ul>"


def _first(result: Result) -> str:
    return _said(result.message.split("\n", 1)[0])


def _name(result: Result) -> str:
    return f"{result.title} {result.variant}".strip()


def _anchor(result: Result) -> str:
    return _said(result.id).replace(" ", "-")


def _scenario(title: str, runs: Sequence[Result]) -> Iterator[str]:
    """Show one scenario in all of its sizes and languages."""
    yield f"<section><h2>{_said(title)}</h2><p class=file>{_said(runs[0].file)}</p>"
    for run in runs:
        bad = run.outcome == "failed"
        open_ = " open" if bad or any(picture.state != "same" for picture in run.pictures) else ""
        yield f'<details class="{run.outcome}"{open_} id="{_anchor(run)}">'
        yield f"<summary>{_said(run.variant or run.id)}: {run.outcome}</summary>"
        if run.message:
            yield f"<pre class=message>{_said(run.message)}</pre>"
        yield from _steps(run.steps)
        for picture in run.pictures:
            yield from _picture(picture)
        yield "</details>"
    yield "</section>"


def _steps(steps: Iterable[StepResult]) -> Iterator[str]:
    rows = [
        f'<li class="{step.state.replace(" ", "-")}"><b>{STEP_SIGNS[step.state]}</b> '
        f"<span>{step.line}</span> {_said(step.text)}"
        for step in steps
    ]
    if rows:
        yield f"<ol class=steps>{''.join(rows)}</ol>"


def _picture(picture: PictureResult) -> Iterator[str]:
    """Show a picture, beside the accepted one where it isn't the same."""
    words = PICTURE_WORDS[picture.state] + (", accepted in this run" if picture.accepted else "")
    yield f'<figure class="{picture.state}"><figcaption>{_said(picture.name)}: {words}</figcaption>'
    before, after = _text(picture.before), _text(picture.after)
    if picture.state == "changed" and before is not None and after is not None:
        changes = "\n".join(difference(before, after))
        yield f"<pre class=diff>{_coloured(changes)}</pre>"
        yield f"<div class=pair><div>accepted before{_image(before)}</div><div>now{_image(after)}</div></div>"
    else:
        yield _image(after)
    yield "</figure>"


def _coloured(changes: str) -> str:
    """Mark lines that went and lines that came."""
    marks = {" - ": "went", " + ": "came"}
    rows = [(_said(row), marks.get(row[3:6], "")) for row in changes.split("\n")]
    return "\n".join(f'<span class="{mark}">{row}</span>' if mark else row for row, mark in rows)


def _image(drawn: str | None) -> str:
    """Return a picture inside the page; as an image of its own, its styles touch nothing else."""
    if drawn is None:
        return "<p>its file is gone</p>"
    data = base64.b64encode(drawn.encode("utf-8", "replace")).decode()
    return f'<img alt="" loading=lazy src="data:image/svg+xml;base64,{data}">'


def _text(path: str | None) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace") if path else None
    except (OSError, ValueError):
        return None
