"""A site's vault: who opens it, who doesn't, and what is left after crashes, copies and wrong clocks."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.tries import Patience, Tries
from agentdesk.trust import vault_file
from agentdesk.trust.passwords import Cost
from agentdesk.trust.vault import (
    ClockBehind,
    Expired,
    Locked,
    NotOpened,
    TooSoon,
    Unknown,
    Vault,
    VaultError,
    WrongKey,
    WrongPassword,
)
from tests.processes import line, starting

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
KEY = bytes(range(32))
MACHINE = bytes(range(32, 64))
NOW = 1_790_000_000_000
DAY = 86_400_000
UNTIL = NOW + 14 * DAY
PASSWORD = "sieben Brücken 7"
PATIENCE = Patience(3, (1_000, 2_000), 600_000)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with one agent in it."""
    return fresh(tmp_path)


def fresh(folder: Path) -> Vault:
    made = Vault.create(folder, KEY, cost=CHEAP)
    made.obey(PATIENCE)
    made.admit(KEY, "1024", PASSWORD, UNTIL, NOW)
    return made


def again(vault: Vault) -> Vault:
    """Return the vault as another process finds it."""
    found = Vault.read(vault.folder, cost=CHEAP)
    assert found is not None
    return found


def wrong(vault: Vault, now: int, agent: str = "1024") -> WrongPassword:
    with pytest.raises(WrongPassword) as refused:
        vault.unlock(agent, "not it", now)
    return refused.value


def test_the_password_opens_and_nothing_else_does(vault: Vault) -> None:
    assert again(vault).unlock("1024", PASSWORD, NOW) == KEY
    assert vault.agents() == ("1024",)
    with pytest.raises(Unknown):
        vault.unlock("1025", PASSWORD, NOW)
    wrong(vault, NOW)


@settings(max_examples=25)
@given(st.text(max_size=30))
def test_no_other_password_ever_opens(tmp_path_factory: pytest.TempPathFactory, guess: str) -> None:
    vault = fresh(tmp_path_factory.mktemp("vault"))
    with pytest.raises(WrongPassword):
        vault.unlock("1024", guess, NOW)


def test_a_folder_without_one_has_none(tmp_path: Path) -> None:
    assert Vault.read(tmp_path) is None
    Vault.create(tmp_path, KEY)
    with pytest.raises(VaultError, match="another folder"):
        Vault.create(tmp_path, KEY)


def test_tries_count_up_to_a_lock_that_outlasts_restarts_and_grows(vault: Vault) -> None:
    assert (wrong(vault, NOW).left, wrong(again(vault), NOW + 1_000).wait_ms) == (2, 2_000)
    with pytest.raises(TooSoon):
        again(vault).unlock("1024", PASSWORD, NOW + 2_999)
    assert wrong(again(vault), NOW + 3_000).left == 0
    for at in (NOW + 3_000, NOW + 602_999):
        with pytest.raises(Locked) as locked:
            again(vault).unlock("1024", PASSWORD, at)
        assert not isinstance(locked.value, TooSoon)
        assert locked.value.until == NOW + 603_000
    assert wrong(again(vault), NOW + 603_000).wait_ms == 1_200_000
    assert again(vault).unlock("1024", PASSWORD, NOW + 1_803_000) == KEY
    assert wrong(again(vault), NOW + 1_803_000).left == 2


def test_the_centre_and_an_admin_end_a_lock(vault: Vault) -> None:
    for at in (0, 1_000, 3_000):
        wrong(vault, NOW + at)
    assert vault.release("1024")
    assert again(vault).unlock("1024", PASSWORD, NOW + 3_000) == KEY
    for at in (3_000, 4_000, 6_000):
        wrong(vault, NOW + at)
    vault.admit(KEY, "1024", PASSWORD, UNTIL, NOW + 6_000)
    assert again(vault).unlock("1024", PASSWORD, NOW + 6_000) == KEY
    assert not vault.release("nobody")


def test_one_agents_tries_are_nobody_elses(vault: Vault) -> None:
    vault.admit(KEY, "1025", "another one of these", UNTIL, NOW)
    for at in (0, 1_000, 3_000):
        wrong(vault, NOW + at)
    assert vault.unlock("1025", "another one of these", NOW + 3_000) == KEY
    with pytest.raises(Locked):
        vault.unlock("1024", PASSWORD, NOW + 3_000)


