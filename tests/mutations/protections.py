"""What each protection is in the code, and which test stands for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Protection:
    """A protection of a part of docs/SECURITY.md: what is put `instead` of its `code`, and the tests that fail then."""

    name: str
    part: str
    file: str
    code: str
    instead: str
    tests: tuple[str, ...]


VAULT = "tests/trust/test_vault.py"
IDENTITY = "tests/centre/test_site_identity.py"

PROTECTIONS = (
    Protection(
        "a try is counted on disk before it is answered",
        "sign-in",
        "trust/vault.py",
        "            self._put(content, counted)\n            try:\n",
        "            try:\n",
        (f"{VAULT}::test_a_try_is_on_disk_before_it_is_answered",),
    ),
    Protection(
        "the time without the line can't be prolonged",
        "sign-in",
        "trust/vault_file.py",
        "self.agent, self.valid_until, self.admitted_at]",
        "self.agent, self.admitted_at]",
        (f"{VAULT}::test_the_time_without_the_centre_ends_and_cant_be_prolonged",),
    ),
    Protection(
        "a dismissal reaches a site's vault with its sync",
        "sign-in",
        "sync/session.py",
        "                site.settle_vault()\n",
        "                pass\n",
        ("tests/sync/test_sign_in.py::test_a_dismissal_reaches_vault_pins_and_desks_with_the_next_sync",),
    ),
    Protection(
        "a copied token opens nothing with another key",
        "site identity",
        "centre/service.py",
        "stamp = checked(asked, key or own_key(asked))",
        "stamp = checked(asked, own_key(asked))",
        (f"{IDENTITY}::test_no_body_is_read_before_the_signature_is_good",),
    ),
    Protection(
        "a request is taken once",
        "site identity",
        "centre/service.py",
        "        self._fresh(self.nonces.take(stamp))\n",
        "",
        (f"{IDENTITY}::test_a_request_is_taken_once",),
    ),
    Protection(
        "a body is the one that was signed",
        "site identity",
        "centre/bodies.py",
        "if not is_content(digest, raw):",
        "if False:",
        (f"{IDENTITY}::test_what_was_signed_for_one_request_is_good_for_no_other",),
    ),
    Protection(
        "a site's files are encrypted",
        "at rest",
        "replica/opening.py",
        """connection.execute(f'PRAGMA key = "{_raw(key)}"')""",
        "pass",
        ("tests/store/test_at_rest.py::test_no_byte_of_a_days_work_can_be_read_from_the_disk",),
    ),
    Protection(
        "what is sorted stays in memory",
        "at rest",
        "replica/opening.py",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA temp_store=FILE",
        ("tests/store/test_at_rest.py::test_what_is_put_aside_stays_in_memory",),
    ),
    Protection(
        "nothing is unmasked before it is written down",
        "masking and audit",
        "desk/screens/reveal.py",
        "    if app.flow.report(await app.deeds.revealed(found, shown)):\n",
        "    if True:\n",
        ("tests/desk/test_reveal.py",),
    ),
    Protection(
        "a row of evidence that was changed is found",
        "masking and audit",
        "centre/storage/seals.py",
        "ascii(tuple(row))",
        "ascii(tuple(row[:1]))",
        ("tests/audit/test_centre.py::test_any_one_row_that_was_tampered_with_is_found_and_named",),
    ),
    Protection(
        "a site's key is sealed for nobody who only answers on a port of its machine",
        "at rest",
        "sync/client.py",
        'answer.recovery if self._http.base_url.scheme == "https" else ""',
        "answer.recovery",
        ("tests/cli/test_resealing.py::test_without_a_certificate_nothing_is_sealed_anew_before_a_person_says_so",),
    ),
    Protection(
        "a password that was put back in the database is found",
        "masking and audit",
        "centre/auditing/credentials.py",
        "if known.get(field) not in (None, row[_COLUMNS.index(column)]):",
        "if False:",
        ("tests/audit/test_credentials.py::test_the_row_of_yesterday_bears_a_right_seal_and_is_found_by_its_time",),
    ),
    Protection(
        "nothing in a text is obeyed by a terminal",
        "hostile data",
        "domain/language/text.py",
        'return _limit_marks(_REMOVED.sub("", _LINE_BREAKERS.sub(" ", text)), MAX_MARKS)',
        "return text",
        ("tests/domain/test_outside.py::test_whatever_a_text_is_it_is_drawn_as_one_harmless_line",),
    ),
    Protection(
        "no cell of an export is a formula",
        "hostile data",
        "cli/output.py",
        "guarded(shown(str(cell), LONGEST_LINE))",
        "shown(str(cell), LONGEST_LINE)",
        ("tests/cli/test_hostile.py::test_no_cell_of_the_ledger_is_a_formula_and_each_comes_back_as_it_was",),
    ),
    Protection(
        "a number that is none is found in evidence, and stops no audit",
        "masking and audit",
        "store/auditing/verifying.py",
        "if wrong := list(islice(misshapen(outbox.execute, _TABLES), MOST)):",
        "if wrong := []:",
        (
            "tests/cli/test_hostile_audit.py::"
            "test_a_number_that_is_none_is_found_or_said_and_nothing_falls_over_it[hall/outbox.db-operation]",
        ),
    ),
    Protection(
        "a staff number that can be none is wrong at the door",
        "hostile data",
        "sync/entering.py",
        "typed = clean(typed, LONGEST_NUMBER)",
        "pass",
        ("tests/desk/test_hostile_door.py::test_no_number_and_no_password_is_anything_but_wrong_to_a_door",),
    ),
    Protection(
        "what nobody sees is refused in a scenario, with its line",
        "hostile data",
        "qa/scenarios/text.py",
        "if readable(text) != text:",
        "if False:",
        ("tests/qa/test_hostile.py::test_a_hostile_line_is_a_text_or_an_error_that_names_it",),
    ),
    Protection(
        "a picture of a scenario is written nowhere else",
        "hostile data",
        "qa/scenarios/stage.py",
        "if _NAME.fullmatch(name) is None:",
        "if not name:",
        ("tests/qa/test_hostile.py::test_a_picture_is_kept_beside_its_scenario_and_nowhere_else",),
    ),
    Protection(
        "the page about scenarios has no markup of theirs",
        "hostile data",
        "qa/report/render.py",
        'return escape(readable(text).replace("\\t", "    "), quote=True)',
        "return readable(text)",
        ("tests/qa/test_hostile.py::test_the_page_shows_hostile_texts_as_texts",),
    ),
    Protection(
        "a site sees no scope of another",
        "server",
        "centre/pull.py",
        "if scope not in granted:",
        "if False:",
        ("tests/centre/test_scopes_of_sites.py",),
    ),
    Protection(
        "one caller can't take all of the server",
        "server",
        "centre/guard.py",
        "if not at_once.enter(name):",
        "if not at_once.enter(name) and False:",
        ("tests/centre/test_guard.py::test_so_many_at_once_and_each_that_leaves_makes_room",),
    ),
)
