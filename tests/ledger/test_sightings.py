"""What drifts saw, as the ledger keeps it: who is open, since when, and what is over."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.ledger.conftest import NOW
from tests.ledger.test_ledger_verify import changed, damaged_subjects
from toolkit.errors import LedgerError
from toolkit.ledger.change_history import open_findings
from toolkit.ledger.findings import DriftSeen, Fixed, Sighting
from toolkit.ledger.projections import finding_rows
from toolkit.ledger.structure import rebuild
from toolkit.ledger.verify import Damage, verify
from toolkit.planning.finding_state import Ending, FindingState

if TYPE_CHECKING:
    from tests.ledger.conftest import History

ONE = Sighting(
    "1a", "microsoft365.transport_rule[A]", "priority", "different", FindingState.OPEN, NOW, "tenant", "Tool"
)
NIGHT = timedelta(days=1)


def _drift_seen(
    *found: Sighting, nights: int = 0, fixed: tuple[Fixed, ...] = (), unseen: tuple[str, ...] = ()
) -> DriftSeen:
    return DriftSeen(run="run-1", at=NOW + nights * NIGHT, found=found, fixed=fixed, unseen=unseen)


def test_what_is_open_goes_on_until_it_is_said_to_be_over_and_what_was_not_seen_is_not() -> None:
    (new,) = finding_rows(5, _drift_seen(ONE), [])
    (again,) = finding_rows(8, _drift_seen(nights=1), [new])
    blind = finding_rows(11, _drift_seen(nights=2, unseen=("1a",)), [again])
    (over,) = finding_rows(14, _drift_seen(nights=3, fixed=(Fixed("1a", Ending.TENANT),)), [again])

    assert (new.state, new.since, new.seen, new.n) == ("open", NOW.isoformat(), NOW.isoformat(), 5)
    assert (again.since, again.seen, again.n) == (NOW.isoformat(), (NOW + NIGHT).isoformat(), 8)
    assert blind == []
    assert (over.state, over.fixed, over.how) == ("fixed", (NOW + 3 * NIGHT).isoformat(), "tenant")


def test_what_becomes_contested_keeps_its_name_and_a_second_end_of_one_thing_is_no_error() -> None:
    (new,) = finding_rows(5, _drift_seen(ONE), [])
    (disputed,) = finding_rows(8, _drift_seen(replace(ONE, state=FindingState.CONTESTED), nights=1), [new])

    assert (disputed.id, disputed.state) == ("1a", "contested")
    assert finding_rows(9, _drift_seen(fixed=(Fixed("2b", Ending.TENANT),)), [disputed])[0].state == "contested"


def test_findings_are_verified_and_made_anew_like_everything_that_follows_from_entries(in_file: "History") -> None:
    in_file.run_begins(command="drift")
    in_file.ledger.append(_drift_seen(ONE))
    in_file.run_ends()

    assert list(open_findings(in_file.ledger)) == ["1a"]
    checked = changed(in_file, "UPDATE finding SET since = '2020-01-01T00:00:00+00:00'")
    assert damaged_subjects(checked) == [(Damage.DERIVED, "finding 1a")]
    rebuild(in_file.ledger)
    assert verify(in_file.ledger).is_sound
    with pytest.raises(LedgerError, match="has not begun"):
        in_file.ledger.append(replace(_drift_seen(), run="run-9"))


def test_a_ledger_of_before_there_were_findings_is_sound_and_one_that_lost_them_is_not(in_file: "History") -> None:
    in_file.whole_run()
    assert changed(in_file, "DROP TABLE finding").is_sound

    in_file.run_begins("run-2", command="drift")
    in_file.ledger.append(replace(_drift_seen(ONE), run="run-2"))

    assert damaged_subjects(changed(in_file, "DROP TABLE finding")) == [(Damage.DERIVED, "finding 1a")]


def test_a_ledger_of_before_findings_knew_when_a_change_was_made_learns_it(in_file: "History") -> None:
    in_file.run_begins(command="drift")
    in_file.ledger.append(_drift_seen(ONE))
    assert changed(in_file, "ALTER TABLE finding DROP COLUMN changed").is_sound

    in_file.ledger.append(_drift_seen(replace(ONE, changed=NOW), nights=1))

    assert open_findings(in_file.ledger)["1a"].changed == NOW.isoformat()
    assert verify(in_file.ledger).is_sound
