from __future__ import annotations

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentdesk.domain.language.text import clean
from agentdesk.domain.numbering.area_codes import area_of, areas
from agentdesk.domain.numbering.numbers import ADVICE, Kind, Number, NumberProblem, display, normalise
from tests.costs import calls
from tests.hostile import HOSTILE

digits = st.text("0123456789", min_size=0, max_size=15)
prefixes = st.sampled_from(["", "0", "+86", "86", "0086", "+86 ", "+86 0", "0086-", "+", "00"])
separators = st.sampled_from(["", "", "", " ", "-"])


def library(text: str) -> phonenumbers.PhoneNumber | None:
    """Return what `phonenumbers` takes a text for, if it is a valid number."""
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def e164(parsed: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@given(prefixes, st.integers(13_000_000_000, 19_999_999_999), separators, separators)
def test_mobiles_are_read_as_the_library_reads_them(prefix: str, number: int, one: str, two: str) -> None:
    text = f"{number}"
    written = f"{prefix}{text[:3]}{one}{text[3:7]}{two}{text[7:]}"
    found, expected = normalise(written), library(written)
    if expected is not None:
        assert isinstance(found, Number)
        assert found.e164 == e164(expected)
    elif isinstance(found, Number):
        assert found.e164 == f"+86{text}"
        assert not found.assigned


@given(
    st.sampled_from(["0", "+86", "86", "0086", "+86 ", "86 0", "+860"]),
    st.sampled_from([str(code) for code in range(10, 1000)]),
    separators,
    st.text("0123456789", min_size=6, max_size=9),
    separators,
)
def test_fixed_lines_are_read_as_the_library_reads_them(prefix: str, area: str, one: str, local: str, two: str) -> None:
    written = f"{prefix}{area}{one}{local[:-4]}{two}{local[-4:]}"
    found, expected = normalise(written), library(written)
    if isinstance(found, Number) and found.kind == "fixed":
        assert expected is not None
        assert found.e164 == e164(expected)
        assert phonenumbers.number_type(expected) == phonenumbers.PhoneNumberType.FIXED_LINE
    elif expected is not None and isinstance(found, Number) and found.e164.startswith("+"):
        assert found.e164 == e164(expected)


@given(prefixes, digits)
@example("", "2095000")
def test_whatever_the_library_finds_valid_is_a_number(prefix: str, number: str) -> None:
    found, expected = normalise(prefix + number), library(prefix + number)
    if expected is not None:
        # of a local number the library takes the first digits for an area: nobody writes one without its 0
        assert isinstance(found, Number) or found.code == "area_missing"
    if expected is not None and isinstance(found, Number):
        # A hotline that can't be dialled from abroad is kept as its digits.
        assert found.e164 == e164(expected) or (found.kind == "service" and found.e164.isdigit())


@given(prefixes, digits, st.sampled_from(["", "10", "0531"]))
def test_a_number_that_was_read_is_read_again_as_itself(prefix: str, number: str, area: str) -> None:
    found = normalise(prefix + number, default_area=area)
    if isinstance(found, Number):
        assert normalise(found.e164) == found


def test_every_area_has_the_lengths_that_the_library_knows() -> None:
    for code, area in areas().items():
        for length in (7, 8):
            known = library(f"+86{code}{'23456789'[:length]}") is not None
            assert known == (length in area.lengths), code


def test_no_area_is_missing() -> None:
    for number in range(2_000_000_000, 9_999_999_999, 9_999_991):
        parsed = library(f"+86{number}")
        if parsed and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE:
            # 978 is in the library's numbering plan, but no town has it.
            assert area_of(str(number)) or str(number).startswith("978")


@pytest.mark.parametrize(
    ("text", "e164", "kind"),
    [
        ("18612345678", "+8618612345678", "mobile"),
        ("+86 186-1234-5678", "+8618612345678", "mobile"),
        ("0086 186 1234 5678", "+8618612345678", "mobile"),
        ("8618612345678", "+8618612345678", "mobile"),
        ("018612345678", "+8618612345678", "mobile"),
        ("186 123 45678", "+8618612345678", "mobile"),
        ("１８６－１２３４－５６７８", "+8618612345678", "mobile"),
        ("\u202d186 1234 5678\u202c", "+8618612345678", "mobile"),
        ("186\u200b1234\ufeff5678", "+8618612345678", "mobile"),
        ("'18612345678", "+8618612345678", "mobile"),
        ("tel:+86-186-1234-5678", "+8618612345678", "mobile"),
        ("18612345678.0", "+8618612345678", "mobile"),
        ("12593 18612345678", "+8618612345678", "mobile"),
        ("17401234567", "+8617401234567", "mobile"),
        ("01082345678", "+861082345678", "fixed"),
        ("01012345678", "+861012345678", "fixed"),
        ("(010) 8234-5678", "+861082345678", "fixed"),
        ("（０１０）８２３４—５６７８", "+861082345678", "fixed"),
        ("010/82345678", "+861082345678", "fixed"),
        ("+86 10 8234 5678", "+861082345678", "fixed"),
        ("+86(0)10-8234-5678", "+861082345678", "fixed"),
        ("86-755-82345678", "+8675582345678", "fixed"),
        ("0592-2234567", "+865922234567", "fixed"),
        ("1082345678", "+861082345678", "fixed"),
        ("17910 010 82345678", "+861082345678", "fixed"),
        ("10010", "10010", "service"),
        ("+8610010", "10010", "service"),
        ("01010010", "+861010010", "service"),
        ("95588", "95588", "service"),
        ("955 88", "95588", "service"),
        ("12345", "12345", "service"),
        ("96156", "96156", "service"),
        ("10690000123456", "10690000123456", "service"),
        ("400-800-1234", "+864008001234", "service"),
        ("8008101234", "+868008101234", "service"),
        ("120", "120", "short"),
        ("+852 9123 4567", "+85291234567", "foreign"),
        ("00852 9123 4567", "+85291234567", "foreign"),
        ("+1 (202) 555-0123", "+12025550123", "foreign"),
    ],
)
def test_a_number_is_read_in_any_form(text: str, e164: str, kind: Kind) -> None:
    assert normalise(text) == Number(e164, kind)


@pytest.mark.parametrize(
    ("text", "e164", "extension"),
    [
        ("010-82345678-801", "+861082345678", "801"),
        ("010-82345678转801", "+861082345678", "801"),
        ("010-82345678 分机 801", "+861082345678", "801"),
        ("010-82345678 ext. 801", "+861082345678", "801"),
        ("01082345678 x801", "+861082345678", "801"),
        ("01082345678#801", "+861082345678", "801"),
        ("400-800-1234-3", "+864008001234", "3"),
        ("18612345678,,801", None, ""),
    ],
)
def test_an_extension_is_kept_apart(text: str, e164: str | None, extension: str) -> None:
    found = normalise(text)
    if e164 is None:
        assert isinstance(found, NumberProblem)
    else:
        assert isinstance(found, Number)
        assert (found.e164, found.extension) == (e164, extension)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \u200b ", "empty"),
        ("anonymous", "withheld"),
        ("<unknown>", "withheld"),
        ("未知", "withheld"),
        ("186****5678", "masked"),
        ("186xxxx5678", "masked"),
        ("1.86E+10", "scientific"),
        ("1.86123E10", "scientific"),
        ("１．８６Ｅ＋１０", "scientific"),
        ("18612345678/13912345678", "several"),
        ("18612345678、13912345678", "several"),
        ("18612345678\n13912345678", "several"),
        ("王小明", "not_a_number"),
        ("1-800-FLOWERS", "not_a_number"),
        ("186+12345678", "not_a_number"),
        ("()", "not_a_number"),
        ("82345678", "area_missing"),
        ("2234567", "area_missing"),
        ("13", "too_short"),
        ("1861234567", "invalid"),
        ("010 8000 1234", "invalid"),
        ("+86 200 1234 5678", "invalid"),
        ("188888888888888888", "too_long"),
        ("1" * 65, "too_long"),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(text: str, code: str) -> None:
    found = normalise(text)
    assert isinstance(found, NumberProblem)
    assert found.code == code
    assert found.advice == ADVICE[found.code]


def test_a_local_number_is_completed_with_the_area_of_the_site() -> None:
    assert normalise("82345678", default_area="010") == Number("+861082345678", "fixed")
    assert normalise("2345678", default_area="530") == Number("+865302345678", "fixed")
    assert normalise("82345678", default_area="530") == NumberProblem("area_missing", "82345678")


def test_a_mobile_of_a_range_that_is_not_known_yet_is_taken_and_says_so() -> None:
    assert normalise("15412345678") == Number("+8615412345678", "mobile", assigned=False)
    assert normalise("+86 154 1234 5678") == Number("+8615412345678", "mobile", assigned=False)
    assert normalise("1440123456789") == Number("+861440123456789", "mobile", assigned=False)


def test_another_region_has_its_own_numbers() -> None:
    assert normalise("9123 4567", default_region="HK") == Number("+85291234567", "mobile")
    assert normalise("+8618612345678", default_region="HK") == Number("+8618612345678", "foreign")


@given(st.one_of(st.text(max_size=70), st.sampled_from(HOSTILE)))
def test_any_text_is_a_number_or_a_problem_that_can_be_shown(text: str) -> None:
    found = normalise(text)
    if isinstance(found, NumberProblem):
        assert clean(found.text, 40) == found.text
    else:
        assert found.e164.removeprefix("+").isdigit()
        assert found.e164.isascii()


@pytest.mark.parametrize(
    ("number", "masked", "whole"),
    [
        ("+8618612345678", "186****5678", "186 1234 5678"),
        ("+861082345678", "010-****5678", "010-8234 5678"),
        ("+865922234567", "0592-***4567", "0592-223 4567"),
        ("+864008001234", "400 800 1234", "400 800 1234"),
        ("+861010010", "010-10010", "010-10010"),
        ("10010", "10010", "10010"),
        ("+85291234567", "+852 ****4567", "+852 9123 4567"),
        ("+12025550123", "+1 ******0123", "+1 20 2555 0123"),
        ("+29023456", "+290 ***56", "+290 23456"),
        ("+869782345678", "******5678", "97 8234 5678"),
        ("+8695001234567", "95001234567", "95001234567"),
        ("+8616812345", "16812345", "16812345"),
        ("+869512345678", "0951-***5678", "0951-234 5678"),
        ("\x1b[31m王", "王", "王"),
        ("+86\x1b[31m18612345678", "+*********5678", "+8618612345678"),
        ("186-12345678, 13912345678", "186-****5678, *******5678", "186-12345678, 13912345678"),
    ],
)
def test_a_number_is_masked_unless_it_belongs_to_nobody(number: str, masked: str, whole: str) -> None:
    assert display(number) == masked
    assert display(number, masked=False) == whole


@given(prefixes, digits)
def test_a_masked_number_hides_its_middle(prefix: str, number: str) -> None:
    found = normalise(prefix + number)
    if isinstance(found, Number):
        whole = display(found.e164, masked=False)
        assert "".join(filter(str.isdigit, whole)).lstrip("0") in found.e164
        if found.kind in {"mobile", "fixed", "foreign"}:
            assert display(found.e164).count("*") >= 3


@pytest.mark.parametrize("text", ["18612345678", "+86 186-1234-5678"])
def test_a_mobile_costs_a_handful_of_calls(text: str) -> None:
    normalise(text)
    assert calls(lambda: normalise(text)) < 12


def test_usual_numbers_do_not_load_the_library() -> None:
    program = (
        "import sys; from agentdesk.domain.numbering.numbers import normalise, display; "
        "[display(normalise(text).e164) for text in "
        "('18612345678', '+86 186-1234-5678', '(010) 8234-5678', '10010', '１８６１２３４５６７８')]; "
        "sys.exit('phonenumbers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
