"""The centre's key: all who serve one database have the same, and a centre that lost it goes on with a new one."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentdesk.centre.allowances import present
from agentdesk.centre.exposure import check_money
from agentdesk.centre.importer.customers import import_customers
from agentdesk.centre.leases import sign, signed_by
from agentdesk.centre.own_key import WrongKey, open_signed, replace_lost
from agentdesk.centre.storage.contract import StorageError
from agentdesk.centre.storage.keys import BYTES
from agentdesk.centre.storage.opening import KEY, key_path, open_database
from agentdesk.centre.storage.rows import Lease
from agentdesk.protocol.messages import LeaseSlip
from tests.centre.kit import REGION, Site, World, build_world
from tests.cli.commands import PROGRAM, Ran, agentdesk, inside


@pytest.fixture
def world(url: str, tmp_path: Path) -> Iterator[World]:
    """A centre with a site, on either database."""
    made = build_world(tmp_path, url=url)
    yield made
    made.centre.database.close()


@pytest.fixture
def key(url: str, tmp_path: Path) -> Path:
    """The file of the centre's key."""
    return key_path(url, tmp_path / KEY)


def opens(url: str, key: Path) -> None:
    open_signed(url, key).close()


def another(folder: Path) -> Path:
    """Return the key file of another centre."""
    folder.mkdir(exist_ok=True)
    path = folder / KEY
    path.write_bytes(bytes(range(BYTES)))
    return path


# ---------------------------------------------------------------- who may serve


def test_the_first_key_stays_the_only_one(url: str, key: Path, tmp_path: Path) -> None:
    opens(url, key)
    right = key.read_bytes()
    opens(url, key)
    key.write_bytes(another(tmp_path / "elsewhere").read_bytes())
    with pytest.raises(WrongKey, match=r"is not the key that this database was signed with.*key-lost"):
        opens(url, key)
    key.write_bytes(right)
    opens(url, key)


def test_a_missing_key_is_not_made_anew_for_a_database_that_has_one(url: str, key: Path) -> None:
    opens(url, key)
    key.unlink()
    with pytest.raises(WrongKey, match=r"is missing: copy it there.*key-lost"):
        opens(url, key)
    assert not key.exists()


def test_a_database_with_sites_was_signed_though_it_remembers_no_key(world: World, url: str, key: Path) -> None:
    world.site()
    world.centre.database.secret()
    key.rename(key.with_name("kept"))
    with pytest.raises(WrongKey, match="is missing"):
        opens(url, key)
    key.with_name("kept").rename(key)
    opens(url, key)


def test_an_import_before_the_first_start_says_which_key_it_is(url: str, key: Path, tmp_path: Path) -> None:
    world = build_world(tmp_path, url=url)
    import_customers(world.centre.database, rows(tmp_path), REGION, means=world.means)
    world.centre.database.close()
    right = key.read_bytes()
    key.write_bytes(another(tmp_path / "elsewhere").read_bytes())
    with pytest.raises(WrongKey):
        opens(url, key)
    key.write_bytes(right)
    opens(url, key)


def test_of_centres_that_begin_at_once_with_keys_of_their_own_one_prevails(postgres_url: str, tmp_path: Path) -> None:
    start = threading.Barrier(6)

    def begin(number: int) -> bool:
        start.wait(120)
        try:
            opens(postgres_url, tmp_path / f"machine-{number}" / KEY)
        except WrongKey:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        began = list(pool.map(begin, range(6)))
    assert began.count(True) == 1
    opens(postgres_url, tmp_path / f"machine-{began.index(True)}" / KEY)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    server = request.getfixturevalue("postgres")
    made = server.create()
    yield made
    server.drop(made)


def rows(folder: Path) -> Path:
    path = folder / "customers.csv"
    path.write_text("姓名,号码,客户编号\n王小明,18600000077,K-77\n", encoding="utf-8")
    return path


# ---------------------------------------------------------------- a key that is lost


def leases(world: World, site: Site) -> list[Lease]:
    return world.centre.database.read(lambda s: s.leases(site.id)).result()


def slips(world: World, site: Site) -> list[LeaseSlip]:
    """Return what a site shows the centre of its leases: what the centre told it last."""
    documents = world.documents(f"site/{site.id}", *(lease.id for lease in leases(world, site)))
    names = ("kind", "budget", "lineage", "amount", "serial", "target", "signature")
    found = [{"id": d.id, "spent": 0, **{name: d.data[name] for name in names}} for d in documents.values()]
    return [LeaseSlip.model_validate(slip) for slip in found]


