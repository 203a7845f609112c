"""`agentdesk replay`: the screen at any step of a recorded session."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import FAILED, CommandError, one_line
from agentdesk.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentdesk.replay.tape import Recording, Step


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk replay`."""
    parser.add_argument("file", metavar="FILE", type=Path, help="what `agentdesk desk --record FILE` wrote")
    parser.add_argument("--step", metavar="N", type=_number, help="the step after which to look [the last]")
    parser.add_argument("--steps", action="store_true", help="list the steps instead")
    parser.add_argument("--svg", metavar="OUT", type=Path, help="write the screen as a picture, too")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play the session up to a step, and print the screen; fails where the desk did something else than then."""
    import asyncio  # takes as long as all that `--help` needs

    from agentdesk import __version__
    from agentdesk.replay.tape import BadRecording, read

    try:
        recording = read(arguments.file)
    except BadRecording as error:
        raise CommandError(str(error)) from None
    if recording.cut:
        _warn("it was cut off in the middle of a line: what stands before is played")
    if recording.program != __version__:
        _warn(f"it was recorded with version {recording.program}: this is {__version__}, and may show it otherwise")
    if arguments.steps:
        say(_listed(recording))
        return 0
    last = recording.steps[-1].number
    step = last if arguments.step is None else arguments.step
    if step > last:
        raise CommandError(f"{arguments.file} has {last} steps: there is no step {step}")
    text, picture, parted = asyncio.run(_played(recording, step))
    if arguments.svg is not None:
        arguments.svg.write_text(picture, encoding="utf-8")
    say(text.splitlines())
    if parted:
        number, what = parted[0]
        _warn(f"from step {number} on the desk does something else than in the session: it didn't ask for {what}")
    return FAILED if parted else 0


async def _played(recording: Recording, upto: int) -> tuple[str, str, list[tuple[int, str]]]:
    from agentdesk.replay.play import playing

    async with playing(recording) as player:
        async for _step in player.steps(upto):
            pass
        return player.text(), player.picture(), player.parted


def _listed(recording: Recording) -> Iterator[str]:
    """Return a line for each step; what the clock did by itself in one."""
    from agentdesk.replay.tape import QUIET

    begun = recording.steps[1].wall if len(recording.steps) > 1 else 0
    alone: list[Step] = []
    for step in (*recording.steps, None):
        if step is not None and step.what in QUIET:
            alone.append(step)
            continue
        if alone:
            first, last = alone[0].number, alone[-1].number
            yield f"{first if first == last else f'{first}-{last}':>11}  {'':>9}  time passes"
            alone.clear()
        if step is not None:
            at = (step.wall - begun) / 1000 if step.wall else 0.0
            yield f"{step.number:>11}  {at:8.1f}s  {step.words()}"


def _warn(words: str) -> None:
    print(f"agentdesk replay: {one_line(words)}", file=sys.stderr)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: give the number of a step, as --steps lists them")
    return int(text)
