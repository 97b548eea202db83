"""A file of absences says who is away from when until when; what is wrong is told by line and column alone."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import PlaybookError
from toolkit.playbook.absences import LARGEST, WrittenAbsence, find_absences, read_absences
from toolkit.school.absence_cells import DateForm, begin, read_address, read_end

LONDON = ZoneInfo("Europe/London")
Read: TypeAlias = Callable[..., tuple[WrittenAbsence, ...]]
Refused: TypeAlias = Callable[..., list[str]]
HEADER = "person,from,to\n"
SECRETS = ["Nowhere", "nowhere", "flu", "secret"]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.chdir(tmp_path)

    def read_text(text: str | bytes, dates: DateForm = DateForm.ISO) -> tuple[WrittenAbsence, ...]:
        file = Path("absences.csv")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_absences(file, zone=LONDON, dates=dates)

    return read_text


@pytest.fixture
def refused(read: Read) -> Refused:
    def problems(text: str | bytes, dates: DateForm = DateForm.ISO) -> list[str]:
        with pytest.raises(PlaybookError) as caught:
            read(text, dates)
        return [str(problem) for problem in caught.value.problems]

    return problems


def _utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_days_are_included_on_both_ends_and_times_are_the_schools(read: Read) -> None:
    text = f"""{HEADER}
