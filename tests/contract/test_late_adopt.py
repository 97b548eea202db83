"""`adopt:` written after an object of ours exists is refused, of every kind whose objects can be adopted."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import CASES, Case, newest, playbook, protect_nobody, resource, writes
from tests.contract.rules import STORED, add_rule_by_hand, apply, rule, rule_order, stored_rule, write_rules
from tests.door import Door
from tests.schools import few_people
from toolkit.sdk.kind import Renaming
from toolkit.sdk.providers import kinds

pytestmark = few_people


def _adoptable(case: Case) -> bool:
    """Leave out what a tenant always has, and objects whose names are what they are about."""
    kind = kinds(case.provider)[case.kind.partition(".")[2]]
    names = kind.names.only or kind.renaming is Renaming.NEVER or case.kind == "google_workspace.policy_setting"
    return not (kind.fixed or kind.per_person or names)


OF_KIND: Mapping[str, Case] = {case.kind: case for case in reversed(CASES) if _adoptable(case)}


def _theirs(case: Case) -> str:
    return f"their.{case.name}" if case.kind == "microsoft365.defender_indicator" else f"{case.name} (theirs)"


def _playbook(*, adopt: bool) -> str:
    return playbook(
        *(
            resource(case.kind, case.name, {**({"adopt": _theirs(case)} if adopt else {}), **case.settings})
            for case in OF_KIND.values()
        )
    )


def _copied(case: Case, key: str, body: Mapping[str, Any]) -> tuple[str, Any]:
    """Copy an object with its name and id changed, as another one that is there beside it."""
    other = f"{key[:-4]}{'beef' if key[-4:] != 'beef' else 'cafe'}"
    text = json.dumps(body).replace(json.dumps(key)[1:-1], other).replace(case.name, _theirs(case))
    return other, json.loads(text)


@pytest.fixture
def both(wide_door: Door) -> Door:
    """Open a school in which each object of ours has one of somebody else's beside it."""
    door = wide_door
    protect_nobody(door)
    for case in OF_KIND.values():
        case.prepare(door.tenant)
    door.write("10-cases.yaml", _playbook(adopt=False))
    apply(door)
    for case in OF_KIND.values():
        key = case.key(door.tenant)
        door.tenant.put(case.stored, *_copied(case, key, door.tenant.objects(case.stored)[key]))
    return door


def test_adopting_another_one_after_ours_exists_is_refused_for_every_kind(both: Door) -> None:
    both.write("10-cases.yaml", _playbook(adopt=True))
    before = newest(both)

    answer = both.toolkit("apply", "--yes", "--json")

    assert answer.exit == 5
    told = {one["address"]: one["reason"] for one in answer.json["refused"]}
    for case in OF_KIND.values():
        assert told[case.address].startswith(
            f"adopt: {_theirs(case)!r} exists, but the playbook already manages {case.name!r}"
        ), case.kind
    assert writes(both, before) == []


COPIED = "0c091ed0-0000-4000-8000-000000000001"
THEIRS = "Disclaimer (DO NOT DELETE)"
TEXT = "<p>Sent from Example Primary School</p>"


def _disclaimer(**handling: object) -> str:
    return rule("School disclaimer", from_scope="InOrganization", apply_html_disclaimer_text=TEXT, **handling)


@pytest.fixture
def two_disclaimers(bare_door: Door) -> Door:
    """Open a school whose playbook asked for a disclaimer beside one made by hand."""
    add_rule_by_hand(bare_door, THEIRS, FromScope="InOrganization", ApplyHtmlDisclaimerText="<p>Old</p>")
    write_rules(bare_door, _disclaimer(beside=True))
    apply(bare_door)
    return bare_door


def test_the_refusal_says_at_its_line_how_to_go_on_and_that_adopts_it(two_disclaimers: Door) -> None:
    door = two_disclaimers
    theirs = stored_rule(door, THEIRS)["Guid"]
    write_rules(door, _disclaimer(adopt=THEIRS))

    refused = door.toolkit("plan")
    door.tenant.delete(STORED, stored_rule(door, "School disclaimer")["Guid"])
    apply(door)

    assert refused.exit == 5
    assert f"To adopt '{THEIRS}', delete 'School disclaimer' in the service's console and apply again" in refused.out
    assert "10-rules.yaml:6" in refused.out
    assert (stored_rule(door, "School disclaimer")["Guid"], THEIRS in rule_order(door)) == (theirs, False)
    assert door.toolkit("plan").exit == 0


def test_ours_is_refused_without_a_ledger_too(two_disclaimers: Door) -> None:
    two_disclaimers.forget()
    write_rules(two_disclaimers, _disclaimer(adopt=THEIRS))

    assert two_disclaimers.toolkit("plan").exit == 5


def test_what_was_adopted_stays_so_until_another_one_of_its_old_name_appears(bare_door: Door) -> None:
    add_rule_by_hand(bare_door, THEIRS, FromScope="InOrganization", ApplyHtmlDisclaimerText="<p>Old</p>")
    write_rules(bare_door, _disclaimer(adopt=THEIRS))
    apply(bare_door)
    assert bare_door.toolkit("plan").exit == 0

    another = {**stored_rule(bare_door, "School disclaimer"), "Name": THEIRS, "Guid": COPIED}
    bare_door.tenant.put(STORED, COPIED, another)

    assert bare_door.toolkit("plan").exit == 5
