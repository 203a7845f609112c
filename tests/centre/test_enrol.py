"""Enrolment: one-time codes, tokens that are kept as hashes, and what a new site gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.centre.callers import Caller, authenticate
from agentdesk.centre.enrol import BadRegion, create_code, enrol
from agentdesk.centre.errors import Rejected
from agentdesk.domain.numbering.ids import digits_number
from agentdesk.domain.times.zone import DAY_MS
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.messages import EnrolAnswer, EnrolRequest
from agentdesk.trust.signatures import public_key
from tests.centre.kit import REGION, SCOPE, World
from tests.postgres import dump

KEY = public_key(bytes(32))


def stored(url: str) -> bytes:
    """Return all that a database keeps."""
    if url.startswith("postgresql"):
        return dump(url)
    path = Path(url.removeprefix("sqlite:///"))
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.suffix != ".key")


def enrolled(world: World, code: str, name: str = "hall") -> EnrolAnswer:
    request = EnrolRequest(public_key=KEY, code=code, name=name, machine="m-1")
    return world.centre.database.write(lambda tx: enrol(tx, world.means, request, world.centre.signer)).result()


def test_a_code_makes_one_site(world: World) -> None:
    code = world.code()
    answer = enrolled(world, code)

    assert answer.scopes == [f"notice/{REGION}", "catalogue", "org", SCOPE, f"site/{answer.site}"]
    assert digits_number(answer.number, 1)
    with pytest.raises(Rejected) as refused:
        enrolled(world, code)
    assert refused.value.code is ErrorCode.BAD_CODE


def test_a_code_may_be_typed_as_people_type(world: World) -> None:
    code = world.code()

    assert enrolled(world, f" {code.lower().replace('-', ' ')} ").region == REGION


def test_an_old_code_is_refused(world: World) -> None:
    code = world.code()
    world.clock.now += 8 * DAY_MS

    with pytest.raises(Rejected):
        enrolled(world, code)


def test_a_code_for_several_sites_gives_each_its_own_number(world: World) -> None:
    code = world.code(uses=3)
    sites = [enrolled(world, code, f"hall {n}") for n in range(3)]

    assert len({site.number for site in sites}) == len({site.site for site in sites}) == 3


def test_neither_code_nor_token_is_in_the_database(world: World) -> None:
    code = world.code()
    answer = enrolled(world, code)
    world.centre.database.close()
    content = stored(world.url)

    assert answer.site.encode() in content
    assert answer.token.partition(".")[2].encode() not in content
    assert code.encode() not in content
    assert code.replace("-", "").encode() not in content


def test_a_token_opens_only_its_own_site(world: World) -> None:
    one, two = enrolled(world, world.code()), enrolled(world, world.code())
    read = world.centre.database.read

    assert read(lambda s: authenticate(s, Caller(one.token, KEY, ""), world.centre.signer)).result().id == one.site
    mixed = f"{two.site}.{one.token.partition('.')[2]}"
    wrong = ("", "x", one.site, f"{one.token}x", mixed, "s-unknown.x")
    for caller in (*(Caller(token, KEY, "") for token in wrong), Caller(one.token, public_key(bytes(range(32))), "")):
        with pytest.raises(Rejected) as refused:
            read(lambda s, caller=caller: authenticate(s, caller, world.centre.signer)).result()  # type: ignore[misc]
        assert refused.value.code is ErrorCode.UNAUTHORISED


def test_the_site_and_its_leases_are_documents(world: World) -> None:
    answer = enrolled(world, world.code(), "王府井营业厅")

    site = world.document(answer.site, "org")
    assert (site.type, site.data["name"], site.data["region"]) == ("site", "王府井营业厅", REGION)
    leases = world.documents(f"site/{answer.site}", f"{answer.site}.cost", f"{answer.site}.credit")
    assert {d.data["kind"]: d.data["amount"] for d in leases.values()} == {"cost": 200_000, "credit": 300_000}


@pytest.mark.parametrize("region", ["", "Beijing", "a/b", "a" * 40, '"', "北京"])
def test_a_region_is_a_plain_word(world: World, region: str) -> None:
    with pytest.raises(BadRegion):
        world.centre.database.write(lambda tx: create_code(tx, world.means, region)).result()


def test_a_site_is_called_as_the_code_says_unless_the_machine_says_another(world: World) -> None:
    code = world.centre.database.write(
        lambda tx: create_code(tx, world.means, REGION, name="West hall", uses=2)
    ).result()

    assert enrolled(world, code, name="").name == "West hall"
    assert enrolled(world, code, name="Counter 2").name == "Counter 2"