A.Able@example-primary.example,2026-11-09,2026-11-13
b.baker@example-primary.example,2026-11-10 08:30,2026-11-10T12:00:00
c.charlie@example-primary.example, 2026-10-23 , 2026-10-26
d.dog@example-primary.example,2026-07-01T08:30:00Z,2026-07-02T08:30:00+02:00
"""

    assert read(text) == (
        WrittenAbsence("a.able@example-primary.example", _utc(11, 9), _utc(11, 14)),
        WrittenAbsence("b.baker@example-primary.example", _utc(11, 10, 8, 30), _utc(11, 10, 12)),
        WrittenAbsence("c.charlie@example-primary.example", _utc(10, 22, 23), _utc(10, 27)),  # the clock goes back
        WrittenAbsence("d.dog@example-primary.example", _utc(7, 1, 8, 30), _utc(7, 2, 6, 30)),
    )


def test_a_file_may_say_that_the_day_comes_first(read: Read) -> None:
    text = (
        f"{HEADER}a@example-primary.example,9/11/2026,13/11/2026\nb@example-primary.example,03/04/2026 09:00,3/4/2026"
    )

    assert [(one.begins, one.ends) for one in read(text, DateForm.DAY_FIRST)] == [
        (_utc(11, 9), _utc(11, 14)),
        (_utc(4, 3, 8), _utc(4, 3, 23)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfperson,from,to\r\na@b.example,2026-11-09,2026-11-09\r\n",
        "To,FROM,Person,,\n2026-11-09,2026-11-09,a@b.example,,\n,,\n",
        '"person","from","to"\n"a@b.example","2026-11-09","2026-11-09"',
    ],
    ids=["as Excel writes it", "columns in any order", "in quotes"],
)
def test_the_same_file_may_be_written_in_several_ways(read: Read, text: str | bytes) -> None:
    assert read(text) == (WrittenAbsence("a@b.example", _utc(11, 9), _utc(11, 10)),)


def test_nobody_is_away_by_a_file_with_a_header_alone(read: Read) -> None:
    assert read(HEADER) == ()


def test_times_that_come_twice_leave_nobody_out(read: Read) -> None:
    (one,) = read(f"{HEADER}a@b.example,2026-10-25 01:30,2026-10-25 01:30")

    assert (one.begins, one.ends) == (_utc(10, 25, 0, 30), _utc(10, 25, 1, 30))


ROW = "secret@nowhere.example,2026-11-09,2026-11-10"
BAD_FILES = {
    "nothing": ("", 1, "is empty: the first line is person,from,to"),
    "no header": (f"{ROW}\n", 1, "the first line must name the columns, person,from,to"),
    "semicolons": ("person;from;to\n", 1, "The file has semicolons or tabs instead of commas"),
    "a reason": (
        "person,from,to,Absence Reason\n" + ROW + ",flu",
        1,
        "column 4 looks like a reason (`reason`). Reasons for absences are special category data",
    ),
    "a reason by another name": ("person,Illness,from,to\n", 1, "column 2 looks like a reason (`ill`)"),
    "a code": ("person,from,to,Absence code\n", 1, "column 4 looks like a reason (`code`)"),
    "a type": ("person,from,to,TYPE\n", 1, "column 4 looks like a reason (`type`)"),
    "notes": ("person,from,to,Notes\n", 1, "column 4 looks like a reason (`note`)"),
    "a further column": (
        "person,from,to,Nowhere\n",
        1,
        "column 4 is not one of `person`, `from` and `to`. Export only these three columns",
    ),
    "a column without a name": ("person,,from,to\n", 1, "column 2 is not one of"),
    "a column twice": ("person,from,to,to\n", 1, "column 4: a second column `to`"),
    "a column too few": ("person,from\n", 1, "there is no column `to`: the first line is person,from,to"),
    "a broken header": ('"person,from,to\n' + ROW, 1, "has a quotation mark that is not closed"),
    "another encoding": ((HEADER + ROW).encode("utf-16"), 1, "is not UTF-8 text. Save the file as CSV UTF-8"),
    "another encoding further down": (HEADER.encode() + b"m\xfcller@x.example", 2, "is not UTF-8 text"),
    "a character of none": (f"{HEADER}a\x00", 2, "has a control character"),
    "a large file": (b"x" * (LARGEST + 1), 1, "is larger than 10 MB"),
    "a long line": (f"{HEADER}{'secret' * 200}", 2, "is too long for a line with three cells"),
}
BAD_ROWS = {
    "no address": ("Secret Nowhere,2026-11-09,2026-11-10", "`person` must be one e-mail address"),
    "two addresses": ('"a@b.example, secret@nowhere.example",2026-11-09,2026-11-10', "`person` must be one e-mail"),
    "nobody": (",2026-11-09,2026-11-10", "`person` is empty"),
    "no end": ("secret@nowhere.example,2026-11-09", "`to` is empty"),
    "a cell too many": (f"{ROW},flu", "has more cells than columns"),
    "an open quote": (f'"{ROW}', "has a quotation mark that is not closed"),
    "an end before the beginning": ("secret@nowhere.example,2026-11-10,2026-11-09", "`to` does not come after `from`"),
    "no time at all": ("secret@nowhere.example,2026-11-09 09:00,2026-11-09 09:00", "`to` does not come after `from`"),
    "an end at midnight": (
        "secret@nowhere.example,2026-11-09 00:00,2026-11-10 00:00",
        "`to` ends at 00:00, which may be the beginning or the end of the day",
    ),
    "a date that could be two": (
        "secret@nowhere.example,03/04/2026,2026-11-10",
        "`from` has slashes, and it is unknown whether the day or the month comes first",
    ),
    "a reason behind the date": ("secret@nowhere.example,2026-11-09 (flu),2026-11-10", "`from` must be a day, or a"),
    "a day that no calendar has": ("secret@nowhere.example,2026-02-29,2026-03-01", "`from` is a date or a time that"),
    "a time that no clock shows": ("secret@nowhere.example,2026-02-28 24:00,2026-03-01", "`from` is a date or a time"),
    "a time that the clock skips": (
        "secret@nowhere.example,2026-03-29 01:30,2026-03-30",
        "`from` is a time that does not exist on that day",
    ),
    "a year far away": ("secret@nowhere.example,2026-11-09,9999-12-31", "`to` has a year that is not between"),
}
BAD_DAY_FIRST = {
    "the month first": ("secret@nowhere.example,11/13/2026,2/1/2026", "`from` has a month above 12: is the month"),
    "two forms": (
        "secret@nowhere.example,2026-11-09,9/11/2026",
        "`from` is yyyy-mm-dd, but you said that the file uses dd/",
    ),
    "a short year": (
        "secret@nowhere.example,9/11/26,10/11/26",
        "`from` must be a day, or a day and a time, such as 09/",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(
    refused: Refused, text: str | bytes, line: int, message: str
) -> None:
    problems = refused(text)

    assert problems[0].startswith(f"absences.csv:{line}: ")
    assert message in problems[0]
    assert not any(secret in problem for secret in SECRETS for problem in problems)


@pytest.mark.parametrize(("row", "message"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_line_that_cannot_be_used_is_told_by_its_column_and_not_repeated(
    refused: Refused, row: str, message: str
) -> None:
    (problem,) = refused(f"{HEADER}a@b.example,2026-11-09,2026-11-09\n\n{row}\n")

    assert problem.startswith(f"absences.csv:4: {message}")
    assert not any(secret in problem for secret in SECRETS)


@pytest.mark.parametrize(("row", "message"), BAD_DAY_FIRST.values(), ids=BAD_DAY_FIRST)
def test_a_date_that_is_not_day_first_is_refused_where_the_file_is_said_to_be(
    refused: Refused, row: str, message: str
) -> None:
    assert any(one.startswith(f"absences.csv:2: {message}") for one in refused(f"{HEADER}{row}", DateForm.DAY_FIRST))


def test_every_problem_is_told_at_once_and_a_page_of_them_at_most(refused: Refused) -> None:
    assert [one.split(":")[1] for one in refused(f'{HEADER}x,y,z\n"\n{ROW}\n{ROW},1')] == ["2", "2", "2", "3", "5"]

    many = refused(HEADER + "x,2026-11-09,2026-11-09\n" * 150)
    assert len(many) == 101
    assert many[-1] == "absences.csv:102: and 50 more problems"


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="cannot be read: No such file"):
        read_absences(tmp_path / "absences.csv", zone=LONDON)


def test_the_file_is_found_beside_the_playbook(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    (folder / "private").mkdir(parents=True)
    (folder / "private" / "absences.csv").write_text(HEADER)

    found = find_absences("private/absences.csv", folder=folder, root=tmp_path)

    assert found == folder / "private" / "absences.csv"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("../outside.csv", "`../outside.csv` leaves the directory of the playbooks"),
        ("linked.csv", "`linked.csv` leaves the directory of the playbooks"),
        ("/etc/passwd", "`/etc/passwd` leaves the directory of the playbooks"),
        ("circle.csv", "`circle.csv`"),
        ("mail", "there is no file `mail`"),
        ("absence.csv", "there is no file `absence.csv`"),
    ],
)
def test_a_file_outside_of_the_playbooks_is_refused(tmp_path: Path, written: str, message: str) -> None:
    root = tmp_path / "playbooks"
    (root / "mail").mkdir(parents=True)
    (tmp_path / "outside.csv").write_text(HEADER)
    (root / "linked.csv").symlink_to(tmp_path / "outside.csv")
    (root / "circle.csv").symlink_to(root / "circle.csv")

    with pytest.raises(ValueError, match=message):
        find_absences(written, folder=root, root=root)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (HEADER + text).encode()))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any-absences.csv"
    file.write_bytes(content)

    with suppress(PlaybookError):
        assert all(one.begins < one.ends for one in read_absences(file, zone=LONDON))


@given(st.dates(min_value=date(2001, 1, 1), max_value=date(2098, 1, 1)))
def test_a_day_is_a_day_however_long_the_clock_makes_it(day: date) -> None:
    iso = day.isoformat()
    slashed = f"{day.day}/{day.month}/{day.year}"

    assert begin(iso, DateForm.ISO, LONDON) == begin(slashed, DateForm.DAY_FIRST, LONDON)
    assert read_end(iso, DateForm.ISO, LONDON) == read_end(slashed, DateForm.DAY_FIRST, LONDON)
    assert 23 <= (read_end(iso, DateForm.ISO, LONDON) - begin(iso, DateForm.ISO, LONDON)).total_seconds() / 3600 <= 25


def test_an_address_is_kept_in_small_letters() -> None:
    assert read_address("O'Neil.Bee+x@Example-Primary.EXAMPLE") == "o'neil.bee+x@example-primary.example"
