"""`find`, `show`, `promise`, `outbox` and `site` on a running demo's world, as scripts use them."""

from __future__ import annotations

import re

import pytest

from agentdesk.cli.demo_world import DemoWorld
from agentdesk.sample import cast
from agentdesk.sample.places import PLACES
from agentdesk.sample.population import Population
from agentdesk.store.site import Site
from tests.cli.commands import Ran, agentdesk, inside


def whole(number: str, out: str) -> bool:
    """Tell whether a number stands somewhere unmasked."""
    return number.removeprefix("+86") in out.replace(" ", "").replace("-", "")


class People:
    """Numbers of the cast, and who holds them."""

    def __init__(self, world: DemoWorld) -> None:
        self._population = Population(world.note.seed, PLACES["bj"], world.note.made_at)
        self.first = self.number(cast.FIRST)
        self.family = self.number(cast.FAMILY[0])
        self.stopped = self.number(cast.STOPPED)
        self.hostile = self.number(cast.HOSTILE)

    def number(self, index: int) -> str:
        return self._population.first_number(index)

    def id(self, index: int) -> str:
        return self._population.id_of(index)

    def name(self, index: int) -> str:
        return self._population.name_of(index)


@pytest.fixture(scope="module")
def people(world: DemoWorld) -> People:
    return People(world)


def on(world: DemoWorld, *words: object) -> Ran:
    return inside(*words, "--data", world.folder)


def site(world: DemoWorld) -> Site:
    return world.open_site()


