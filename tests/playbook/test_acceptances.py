"""What was accepted as it is until a day, in a file of exceptions; and whose a contested object is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.errors import PlaybookError
from toolkit.playbook.load import load

SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
"""
RULE = "playbook: rules\nresources:\n  - microsoft365.transport_rule: Mark mail\n    prepend_subject: '[office] '\n"
ACCEPTED = """\
exceptions: moves
accepted:
  - object: microsoft365.transport_rule[Mark mail]
    setting: prepend_subject
    reason: Moving
    ends: 2026-12-18
    by: Head Teacher
    on: 2026-11-25
"""


def _write_playbooks(path: Path, accepted: str = ACCEPTED, rule: str = RULE) -> Path:
    for name, text in {"00-school.yaml": SCHOOL, "10-rules.yaml": rule, "95-moves.yaml": accepted}.items():
        (path / name).write_text(text)
    return path


def test_an_acceptance_holds_from_its_day_to_the_end_of_its_last(tmp_path: Path) -> None:
    (one,) = load(_write_playbooks(tmp_path)).acceptances

    assert (str(one.address), one.setting, one.by) == (
        "microsoft365.transport_rule[Mark mail]",
        "prepend_subject",
        "Head Teacher",
    )
    assert not one.live(datetime(2026, 11, 24, 23, 59, tzinfo=UTC))  # nobody has accepted it yet
    assert one.live(datetime(2026, 11, 25, tzinfo=UTC))
    assert one.live(datetime(2026, 12, 18, 23, 59, tzinfo=UTC))
    assert not one.live(datetime(2026, 12, 19, tzinfo=UTC))


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("object: Mark mail", "object: microsoft365.transport_rule[Mark mail]", "3: 'Mark mail' is not an address"),
        ("transport_rul[", "transport_rule[", "3: unknown kind `microsoft365.transport_rul`: did you mean"),
        (
            "automatic_reply[a]",
            "transport_rule[Mark mail]",
            "3: microsoft365.automatic_reply belongs to a person, and acc",
        ),
        ("prepend_subjec", "prepend_subject", "4: microsoft365.transport_rule has no setting `prepend_subjec`"),
        ("on: 2026-12-20", "on: 2026-11-25", "8: it was accepted on 2026-12-20, after its end date"),
        ("by: Class Teacher", "by: Head Teacher", "7: `Class Teacher` may not accept findings: did you mean `Head Te"),
        ("by: Caretaker", "by: Head Teacher", "7: `Caretaker` may not accept findings. Head Teacher, Senior Leader"),
    ],
)
def test_a_wrong_acceptance_is_told_with_its_line(wrong: str, right: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(PlaybookError) as caught:
        load(_write_playbooks(tmp_path, ACCEPTED.replace(right, wrong)))

    (problem,) = caught.value.problems
    assert f"{problem.line}: {problem.message}".startswith(told)


def test_what_is_contested_is_either_left_or_ours(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="write only one of `leave` and `ours`"):
        load(_write_playbooks(tmp_path, rule=RULE + "    leave: true\n    ours: true\n"))
