"""What is said of second factors: counts, names only where they are asked for, and never more than is known."""

import pytest

from toolkit.controls.identity import Mfa
from toolkit.controls.second_factor import (
    FactorPrompt,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
)
from toolkit.sdk.check import Status
from toolkit.sdk.reason import AS_RECORDED, admin_text

UNSEEN = AS_RECORDED(text="whom the report does not have")
BY = AS_RECORDED(text="by a policy")
FINE = Signer("a@example-primary.example", registered=True, asked=FactorPrompt.ALWAYS)
WITHOUT = Signer("b@example-primary.example", registered=False, asked=FactorPrompt.NEVER)
ELSEWHERE = Signer("c@example-primary.example", registered=True, asked=FactorPrompt.CONDITIONS)
UNKNOWN = Signer("d@example-primary.example")
GLASS = Signer("breakglass@example-primary.example", registered=False, asked=FactorPrompt.NEVER, apart=True)


def test_who_registered_is_counted_and_protected_accounts_are_counted_apart() -> None:
    found = count_registered(Mfa(), [FINE, FINE, WITHOUT, GLASS], unseen=UNSEEN)

    assert found.status is Status.FAIL
    assert admin_text(found.reason) == (
        "2 of 3 have registered; counted separately: 1 protected account, 0 of them registered"
    )
    assert found.evidence == {"people": 3, "registered": 2, "not_checked": 0, "apart": 1}


@pytest.mark.parametrize(
    ("people", "status"),
    [
        ([FINE], Status.PASS),
        ([FINE, UNKNOWN], Status.UNKNOWN),
        ([FINE, UNKNOWN, WITHOUT], Status.FAIL),
        ([GLASS], Status.UNKNOWN),
        ([], Status.UNKNOWN),
    ],
)
def test_what_is_not_known_never_passes(people: list[Signer], status: Status) -> None:
    assert count_registered(Mfa(), people, unseen=UNSEEN).status is status
    assert count_enforced(Mfa(), people, by=BY).status is status


def test_people_are_named_only_where_the_playbook_asks_for_it_and_protected_ones_never() -> None:
    people = [WITHOUT, FINE, GLASS]
    silent, named = (count_registered(Mfa(names=names), people, unseen=UNSEEN) for names in ("none", "listed"))

    assert "@" not in str(silent)
    assert admin_text(named.reason).endswith("; these are b@example-primary.example")
    assert named.evidence["who"] == ["b@example-primary.example"]


def test_being_asked_under_conditions_counts_where_the_playbook_says_so_but_not_of_administrators() -> None:
    lenient = Mfa(under_conditions="counts")

    assert count_enforced(Mfa(), [FINE, ELSEWHERE], by=BY).status is Status.FAIL
    found = count_enforced(lenient, [FINE, ELSEWHERE], by=BY)
    assert (found.status, admin_text(found.reason)) == (
        Status.PASS,
        "always asked: 1 of 2, by a policy; for 1 only under some conditions",
    )
    assert administrators_finding(lenient, [ELSEWHERE]).status is Status.FAIL


def test_all_administrators_must_and_one_who_is_not_seen_is_not_taken_for_none() -> None:
    alone = administrators_finding(Mfa(), [GLASS])
    licence = administrators_finding(
        Mfa(), [Signer("a", asked=FactorPrompt.ALWAYS)], untold=AS_RECORDED(text="no licence tells")
    )

    assert administrators_finding(Mfa(), [FINE, FINE]).status is Status.PASS
    assert administrators_finding(Mfa(), [FINE, WITHOUT]).status is Status.FAIL
    assert administrators_finding(Mfa(), [FINE, UNKNOWN]).status is Status.UNKNOWN
    assert (
        alone.status,
        admin_text(alone.reason).startswith("only accounts that are counted separately"),
    ) == (Status.UNKNOWN, True)
    assert (licence.status, admin_text(licence.reason)) == (Status.PASS, "1 of 1 are always asked; no licence tells")
