"""Plays a scenario in one size and language, and says which step went wrong, and what the screen said then."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from pathlib import Path

from agentdesk.qa.results import StepState
from agentdesk.qa.scenarios.sentences import Found, meaning, nearest
from agentdesk.qa.scenarios.stage import Picture, Stage, Unclear
from agentdesk.qa.scenarios.text import Scenario, ScenarioError, Step, size_of


@dataclass
class Played:
    """A step, how it went, and the names of the pictures that were taken in it."""

    step: Step
    state: StepState = "not reached"
    pictures: list[str] = field(default_factory=list)


def understood(scenario: Scenario) -> list[tuple[Step, Found]]:
    """Return what each step means; raises ScenarioError for the first that means nothing."""
    found: list[tuple[Step, Found]] = []
    for step in scenario.steps:
        what = meaning(step)
        if what is None:
            problem = f"nothing is known that says this; did you mean: {nearest(step)}"
            raise ScenarioError(scenario.path, step.line, problem, step.text)
        found.append((step, what))
    return found


async def play(scenario: Scenario, size: str, language: str, folder: Path, picture: Picture) -> list[Played]:
    """Play a scenario on a desk in a folder of its own, and return how each step went.

    Raises Stopped at the first step that fails, with how far it came.
    """
    steps = understood(scenario)
    played = [Played(step) for step, _found in steps]
    columns_rows = size_of(size)
    assert columns_rows is not None
    taken: list[str] = []

    def take(name: str, drawn: str) -> None:
        taken.append(name)
        picture(name, drawn)

    stage = Stage(folder, language, columns_rows, take)
    before = [index for index, (step, _found) in enumerate(steps) if step.kind == "given"]
    after = [index for index in range(len(steps)) if index not in before]

    async def do(index: int) -> None:
        step, found = steps[index]
        taken.clear()
        try:
            done = getattr(stage, found.act)(**found.blanks)
            if inspect.isawaitable(done):
                await done
        except (AssertionError, Unclear) as error:
            played[index].state = "failed"
            problem = str(error) or "it isn't so"
            raise Stopped(ScenarioError(scenario.path, step.line, problem, step.text, stage.shown()), played) from error
        else:
            played[index].state = "done"
        finally:
            played[index].pictures = list(taken)

    for index in before:
        await do(index)
    async with stage.open():
        for index in after:
            await do(index)
    return played


class Stopped(Exception):
    """A scenario came to an end before its last step."""

    def __init__(self, error: ScenarioError, played: list[Played]) -> None:
        super().__init__(str(error))
        self.error = error
        self.played = played
