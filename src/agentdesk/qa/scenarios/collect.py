"""Scenarios as tests: each file is played once in each of its sizes and languages."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentdesk.qa import pictures, results
from agentdesk.qa.pictures import Compared
from agentdesk.qa.results import Outcome, Result, StepResult
from agentdesk.qa.scenarios import run
from agentdesk.qa.scenarios.run import Played, Stopped
from agentdesk.qa.scenarios.stage import NotSo
from agentdesk.qa.scenarios.text import Scenario, ScenarioError, read

ENDING = ".scenario.txt"
PICTURES = "pictures"
"""The folder beside a scenario in which its pictures are kept."""


class ScenarioFile(pytest.File):
    """A file with one scenario."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Yield a test for each size and language."""
        scenario = read(self.path)
        run.understood(scenario)
        for language in scenario.languages:
            for size in scenario.sizes:
                item: ScenarioItem = ScenarioItem.from_parent(
                    self, name=f"{language}-{size}", scenario=scenario, language=language, size=size
                )
                yield item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what is wrong with a scenario that can't be read, and nothing of this program."""
        if isinstance(excinfo.value, ScenarioError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class ScenarioItem(pytest.Item):
    """A scenario in one size and language."""

    def __init__(self, *, scenario: Scenario, language: str, size: str, **more: Any) -> None:
        super().__init__(**more)
        self.scenario = scenario
        self.language = language
        self.size = size
        self._compared: list[Compared] = []

    def runtest(self) -> None:
        """Play it; raises ScenarioError with the line that failed."""
        self._compared = []
        outcome: Outcome = "failed"
        message, played = "", [Played(step) for step in self.scenario.steps]
        try:
            with tempfile.TemporaryDirectory(prefix="agentdesk-scenario-") as folder:
                played = asyncio.run(run.play(self.scenario, self.size, self.language, Path(folder), self._picture))
            outcome = "passed"
        except Stopped as stopped:
            message, played = str(stopped.error), stopped.played
            raise stopped.error from None
        except BaseException as error:
            message = repr(error)
            raise
        finally:
            self._keep(outcome, message, played)

    def _picture(self, name: str, drawn: str) -> None:
        """Compare a picture with the accepted one."""
        stem = self.path.name.removesuffix(ENDING)
        path = self.path.parent / PICTURES / stem / f"{name}.{self.language}.{self.size}.svg"
        compared = pictures.compare(name, path, drawn, accepting(self.config))
        self._compared.append(compared)
        if not compared.fine:
            raise NotSo(compared.message())

    def _keep(self, outcome: Outcome, message: str, played: list[Played]) -> None:
        folder = results_folder(self.config)
        steps = tuple(StepResult(p.step.line, p.step.text, p.state, tuple(p.pictures)) for p in played)
        kept = results.keep_pictures(folder, self.nodeid, self._compared)
        variant = f"{self.language} {self.size}"
        title, file = self.scenario.title, str(self.path)
        results.keep(folder, Result(self.nodeid, title, file, variant, outcome, message, steps, kept))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say which line of the scenario failed, and what stood on the screen."""
        if isinstance(excinfo.value, ScenarioError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the test is written, and its title."""
        return self.path, 0, f"{self.scenario.title} [{self.name}]"


def accepting(config: pytest.Config) -> bool:
    """Tell whether pictures of this run are accepted."""
    return bool(config.getoption("accept_pictures", False) or config.getoption("update_snapshots", False))


def results_folder(config: pytest.Config) -> Path:
    """Return where this run's results are kept."""
    return config.rootpath / str(config.getoption("qa_results", results.FOLDER))
