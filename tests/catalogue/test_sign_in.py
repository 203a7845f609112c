"""How signing in goes and what roles may do is policy: read, checked and compiled like the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.catalogue import packaged
from agentdesk.catalogue.check import check
from agentdesk.catalogue.compiled import dump, restore
from agentdesk.catalogue.files import load
from agentdesk.domain.access import SignIn
from tests.catalogue.small import FILES, POLICY, write

TABLE = """
[sign_in]
offline_days = 3
tries = 4
delays = [1, 5]
lock = 20
site_tries = 30
pin_tries = 3
pin_length = 8
pin_lock = 30
places = true
"""


def files(table: str = TABLE, **rights: str) -> dict[str, str]:
    policy = POLICY
    for role, text in rights.items():
        policy = policy.replace(f'id = "{role}"\n', f'id = "{role}"\nrights = {text}\n', 1)
    return {**FILES, "policy.toml": policy, "sign_in.toml": table}


def test_it_comes_through_files_and_compiled_text(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path, files(agent='["note", "ticket.opened"]', leader="[]")))
    assert catalogue.sign_in == SignIn(3, 4, (1, 5), 20, 30, 3, 8, 30, True)
    assert catalogue.roles["agent"].rights == frozenset({"note", "ticket.opened"})
    assert catalogue.roles["leader"].rights == frozenset()
    again = restore(dump(catalogue))
    assert (again.sign_in, again.roles) == (catalogue.sign_in, catalogue.roles)
    patience = catalogue.sign_in.patience()
    assert (patience.tries, patience.delays_ms, patience.lock_ms) == (4, (1_000, 5_000), 1_200_000)
    assert catalogue.sign_in.pin_patience().tries == 3
    assert catalogue.sign_in.site_patience().delays_ms == ()
    assert catalogue.sign_in.valid_until(0) == 3 * 86_400_000


def test_a_policy_without_it_has_the_programs_own_and_limits_no_role(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path, FILES))
    assert catalogue.sign_in == SignIn()
    assert all(role.rights is None for role in catalogue.roles.values())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[1, 5]", "[5, 1]", "`delays` fall"),
        ("[1, 5]", "[-1]", "`delays` fall"),
        ("site_tries = 30", "site_tries = 3", "would lock his whole site"),
        ("tries = 4", "tries = 0", "`tries`"),
        ("pin_length = 8", "pin_length = 4", "`pin_length`"),
        ("offline_days = 3", "offline_days = 400", "`offline_days`"),
        ("places = true", "", "`places` is missing"),
        ("places = true", "places = true\nidle = 3", "`idle` is not known here"),
        ("[sign_in]", "[[sign_in]]", "write this table as [sign_in]"),
    ],
)
def test_a_mistake_is_said_where_it_stands(tmp_path: Path, old: str, new: str, message: str) -> None:
    problems = check(write(tmp_path, files(TABLE.replace(old, new, 1))))
    assert [(p.file, message in p.message) for p in problems][:1] == [("sign_in.toml", True)], problems


@pytest.mark.parametrize(
    ("rights", "message"),
    [
        ({"agent": '["note"]'}, "leader: has no `rights` while others have"),
        ({"agent": '["notes"]', "leader": "[]"}, "`rights` has 'notes', which nobody does"),
        ({"agent": '["approval.lapsed"]', "leader": "[]"}, "`rights` has 'approval.lapsed', which nobody does"),
        ({"agent": '["Note"]', "leader": "[]"}, "agent: `rights"),
        ({"agent": '["ticket"]', "leader": "[]"}, "`ticket.followed_up` but not `management.reopened`"),
        ({"agent": '["ticket.reopened"]', "leader": "[]"}, "`ticket.reopened` but not `management.reopened`"),
        ({"agent": '["commitment"]', "leader": "[]"}, "`commitment.made` but not `ticket.opened`"),
    ],
)
def test_rights_are_to_something_that_somebody_does(tmp_path: Path, rights: dict[str, str], message: str) -> None:
    problems = check(write(tmp_path, files(**rights)))
    assert any(message in problem.message for problem in problems), problems


def test_it_stands_once(tmp_path: Path) -> None:
    problems = check(write(tmp_path, {**files(), "again.toml": TABLE}))
    assert any("one [sign_in] table only" in problem.message for problem in problems)


def test_the_sample_says_what_every_role_may_do_and_binds_agents_to_their_places() -> None:
    catalogue = packaged()
    assert catalogue.sign_in.places
    assert all(role.rights is not None for role in catalogue.roles.values())
