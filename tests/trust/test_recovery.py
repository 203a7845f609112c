"""The last way into a site's vault: who has the centre's secret opens it, and nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.trust import recovery
from agentdesk.trust.passwords import Cost
from agentdesk.trust.vault import Vault
from agentdesk.trust.wrapping import WrongKey

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
KEY, SECRET = bytes(range(32)), b"the centre's secret, 32 bytes lo"
bytes32 = st.binary(min_size=32, max_size=32)


@given(bytes32, bytes32, bytes32)
def test_only_the_secret_opens_what_was_sealed_for_it(secret: bytes, other: bytes, ephemeral: bytes) -> None:
    sealed = recovery.seal(KEY, recovery.public_half(secret), ephemeral)
    assert KEY not in sealed
    assert recovery.unseal(sealed, secret) == KEY
    if other != secret:
        with pytest.raises(WrongKey):
            recovery.unseal(sealed, other)


@given(st.integers(0, 79), st.integers(1, 255))
def test_a_changed_byte_opens_nothing(place: int, change: int) -> None:
    sealed = bytearray(recovery.seal(KEY, recovery.public_half(SECRET), b"e" * 32))
    sealed[place] ^= change
    with pytest.raises(WrongKey):
        recovery.unseal(bytes(sealed), SECRET)


@pytest.mark.parametrize("what", [b"", b"short", bytes(32), bytes(80)])
def test_what_is_no_seal_opens_nothing(what: bytes) -> None:
    with pytest.raises(WrongKey):
        recovery.unseal(what, SECRET)


def test_a_centre_lets_somebody_into_a_vault_that_nobody_opens_any_more(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path, KEY, cost=CHEAP)
    assert not vault.has_centre
    with pytest.raises(WrongKey):
        vault.unlock_centre(SECRET)
    vault.admit_centre(KEY, recovery.public_half(SECRET))
    again = Vault.read(tmp_path, cost=CHEAP)
    assert again is not None
    assert again.has_centre
    assert again.unlock_centre(SECRET) == KEY
    with pytest.raises(WrongKey):
        again.unlock_centre(b"another centre's secret, 32 bytes")
    with pytest.raises(WrongKey):
        again.admit_centre(bytes(32), recovery.public_half(SECRET))


def test_a_vault_is_sealed_for_one_centre_the_last_one_and_once(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path, KEY, cost=CHEAP)
    old, new = recovery.public_half(SECRET), recovery.public_half(bytes(32))
    assert vault.sealed_for == b""
    assert vault.admit_centre(KEY, old)
    before = (tmp_path / "vault.json").read_bytes()
    assert not vault.admit_centre(KEY, old)
    assert (tmp_path / "vault.json").read_bytes() == before
    assert vault.admit_centre(KEY, new)
    again = Vault.read(tmp_path, cost=CHEAP)
    assert again is not None
    assert again.sealed_for == new
    assert again.unlock_centre(bytes(32)) == KEY
    with pytest.raises(WrongKey):
        again.unlock_centre(SECRET)
    assert recovery.mark_of(old) != recovery.mark_of(new)


def test_a_vault_from_before_is_sealed_once_more(tmp_path: Path) -> None:
    """Whom it was sealed for wasn't written down then."""
    vault = Vault.create(tmp_path, KEY, cost=CHEAP)
    vault.admit_centre(KEY, recovery.public_half(SECRET))
    file = tmp_path / "vault.json"
    data = json.loads(file.read_text())
    del data["sealed_for"]
    file.write_text(json.dumps(data))
    assert (vault.has_centre, vault.sealed_for) == (True, b"")
    assert vault.admit_centre(KEY, recovery.public_half(SECRET))
    assert vault.unlock_centre(SECRET) == KEY


@pytest.mark.parametrize("public", [b"", bytes(32), b"short", b"x" * 33])
def test_what_is_no_public_key_changes_no_seal(tmp_path: Path, public: bytes) -> None:
    vault = Vault.create(tmp_path, KEY, cost=CHEAP)
    vault.admit_centre(KEY, recovery.public_half(SECRET))
    with pytest.raises(WrongKey):
        vault.admit_centre(KEY, public)
    assert vault.unlock_centre(SECRET) == KEY


def test_a_seal_of_another_vault_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = Vault.create(tmp_path / "a", KEY, cost=CHEAP)
    other = Vault.create(tmp_path / "b", bytes(32), cost=CHEAP)
    one.admit_centre(KEY, recovery.public_half(SECRET))
    other.admit_centre(bytes(32), recovery.public_half(SECRET))
    file = tmp_path / "b" / "vault.json"
    mine, theirs = ((tmp_path / n / "vault.json").read_text() for n in "ab")
    found = next(line for line in mine.splitlines() if '"centre"' in line)
    file.write_text("\n".join(found if '"centre"' in line else line for line in theirs.splitlines()))
    with pytest.raises(WrongKey):
        other.unlock_centre(SECRET)
