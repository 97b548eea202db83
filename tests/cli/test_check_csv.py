"""`toolkit check --csv`: one line a finding, which a spreadsheet reads and never runs."""

import csv
from io import StringIO

from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

AWAY = """\
playbook: availability
title: Whoever is away says so
owner: Head Teacher
clauses: [EML-21]
controls:
  - mail.out_of_office: {for: staff}

"""


def test_every_finding_is_a_line_and_no_cell_is_a_formula(google_door: Door) -> None:
    google_door.write("33-away.yaml", AWAY)

    answer = google_door.toolkit("check", "--csv")
    as_json = google_door.toolkit("check", "--json")
    rows = list(csv.DictReader(StringIO(answer.out)))

    assert answer.exit == as_json.exit == 3
    assert [(row["control"], row["status"], row["reason"]) for row in rows] == [
        (one["control"], one["status"], one["reason"]) for one in as_json.json["findings"]
    ]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_two_answers_at_once_are_refused(google_door: Door) -> None:
    answer = google_door.toolkit("check", "--csv", "--json")

    assert answer.exit == 2
    assert "Choose one" in answer.err