@pytest.mark.parametrize(
    "words",
    [
        ("find", "FIRST"),
        ("show", "FIRST"),
        ("promise", "FIRST", "U05", "--ask"),
        ("outbox", "list"),
        ("site", "status"),
        ("site", "sync"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_each_command_prints_text_or_one_json_object(words: tuple[str, ...], world: DemoWorld, people: People) -> None:
    said = [people.first if word == "FIRST" else word for word in words]
    text, shape = (agentdesk(*said, *form, "--data", world.folder) for form in ((), ("--json",)))

    assert text.out.strip()
    assert isinstance(shape.json, dict)
    assert text.err == shape.err == ""


# ------------------------------------------------------------ find


@pytest.mark.parametrize("form", ["{0}", "+86 {0}", "0086{0}", "{1}-{2}-{3}"])
def test_a_number_is_found_in_every_usual_form(form: str, world: DemoWorld, people: People) -> None:
    bare = people.first.removeprefix("+86")
    ran = on(world, "find", form.format(bare, bare[:3], bare[3:7], bare[7:]), "--json")

    assert [found["id"] for found in ran.json["customers"]] == [people.id(cast.FIRST)]


def test_all_holders_of_a_number_are_listed_with_their_relation(world: DemoWorld, people: People) -> None:
    ran = on(world, "find", people.family, "--json")

    relations = {found["id"]: found["relation"] for found in ran.json["customers"]}
    assert relations[people.id(cast.FAMILY[0])] == "owner"
    assert len(relations) > 1


def test_a_name_is_found_by_its_beginning_and_shown_masked(world: DemoWorld, people: People) -> None:
    name = people.name(cast.FIRST)
    text, shape = on(world, "find", name[:2]), on(world, "find", name[:2], "--json")

    assert people.id(cast.FIRST) in {found["id"] for found in shape.json["customers"]}
    for ran in (text, shape):
        assert name not in ran.out
        assert f"{name[0]}*" in ran.out


def test_what_nobody_has_is_an_error_of_one_line(world: DemoWorld) -> None:
    ran = on(world, "find", "nobody-is-called-so", "--json")

    assert ran.code == 1
    assert "nobody-is-called-so" in ran.error
    assert ran.json["customers"] == []


# ------------------------------------------------------------ show


def test_a_card_shows_who_calls_and_what_may_be_promised(world: DemoWorld, people: People) -> None:
    ran = on(world, "show", people.first, "--json")

    card = ran.json
    assert card["customer"]["id"] == people.id(cast.FIRST)
    assert card["customer"]["tier"] == "diamond"
    assert card["verification"] == 1
    assert card["line"]["number"] == card["number"]
    assert "available" in {offer["status"] for offer in card["offers"]}
    assert all(offer["reasons"] for offer in card["offers"] if offer["status"] != "available")
    assert card["work"]
    assert not whole(people.first, ran.out)


def test_the_text_has_the_same_offers_in_the_same_order(world: DemoWorld, people: People) -> None:
    shape = on(world, "show", people.first, "--json").json
    text = on(world, "show", people.first, "--language", "zh-CN").out

    codes = [line.split()[0] for line in text.splitlines() if re.match(r"[A-Z][0-9]{2} ", line)]
    assert codes == [offer["code"] for offer in shape["offers"]]
    assert not whole(people.first, text)


def test_several_holders_are_listed_and_none_is_guessed(world: DemoWorld, people: People) -> None:
    ran = on(world, "show", people.family)
    as_json = on(world, "show", people.family, "--json")
    chosen = on(world, "show", people.family, "--customer", people.id(cast.FAMILY[0]), "--json")

    assert ran.code == as_json.code == 4
    assert "--customer" in ran.error
    assert people.id(cast.FAMILY[0]) in ran.out
    assert people.id(cast.FAMILY[0]) in {holder["id"] for holder in as_json.json["holders"]}
    assert chosen.json["customer"]["id"] == people.id(cast.FAMILY[0])


def test_a_customer_who_does_not_hold_the_number_is_refused(world: DemoWorld, people: People) -> None:
    ran = on(world, "show", people.first, "--customer", people.id(cast.STOPPED))

    assert ran.code == 4
    assert people.id(cast.STOPPED) in ran.error


def test_hostile_names_do_nothing_to_the_terminal(world: DemoWorld, people: People) -> None:
    for words in (("show", people.hostile), ("show", people.hostile, "--json"), ("find", people.hostile)):
        out = on(world, *words).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "app.quit" not in out


@pytest.mark.parametrize(("number", "said"), [("12", "short"), ("186****5678", "masked"), ("1.86E+10", "spreadsheet")])
def test_what_is_no_number_is_said_with_what_to_do(number: str, said: str, world: DemoWorld) -> None:
    ran = on(world, "show", number)

    assert ran.code == 1
    assert said in ran.error


# ------------------------------------------------------------ promise


def test_a_promise_is_made_sent_and_accepted(world: DemoWorld, people: People) -> None:
    asked = on(world, "promise", people.first, "U06", "--ask", "--json")
    ran = on(world, "promise", people.first, "U06", "--note", "ring after seven", "--spoken", "--json")

    assert ran.code == 0, ran.err
    made = ran.json
    assert made["promised"]
    assert made["ask"] == asked.json["ask"]
    assert not asked.json["promised"]
    assert made["number"] in made["tell"].replace(" ", "")
    assert made["operation"]["state"] == "centre"
    assert made["operation"]["verdict"] == "applied"
    opened = site(world)
    try:
        promise = opened.view.replicated("region/bj", made["id"])
        contact = opened.view.replicated("region/bj", made["contact"])
    finally:
        opened.close()
    assert promise is not None
    assert contact is not None
    assert promise.data["state"] == "made"
    assert promise.data["spoken_at"] is not None
    assert promise.data["verification"] == {"level": 1, "method": "own_number"}
    assert contact.data["caller"] == people.first
    assert contact.data["state"] == "wrapped_up"
    assert [matter["outcome"] for matter in contact.data["matters"]] == ["promised"]


def test_the_promise_is_found_and_shown_by_the_number_that_was_told(world: DemoWorld, people: People) -> None:
    made = on(world, "promise", people.first, "U02", "--json").json

    found = on(world, "find", made["number"], "--json").json["work"]
    shown = on(world, "show", made["number"], "--json").json["work"]
    text = on(world, "show", made["number"])

    assert [work["id"] for work in found] == [work["id"] for work in shown] == [made["id"]]
    assert shown[0]["moves"][0]["what"] == "made"
    assert made["number"] in text.out


def test_the_text_has_the_words_to_ask_and_to_tell_and_where_it_is(world: DemoWorld, people: People) -> None:
    english = on(world, "promise", people.first, "U05", "--language", "en")
    chinese = on(world, "promise", people.first, "U05", "--ask", "--language", "zh-CN")

    assert "It is cancelled, number" in english.out
    assert "at the centre" in english.out
    assert "退" in chinese.out


def test_a_refusal_says_why_and_changes_nothing(world: DemoWorld, people: People) -> None:
    before = on(world, "outbox", "list", "--json").json["operations"]
    ran = on(world, "promise", people.stopped, "U04", "--json", "--language", "en")
    after = on(world, "outbox", "list", "--json").json["operations"]

    assert ran.code == 3
    assert ran.json["promised"] is False
    assert [reason["code"] for reason in ran.json["reasons"]] == ["verify"]
    assert "level 2" in ran.error
    assert after == before


def test_a_refusal_is_told_in_the_language_asked_for(world: DemoWorld, people: People) -> None:
    ran = on(world, "promise", people.stopped, "U04", "--language", "zh-CN")

    assert ran.code == 3
    assert "核验" in ran.error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("X99",), "catalogue show"),
        (("U05", "--amount", "3"), "gives no money"),
        (("W09", "--amount", "lots"), "--amount"),
        (("U05", "--agent", "nobody"), "nobody"),
        (("U05", "--line", "18600000000"), "no line of this customer"),
    ],
)
def test_a_wrong_call_of_promise_is_one_line(
    words: tuple[str, ...], said: str, world: DemoWorld, people: People
) -> None:
    ran = on(world, "promise", people.first, *words)

    assert ran.code == 1
    assert said in ran.error


