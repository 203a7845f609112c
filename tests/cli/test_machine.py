"""The real clock and the real randomness."""

from __future__ import annotations

import time
from pathlib import Path

from agentdesk.cli.machine import BOOT_ID, MachineClock, MachineEntropy
from agentdesk.domain.operation import Clock
from agentdesk.store.committing import Entropy


def test_the_clocks_are_the_machines() -> None:
    clock: Clock = MachineClock()
    before = clock.mono_ms()

    assert abs(clock.wall_ms() - time.time() * 1000) < 1000
    assert clock.mono_ms() >= before


def test_all_clocks_of_one_boot_say_the_same_boot(tmp_path: Path) -> None:
    file = tmp_path / "boot_id"
    file.write_text("11111111-2222\n")

    assert MachineClock(file).boot == MachineClock(file).boot == "11111111-2222"
    assert not BOOT_ID.exists() or MachineClock().boot == BOOT_ID.read_text().strip()


def test_without_a_boot_id_no_two_clocks_are_compared(tmp_path: Path) -> None:
    one, other = MachineClock(tmp_path / "none"), MachineClock(tmp_path / "none")

    assert one.boot == one.boot
    assert one.boot != other.boot


def test_randomness_is_as_long_as_asked_for_and_never_twice_the_same() -> None:
    entropy: Entropy = MachineEntropy()

    assert len(entropy.token_bytes(16)) == 16
    assert entropy.token_bytes(16) != entropy.token_bytes(16)
