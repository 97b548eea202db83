"""Term dates from an .ics file: whole terms, first and last days, half-terms and INSET days, and none made up."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.door import ask
from tests.starter.test_init import words
from toolkit.starter.term_dates import FirstTerm, TermDates, term_dates

TODAY = date(2026, 11, 27)
AUTUMN = FirstTerm(
    "Autumn term 2026", date(2026, 9, 3), date(2026, 12, 18), ((date(2026, 10, 26), date(2026, 10, 30)),)
)
SPRING = FirstTerm("Spring term 2027", date(2027, 1, 5), date(2027, 3, 25))


def calendar(*events: tuple[str, str, str]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for name, starts, ends in events:
        lines += ["BEGIN:VEVENT", "UID:1", f"DTSTART{starts}", *([f"DTEND{ends}"] if ends else []), f"SUMMARY:{name}"]
        lines += ["BEGIN:VALARM", "SUMMARY:Reminder", "END:VALARM", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


WHOLE = calendar(
    ("Summer term 2026", ";VALUE=DATE:20260413", ";VALUE=DATE:20260722"),
    ("Autumn term", ";VALUE=DATE:20260903", ";VALUE=DATE:20261219"),
    ("Autumn half-term", ";VALUE=DATE:20261026", ";VALUE=DATE:20261031"),
    ("INSET day\\, school closed to pupils", ";VALUE=DATE:20260902", ""),
    ("Staff training day", ";VALUE=DATE:20270104", ""),
    ("Spring term", ';TZID="Europe/London":20270105T000000', ';TZID="Europe/London":20270325T153000'),
    ("School fair at the end of term", ":20261205T100000Z", ":20261205T120000Z"),
)
PAIRS = calendar(
    ("Autumn term starts", ":20260902T230000Z", ""),  # midnight of 3 September, in summer time
    ("Half Term", ";VALUE=DATE:20261026", ";VALUE=DATE:20261031"),
    ("Last day of autumn\r\n  term", ";VALUE=DATE:20261218", ";VALUE=DATE:20261219"),
    ("Spring Term begins", ";VALUE=DATE:20270105", ""),
    ("End of Spring Term", ";VALUE=DATE:20270325", ""),
    ("Summer term begins", ";VALUE=DATE:20270412", ""),
)


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_whole_terms_that_are_not_over_are_read_with_what_is_in_them(ending: str) -> None:
    assert term_dates(WHOLE.replace("\r\n", ending), TODAY) == TermDates(
        [AUTUMN, SPRING], [date(2026, 9, 2), date(2027, 1, 4)]
    )


def test_terms_are_read_from_their_first_and_last_days_and_one_without_an_end_is_not_guessed() -> None:
    assert term_dates(PAIRS, TODAY) == TermDates([AUTUMN, SPRING], [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file has no present or future term: it has no entries. Type the terms"),
        (
            calendar(("Christmas holiday", ";VALUE=DATE:20261221", "")),
            "it has only entries such as `Christmas holiday`.",
        ),
        (calendar(("Autumn term", ";VALUE=DATE:20200903", ";VALUE=DATE:20201219")), "no present or future term"),
        (
            calendar(("Christmas", ":20261221", ""), ("Term", ";VALUE=DATE:20269903", "")),
            "line 13: DTSTART `20269903` is",
        ),
        (calendar(("Autumn term", ":00010101T000000Z", "")), "line 5: DTSTART `00010101T000000Z` is not a date such"),
        (calendar(("Autumn\r\n  term", ":20260903", ":99991231T235959Z")), "line 6: DTEND `99991231T235959Z` is not"),
        (WHOLE.replace("20270325T153000", "25/03/2027"), "line 49: DTEND `25/03/2027` is not a date"),
        (
            calendar(
                ("Autumn term", ";VALUE=DATE:20260903", ";VALUE=DATE:20261219"),
                ("Term 2", ";VALUE=DATE:20261102", ";VALUE=DATE:20261219"),
            ),
            "`Term 2 2026` begins before `Autumn term 2026` ends. Type the terms",
        ),
    ],
)
def test_a_file_without_terms_says_what_it_holds_and_what_to_do(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="ype the terms") as caught:
        term_dates(text, TODAY)
    assert says in str(caught.value)


def test_init_writes_the_terms_of_a_file_and_names_it(tmp_path: Path) -> None:
    later = re.sub("2026|2027", lambda year: str(int(year[0]) + 71), WHOLE)
    (tmp_path / "terms.ics").write_text(re.sub(r"(20\d\d)(\d\d)(\d\d)", r"\1-\2-\3", later))  # some tools write hyphens

    answered = ask("init", tmp_path / "school", *words(terms=str(tmp_path / "terms.ics")))

    assert answered.exit == 0, answered.err
    text = (tmp_path / "school/playbooks/00-school.yaml").read_text()
    assert "# Read from terms.ics. Compare these dates" in text
    assert "    - name: Autumn term 2097\n      from: 2097-09-03\n      to: 2097-12-18\n      half_terms:" in text
    assert "\n  inset_days: [2097-09-02, 2098-01-04]\n" in text
    assert "\nformat: 1\n" in text


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read: No such file"), (b"\xff\xfe", "it is not UTF-8"), (b"x" * 1_000_001, "1 MB")],
)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "terms.ics").write_bytes(content)

    answered = ask("init", tmp_path / "school", *words(terms=str(tmp_path / "terms.ics")))

    assert (answered.exit, "--terms: " in answered.err, says in answered.err) == (2, True, True)