def test_without_the_centre_a_promise_stands_here_and_goes_with_the_next_sync(world: DemoWorld, people: People) -> None:
    made = on(world, "promise", people.first, "U06", "--no-sync", "--json").json
    waiting = on(world, "outbox", "list", "--waiting", "--json").json
    synced = on(world, "site", "sync", "--json")
    after = on(world, "outbox", "explain", made["operation"]["id"], "--json").json

    assert made["operation"]["state"] == "here"
    assert made["operation"]["id"] in {entry["id"] for entry in waiting["operations"]}
    assert (synced.code, synced.json["waiting"], synced.json["problem"]) == (0, 0, None)
    assert after["state"] == "centre"


# ------------------------------------------------------------ outbox


def test_the_life_of_an_operation_is_told_from_made_to_seen(world: DemoWorld, people: People) -> None:
    made = on(world, "promise", people.first, "U06", "--json").json["operation"]

    told = on(world, "outbox", "explain", made["id"], "--json").json
    text = on(world, "outbox", "explain", made["id"], "--language", "en").out
    begun = on(world, "outbox", "show", made["id"][:-3], "--json").json

    assert [step["step"] for step in told["steps"]] == ["made", "decided", "answered", "seen"]
    assert told["actor"] == world.note.agent
    assert f"made by {world.note.agent}" in text
    assert begun["id"] == made["id"], "the beginning of an id is enough"
    assert begun["head"]["kind"] == "commitment.made"


def test_contents_are_shown_masked(world: DemoWorld, people: People) -> None:
    on(world, "promise", people.first, "U06", "--note", f"ring {people.first}", "--no-sync")
    listed = on(world, "outbox", "list", "--json").json["operations"]
    kinds = {entry["kind"]: entry["id"] for entry in reversed(listed)}

    for kind in ("contact.opened", "note.added", "commitment.made"):
        for form in ((), ("--json",)):
            ran = on(world, "outbox", "show", kinds[kind], *form)
            assert ran.code == 0
            assert not whole(people.first, ran.out)


def test_an_operation_that_is_not_there_is_an_error_of_one_line(world: DemoWorld) -> None:
    for wanted in ("ffff", "%", ""):
        assert "outbox list" in on(world, "outbox", "show", wanted).error


# ------------------------------------------------------------ site


def test_the_status_tells_who_the_site_is_and_how_its_line_stands(world: DemoWorld) -> None:
    status = on(world, "site", "status", "--json").json
    text = on(world, "site", "status", "--language", "en").out

    assert status["centre"] == world.centre.url
    assert status["region"] == "region/bj"
    assert status["line"]["online"]
    assert set(status["allowances"]) == {"cost", "credit"}
    assert status["cursors"]["region/bj"]["seq"] > 60
    assert "token" not in str(status)
    assert status["site"] in text
    assert world.centre.url in text


def test_the_doctor_finds_a_healthy_site_and_says_what_it_looked_at(world: DemoWorld) -> None:
    ran = on(world, "doctor", "--json")

    found = {finding["about"]: finding["state"] for finding in ran.json["findings"]}
    assert ran.code == 0, ran.out
    assert found["line"] == found["clock"] == found["site"] == "good"
    site = world.open_site()
    answers = site.outbox.inbox()
    site.close()
    # what other commands did in this world may wait for a person
    assert found["outbox"] == ("note" if answers else "good")
    assert "note" in on(world, "doctor").out or "--" in on(world, "doctor").out
