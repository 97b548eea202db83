"""Why something is not as wanted, by what was last applied."""

from dataclasses import replace

import pytest

from tests.planning.building import Thing, desired, observed
from toolkit.drift.model import Cause, Unchanged, find_cause
from toolkit.planning.change import Create, Update
from toolkit.planning.diff import fields_of_new_object, find_differences
from toolkit.planning.matching import LastApplied
from toolkit.sdk.resource import Handling
from toolkit.values import Settings

SAME, NEW_PLAYBOOKS, NEW_TOOLKIT = Unchanged(True, True), Unchanged(False, True), Unchanged(True, False)
DATE = Unchanged(True, True, date=True)
SENT: Settings = {"text": "sent"}
KNOWN = LastApplied("<A>", SENT, {"text": "kept"})


def _update(wanted: Settings, seen: Settings) -> Update:
    want, there = desired("A", wanted), observed("A", seen)
    return Update(want, there, find_differences(want, there, Thing))


@pytest.mark.parametrize(
    ("wanted", "seen", "since", "why"),
    [
        ("sent", "theirs", SAME, Cause.TENANT),
        ("sent", "theirs", NEW_PLAYBOOKS, Cause.TENANT),  # something else in the playbooks changed
        ("new", "kept", NEW_PLAYBOOKS, Cause.PLAYBOOK),
        ("new", "theirs", NEW_PLAYBOOKS, Cause.BOTH),
        ("new", "theirs", SAME, Cause.TENANT),  # nobody changed the playbooks
        ("new", "kept", DATE, Cause.TIME),
        ("new", "kept", SAME, Cause.FOLLOWED),
        ("new", "kept", NEW_TOOLKIT, Cause.TOOLKIT),
        ("sent", "kept", SAME, Cause.NOT_KNOWN),
    ],
)
def test_a_setting_differs_from_what_was_sent_or_from_what_came_back(
    wanted: str, seen: str, since: Unchanged, why: Cause
) -> None:
    change = _update({"text": wanted}, {"text": seen})

    assert find_cause(change, change.fields[0], KNOWN, since, previous_run_was_complete=False) is why


def test_a_setting_that_was_never_sent_is_asked_for_newly() -> None:
    change = _update({"text": "sent", "most": 1}, {"text": "sent", "most": 2})

    assert find_cause(change, change.fields[0], KNOWN, NEW_PLAYBOOKS, previous_run_was_complete=False) is Cause.PLAYBOOK


@pytest.mark.parametrize(
    ("returned", "since", "why"),
    [
        ({"text": "kept"}, SAME, Cause.TENANT),
        ({"text": "kept"}, NEW_PLAYBOOKS, Cause.TENANT),  # something else in the playbooks changed
        ({"text": "kept", "most": 2}, DATE, Cause.TIME),  # it stood there already
        ({"text": "kept", "most": 2}, SAME, Cause.FOLLOWED),
        ({"text": "kept", "most": 2}, NEW_TOOLKIT, Cause.TOOLKIT),
        ({}, NEW_PLAYBOOKS, Cause.PLAYBOOK),  # what came back is not known
    ],
)
def test_a_setting_that_was_never_sent_and_was_as_wanted_came_from_the_tenant(
    returned: Settings, since: Unchanged, why: Cause
) -> None:
    change = _update({"text": "sent", "most": None}, {"text": "sent", "most": 2})

    assert (
        find_cause(change, change.fields[0], LastApplied("<A>", SENT, returned), since, previous_run_was_complete=False)
        is why
    )


def test_an_object_that_is_gone_was_deleted_unless_it_was_never_made() -> None:
    create = Create(desired("A", SENT), fields_of_new_object(SENT))

    assert find_cause(create, None, KNOWN, SAME, previous_run_was_complete=False) is Cause.TENANT
    assert find_cause(create, None, None, None, previous_run_was_complete=False) is Cause.PLAYBOOK


def test_what_is_only_checked_changed_in_the_tenant_where_the_drift_before_saw_it_as_wanted() -> None:
    change = _update(SENT, {"text": "theirs"})

    assert find_cause(change, change.fields[0], None, SAME, previous_run_was_complete=True) is Cause.TENANT
    assert find_cause(change, change.fields[0], None, NEW_PLAYBOOKS, previous_run_was_complete=True) is Cause.NOT_KNOWN
    assert find_cause(change, change.fields[0], None, SAME, previous_run_was_complete=False) is Cause.NOT_KNOWN


def test_what_a_control_newly_asks_for_is_not_applied_yet_unless_it_adopts_what_may_have_been_there() -> None:
    own = Create(replace(desired("A", SENT), made_by=("mail.disclaimer",)), fields_of_new_object(SENT))
    adopting = replace(own, desired=replace(own.desired, handling=Handling(adopt="Theirs")))

    assert find_cause(own, None, None, NEW_PLAYBOOKS, previous_run_was_complete=True) is Cause.PLAYBOOK
    assert find_cause(own, None, None, SAME, previous_run_was_complete=True) is Cause.TENANT
    assert find_cause(adopting, None, None, NEW_PLAYBOOKS, previous_run_was_complete=True) is Cause.NOT_KNOWN