def test_a_try_is_on_disk_before_it_is_answered(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("agentdesk.trust.vault.derive", never)
    with pytest.raises(KeyboardInterrupt):
        vault.unlock("1024", PASSWORD, NOW)
    entry = again(vault).entry("1024")
    assert entry is not None
    assert (entry.tries.failures, entry.tried) == (1, 1)


def test_where_a_try_cant_be_counted_there_is_none(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultError, match="No space left"):
        vault.unlock("1024", PASSWORD, NOW)


def test_the_time_without_the_centre_ends_and_cant_be_prolonged(vault: Vault) -> None:
    assert vault.unlock("1024", PASSWORD, UNTIL - 1) == KEY
    with pytest.raises(Expired):
        vault.unlock("1024", PASSWORD, UNTIL)
    change(vault, lambda entry: entry.update(valid_until=UNTIL + DAY))
    with pytest.raises(WrongPassword):
        again(vault).unlock("1024", PASSWORD, UNTIL)


@pytest.mark.parametrize("field", ["agent", "admitted_at", "valid_until"])
def test_what_stands_beside_a_key_cant_be_changed(vault: Vault, field: str) -> None:
    change(vault, lambda entry: entry.update({field: "1025" if field == "agent" else entry[field] + 1}))
    agent = again(vault).agents()[0]
    with pytest.raises(WrongPassword):
        again(vault).unlock(agent, PASSWORD, NOW)


def test_a_clock_that_was_put_back_prolongs_nothing(vault: Vault) -> None:
    assert vault.unlock("1024", PASSWORD, UNTIL - DAY) == KEY
    with pytest.raises(ClockBehind):
        vault.unlock("1024", PASSWORD, NOW)
    with pytest.raises(ClockBehind):
        again(vault).unlock("1024", PASSWORD, NOW - 300 * DAY)
    # a clock that is a little behind is a clock
    assert vault.unlock("1024", PASSWORD, UNTIL - DAY - 60_000) == KEY
    # before the last contact nobody was here
    vault.admit(KEY, "1025", PASSWORD, UNTIL, NOW)
    with pytest.raises(ClockBehind):
        vault.unlock("1025", PASSWORD, NOW - DAY)


def test_whose_time_is_over_opens_it_to_ask_the_centre(vault: Vault) -> None:
    assert vault.unlock_to_ask("1024", PASSWORD, UNTIL + 30 * DAY) == KEY
    assert vault.unlock_to_ask("1024", PASSWORD, NOW - 30 * DAY) == KEY
    with pytest.raises(Expired):
        vault.unlock("1024", PASSWORD, UNTIL + 30 * DAY)
    for at in (0, 1_000, 3_000):
        with pytest.raises(WrongPassword):
            vault.unlock_to_ask("1024", "not it", UNTIL + at)
    with pytest.raises(Locked):
        vault.unlock_to_ask("1024", PASSWORD, UNTIL + 3_000)


def test_a_new_password_takes_the_place_of_the_old_one(vault: Vault) -> None:
    first = vault.entry("1024")
    vault.admit(KEY, "1024", "neun Brücken 9", UNTIL, NOW)
    second = vault.entry("1024")
    assert first is not None
    assert second is not None
    assert second.admitted_at > first.admitted_at
    assert vault.unlock("1024", "neun Brücken 9", NOW) == KEY
    with pytest.raises(WrongPassword):
        vault.unlock("1024", PASSWORD, NOW)


def test_only_the_vaults_own_key_goes_into_it(vault: Vault) -> None:
    with pytest.raises(WrongKey):
        vault.admit(MACHINE, "1025", PASSWORD, UNTIL, NOW)
    with pytest.raises(WrongKey):
        vault.admit_machine(b"short", MACHINE)


def test_a_machine_opens_it_with_its_own_key(vault: Vault) -> None:
    assert not vault.has_machine
    with pytest.raises(WrongKey):
        vault.unlock_machine(MACHINE)
    vault.admit_machine(KEY, MACHINE)
    assert again(vault).unlock_machine(MACHINE) == KEY
    for other in (KEY, b"", MACHINE[:-1]):
        with pytest.raises(WrongKey):
            vault.unlock_machine(other)
    vault.dismiss_machine()
    with pytest.raises(WrongKey):
        again(vault).unlock_machine(MACHINE)
    assert vault.unlock("1024", PASSWORD, NOW) == KEY


def test_who_was_dismissed_has_no_entry(vault: Vault) -> None:
    assert vault.dismiss("1024")
    assert not vault.dismiss("1024")
    with pytest.raises(Unknown):
        again(vault).unlock("1024", PASSWORD, NOW)


def test_what_the_site_knows_of_tries_comes_back_into_a_copy(vault: Vault) -> None:
    older = (vault.folder / vault_file.FILE).read_bytes()
    for at in (0, 1_000, 3_000):
        wrong(vault, NOW + at)
    kept = vault.entry("1024")
    assert kept is not None
    (vault.folder / vault_file.FILE).write_bytes(older)
    assert vault.worsen("1024", kept.tries, kept.tried)
    with pytest.raises(Locked):
        again(vault).unlock("1024", PASSWORD, NOW + 3_000)
    assert not vault.worsen("1024", Tries(), 0) or vault.entry("1024") is not None


def test_a_key_is_wrapped_again_when_a_guess_is_to_cost_more(vault: Vault) -> None:
    dearer = Cost(passes=2, memory_kib=16, lanes=1)
    found = Vault.read(vault.folder, cost=dearer)
    assert found is not None
    assert found.unlock("1024", PASSWORD, NOW) == KEY
    entry = found.entry("1024")
    assert entry is not None
    assert (entry.wrapped.cost, entry.valid_until) == (dearer, UNTIL)
    assert found.unlock("1024", PASSWORD, NOW) == KEY


def test_only_its_owner_reads_it(vault: Vault) -> None:
    old = os.umask(0)
    try:
        vault.admit(KEY, "1025", PASSWORD, UNTIL, NOW)
    finally:
        os.umask(old)
    for name in (vault_file.FILE, vault_file.LOCK):
        assert stat.S_IMODE((vault.folder / name).stat().st_mode) == 0o600
    text = (vault.folder / vault_file.FILE).read_text()
    assert PASSWORD not in text
    assert KEY.hex() not in text


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_crash_while_it_is_written_leaves_the_old_or_the_new_one(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, call: str, nth: int
) -> None:
    real: Callable[..., Any] = getattr(os, call)
    count = 0

    def dying(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        if count == nth:
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(os, call, dying)
    try:
        vault.admit(KEY, "1025", PASSWORD, UNTIL, NOW)
        finished = True
    except KeyboardInterrupt:
        finished = False
    monkeypatch.undo()
    found = again(vault)
    assert found.unlock("1024", PASSWORD, NOW) == KEY
    assert set(found.agents()) in ({"1024"}, {"1024", "1025"})
    if finished or "1025" in found.agents():
        assert found.unlock("1025", PASSWORD, NOW) == KEY
    found.admit(KEY, "1026", PASSWORD, UNTIL, NOW)


def test_a_new_one_is_on_disk_before_it_takes_the_old_ones_place(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replaced = os.fsync, os.replace

    def synced(file: int) -> None:
        done.append(f"fsync {os.path.basename(os.readlink(f'/proc/self/fd/{file}'))}")
        fsync(file)

    def took(old: Path, new: Path) -> None:
        done.append(f"{old.name} becomes {new.name}")
        replaced(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", took)
    vault.admit(KEY, "1025", PASSWORD, UNTIL, NOW)
    assert done == ["fsync vault.json.part", "vault.json.part becomes vault.json", f"fsync {vault.folder.name}"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"version": 1}', '{"version": 2}', '{"version": "x"}', "[" * 100_000, "x" * (5 << 20)],
)
def test_a_damaged_one_is_said_in_one_line(vault: Vault, text: str) -> None:
    (vault.folder / vault_file.FILE).write_text(text)
    with pytest.raises(VaultError) as told:
        Vault.read(vault.folder)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("cost", [{"passes": 1, "memory_kib": 1 << 30, "lanes": 1}, {"passes": 10**9}, None])
def test_nobody_is_made_to_spend_a_machine_on_a_guess(vault: Vault, cost: Any) -> None:
    change(vault, lambda entry: entry["wrapped"].update(cost=cost))
    with pytest.raises(VaultError, match="damaged"):
        again(vault)


def test_processes_that_guess_at_once_have_no_more_tries_than_one(vault: Vault, repository: Path) -> None:
    with starting("tests.trust.worker", repository) as start:
        guessing = [start(vault.folder, "1024", f"guess {n}", NOW + 10_000_000 * n) for n in range(5)]
        for process in guessing:
            assert line(process) == "ready"
        for process in guessing:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [line(process).split()[0] for process in guessing]
    entry = vault.entry("1024")
    assert entry is not None
    assert said.count("wrong") == entry.tries.failures == entry.tried
    assert set(said) <= {"wrong", "locked"}


def test_a_try_waits_for_whoever_has_the_vault_and_sees_what_he_wrote(vault: Vault, repository: Path) -> None:
    with starting("tests.trust.worker", repository) as start:
        process = start(vault.folder, "1024", "guess", NOW)
        assert line(process) == "ready"
        with vault_file.locked(vault.folder):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
            time.sleep(0.5)  # long enough for whoever doesn't wait
            content = vault_file.load(vault.folder)
            assert content is not None
            entry = replace(content.entries["1024"], tries=Tries(9, NOW, NOW + DAY), tried=9)
            vault_file.save(vault.folder, replace(content, entries={"1024": entry}))
        assert line(process).split()[0] == "locked"


def test_a_process_that_is_killed_while_it_guesses_leaves_a_vault_and_its_count(vault: Vault, repository: Path) -> None:
    seen = 0
    with starting("tests.trust.worker", repository) as start:
        for _ in range(3):
            process = start(vault.folder, "1024", "guess", NOW + 10 * DAY, "again")
            assert line(process) == "ready"
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
            said = line(process)
            process.kill()
            process.wait()
            entry = again(vault).entry("1024")
            assert entry is not None
            assert said.split()[0] in ("wrong", "locked")
            assert entry.tried >= seen
            seen = entry.tried
    assert seen >= 1
    assert again(vault).release("1024")
    assert again(vault).unlock("1024", PASSWORD, NOW) == KEY


def change(vault: Vault, how: Callable[[dict[str, Any]], None]) -> None:
    """Change what the vault's file says of its first agent."""
    path = vault.folder / vault_file.FILE
    data = json.loads(path.read_text())
    how(data["entries"][0])
    path.write_text(json.dumps(data))


def test_all_that_keeps_it_closed_is_one_sort_of_trouble() -> None:
    assert all(issubclass(one, NotOpened) for one in (Unknown, WrongPassword, Locked, TooSoon, Expired, ClockBehind))
