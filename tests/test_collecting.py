"""When the collector of cycles looks: seldom, and never among what was loaded before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentdesk import _collecting

PROBE = """
import gc
from agentdesk import _collecting

class Loop:
    pass

_collecting.load()
kept = Loop()
kept.kept = kept
gone = Loop()
gone.gone = gone
del gone
_collecting.{name}()
print(*gc.get_threshold()[:2], gc.get_freeze_count() > 0, sum(isinstance(found, Loop) for found in gc.get_objects()))
"""


@pytest.mark.parametrize(
    ("name", "often"),
    [
        ("loaded", _collecting.SELDOM),
        ("in_batches", _collecting.PER_BATCH),
        ("leave_alone", _collecting.PER_BATCH),
    ],
)
def test_what_is_loaded_is_never_looked_at_again(name: str, often: tuple[int, int, int]) -> None:
    ran = subprocess.run(  # what is frozen stays so for the whole process
        [sys.executable, "-c", PROBE.format(name=name)], capture_output=True, text=True, check=True
    )
    # from Python 3.14 on the third number means nothing
    assert ran.stdout.split() == [str(often[0]), str(often[1]), "True", "0"]
