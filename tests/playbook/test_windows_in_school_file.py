"""The school file says when its tenants may be written to; what is wrong in it is told with its line."""

from collections.abc import Callable, Mapping
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from tests.playbook.conftest import SCHOOL
from toolkit.playbook.entries import Playbooks
from toolkit.school.calendar import Days
from toolkit.school.schedule import Freeze, Window, Windows

Files = Mapping[str, str | bytes]

# The school file of the other tests is 9 lines long: `windows:` is line 10.
WHOLE = """\
windows:
  evenings: {days: [monday, friday], from: 16:30, to: "22:00"}
  footers:
    days: [sunday]
    from: 08:00
    to: "00:00"
    controls: [mail.footer, google_workspace.unit]
freezes:
  - {from: 2027-05-10, to: 2027-05-13, why: Key Stage 2 tests}
"""


def test_windows_and_freezes_are_read_as_written(load_files: Callable[[Files], Playbooks]) -> None:
    assert load_files({"00-school.yaml": SCHOOL + WHOLE}).school.windows == Windows(
        ZoneInfo("Europe/London"),
        (
            Window("evenings", frozenset({0, 4}), time(16, 30), time(22)),
            Window("footers", frozenset({6}), time(8), time.min, frozenset({"mail.footer", "google_workspace.unit"})),
        ),
        (Freeze(Days(date(2027, 5, 10), date(2027, 5, 13)), "Key Stage 2 tests"),),
    )
    assert load_files({}).school.windows is None


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        pytest.param(
            "friday", "fryday", 11, "entry 2 of `windows.evenings.days` must be `monday`", id="no day of the week"
        ),
        pytest.param(
            '"22:00"', '"16:30"', 11, "16:30 does not come after 16:30, the time in `from`", id="from after to"
        ),
        pytest.param(
            "mail.footer", "mail.foter", 16, "called `mail.foter`: did you mean `mail.footer`?", id="no control"
        ),
        pytest.param("2027-05-13", "2027-05-09", 18, "2027-05-09 comes before 2027-05-10, the day in", id="no days"),
        pytest.param(", why: Key Stage 2 tests", "", 18, "`why`", id="no reason"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    refused: Callable[[Files], list[str]], old: str, new: str, line: int, says: str
) -> None:
    (problem,) = refused({"00-school.yaml": SCHOOL + WHOLE.replace(old, new)})

    assert problem.startswith(f"playbooks/00-school.yaml:{line}: ")
    assert says in problem