def test_a_lost_key_is_replaced_and_what_sites_hold_is_signed_again(world: World, url: str, key: Path) -> None:
    site = world.site()
    opens(url, key)
    before, old = slips(world, site), world.centre.database.secret()
    site.whole_call(1)
    site.push()
    spent = [(lease.amount, lease.left) for lease in leases(world, site)]
    key.unlink()

    done = replace_lost(url, key, world.means)
    secret = key.read_bytes()
    assert (done.leases, done.imports) == (len(before), False)
    assert secret != old
    opens(url, key)
    assert [(lease.amount, lease.left) for lease in leases(world, site)] == spent
    after = slips(world, site)
    assert all(signed_by(secret, site.id, slip) is not None for slip in after)
    assert [slip.serial for slip in after] == [slip.serial + 1 for slip in before]

    # who still shows what the lost key signed is taken at what the database says
    enrolled = world.centre.database.read(lambda s: s.site(site.id)).result()
    assert enrolled is not None
    alarms = world.centre.database.write(lambda tx: present(tx, world.means, enrolled, before, secret)).result()
    assert alarms == [f"forged_lease:{slip.id}" for slip in before]
    assert world.centre.database.write(lambda tx: present(tx, world.means, enrolled, after, secret)).result() == []
    assert [(lease.amount, lease.left) for lease in leases(world, site)] == spent
    assert world.centre.database.read(check_money).result() == []


def test_a_replacement_that_was_cut_off_is_done_again(
    world: World, url: str, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.site()
    opens(url, key)
    key.unlink()
    with monkeypatch.context() as patched:
        patched.setattr("agentdesk.centre.own_key.mark_of", lambda _secret: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            replace_lost(url, key, world.means)
    with pytest.raises(WrongKey, match="move this one away"):
        opens(url, key)
    with pytest.raises(WrongKey, match="move it away first"):
        replace_lost(url, key, world.means)
    key.unlink()
    assert replace_lost(url, key, world.means).leases == len(leases(world, site))
    opens(url, key)
    for lease, slip in zip(leases(world, site), slips(world, site), strict=True):
        assert slip.signature == sign(key.read_bytes(), lease)


def test_customers_that_the_lost_key_recognises_are_not_imported_twice(
    world: World, url: str, key: Path, tmp_path: Path
) -> None:
    import_customers(world.centre.database, rows(tmp_path), REGION, means=world.means)
    key.unlink()
    assert replace_lost(url, key, world.means).imports
    database = open_database(url, key)
    try:
        with pytest.raises(StorageError, match="not the one it was made with"):
            import_customers(database, rows(tmp_path), REGION, means=world.means)
    finally:
        database.close()


# ---------------------------------------------------------------- where it lies


def test_a_centre_on_a_server_makes_no_key_in_the_folder_that_somebody_stands_in(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, own = tmp_path / "here", tmp_path / "own"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_DATA_HOME", str(own))
    for begin in (open_database, open_signed, key_path):
        with pytest.raises(StorageError, match="--key-file"):
            begin(postgres_url)
    command = [*PROGRAM, "serve", "--database", postgres_url, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.kill()
        _, said = process.communicate()
    assert line.startswith("centre ready on "), said
    assert list(here.iterdir()) == []
    (made,) = own.rglob(KEY)
    told = [json.loads(line) for line in said.splitlines() if '"file"' in line]
    assert [one["file"] for one in told] == [str(made)]
    assert inside("centre", "status", "--database", postgres_url).code == 0


# ---------------------------------------------------------------- by command


def serve(url: str, key: Path, *more: str) -> Ran:
    keys = ("--key-file", str(key)) if url.startswith("postgresql") else ()
    return agentdesk("serve", "--database", url, *keys, "--port", "0", *more)


def test_a_machine_with_another_key_does_not_serve(world: World, url: str, key: Path, tmp_path: Path) -> None:
    world.site()
    keys = ("--key-file", key) if url.startswith("postgresql") else ()
    database = ("--database", url, *keys, "--data", tmp_path)
    assert inside("centre", "status", *database).code == 0
    assert f"{key} is the one" in inside("doctor", *database).out
    right = key.read_bytes()
    key.write_bytes(another(tmp_path / "elsewhere").read_bytes())
    for more in ((), ("--workers", "2")) if keys else ((),):
        refused = serve(url, key, *more)
        assert refused.code == 1
        assert f"{key} is not the key that this database was signed with" in refused.error
    # nor does a command that may sign work with it
    assert "agentdesk centre key-lost" in inside("held", "list", *database).error
    doctor = inside("doctor", *database)
    assert (doctor.code, "is not the key that this database was signed with" in doctor.out) == (1, True)
    key.unlink()
    assert "is missing" in inside("doctor", *database).out
    assert "is missing" in serve(url, key).error
    assert not key.exists()
    key.write_bytes(right)
    assert inside("centre", "status", *database).code == 0


def test_whoever_lost_the_key_says_so_and_is_told_what_to_do(world: World, url: str, key: Path, tmp_path: Path) -> None:
    world.site()
    keys = ("--key-file", key) if url.startswith("postgresql") else ()
    database = ("--database", url, *keys)
    assert inside("centre", "status", *database).code == 0
    assert "is there: if it is not the right key" in inside("centre", "key-lost", *database).error
    key.unlink()
    done = inside("centre", "key-lost", *database)
    assert done.code == 0, done.err
    assert f"a new key lies in {key}; 2 leases are signed with it" in done.out
    assert "copy it to all machines" in done.out
    assert key.stat().st_mode & 0o077 == 0
    assert inside("centre", "status", *database).code == 0
    key.unlink()
    again = inside("centre", "key-lost", "--json", *database).json
    assert again == {"key": str(key), "leases": 2, "imports_need_the_lost_key": False}
