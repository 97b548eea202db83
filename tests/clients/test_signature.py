"""Two programs on one signature: ours owns its block, GAM changes what it likes, and drift tells the two apart."""

import json

import pytest

from tests.clients.gam import Gam
from tests.door import Door
from tests.emulated import Tenant

pytestmark = pytest.mark.clients

TEACHER = "amara.ashdown@example-primary.example"
TEXT = "<p>This message is confidential. Tell <b>the office</b> if it is not for you.</p>"
TAMPERED = TEXT.replace("the office", "nobody")
SCHOOL = """
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  google_workspace: {{customer_id: {customer}, domain: example-primary.example}}
mode: enforce
"""
PLAYBOOK = f"""
playbook: signatures
title: The head's signature ends with the school's text
owner: Head Teacher
resources:
  - google_workspace.signature: {TEACHER}
    text: "{TEXT}"
"""


@pytest.fixture
def applied(bare_door: Door, tenant: Tenant) -> Door:
    """Put our block into the signature that the head teacher wrote."""
    ready = {**tenant.emulator.line, "tenants": [tenant.description]}
    (bare_door.state / "emulator" / "serve.json").write_text(json.dumps(ready))
    bare_door.write("00-school.yaml", SCHOOL.format(customer=tenant.description["google_workspace"]["customer_id"]))
    bare_door.write("50-signatures.yaml", PLAYBOOK)
    answer = bare_door.toolkit("apply", "--yes")
    assert answer.exit == 0, answer.err
    return bare_door


def test_gam_shows_our_block_below_what_the_person_wrote(applied: Door, gam: Gam) -> None:
    signature = gam.signature(TEACHER)

    assert signature.startswith('<div dir="ltr"><b>Amara Ashdown</b><br>Head Teacher<br>')
    assert signature.count(TEXT) == 1
    assert applied.toolkit("drift").exit == 0


def test_what_gam_changes_outside_our_block_is_the_persons_own(applied: Door, gam: Gam) -> None:
    changed = gam.signature(TEACHER).replace("Head Teacher", "Head Teacher and SENDCo") + "<div>Ring before noon.</div>"

    gam(f"user {TEACHER} signature", changed, "html")

    assert gam.signature(TEACHER) == changed
    assert applied.toolkit("drift").exit == 0
    assert applied.toolkit("apply", "--yes").exit == 0
    assert gam.signature(TEACHER) == changed


def test_what_gam_changes_inside_our_block_is_drift_and_nothing_else_is(applied: Door, gam: Gam) -> None:
    before = gam.signature(TEACHER).replace("Head Teacher", "Head Teacher and SENDCo")
    gam(f"user {TEACHER} signature", before.replace(TEXT, TAMPERED), "html")

    drift = applied.toolkit("drift", "--json")

    assert drift.exit == 3
    (change,) = drift.json["changes"]
    assert (change["action"], change["of"]) == ("update", TEACHER)
    assert change["fields"] == [{"path": "text", "before": TAMPERED, "after": TEXT}]
    assert applied.toolkit("apply", "--yes").exit == 0
    assert gam.signature(TEACHER) == before


def test_a_block_that_gam_throws_away_comes_back_after_what_gam_wrote(applied: Door, gam: Gam) -> None:
    gam(f"user {TEACHER} signature", "<div>A. Ashdown</div>", "html")

    drift = applied.toolkit("drift")

    assert drift.exit == 3
    assert applied.toolkit("apply", "--yes").exit == 0
    signature = gam.signature(TEACHER)
    assert signature.startswith("<div>A. Ashdown</div>")
    assert signature.count(TEXT) == 1


def test_half_of_our_block_is_unknown_and_stays_as_gam_left_it(applied: Door, gam: Gam) -> None:
    half = gam.signature(TEACHER).replace("[End of school notice]", "")
    gam(f"user {TEACHER} signature", half, "html")

    answers = [applied.toolkit("drift", "--json"), applied.toolkit("apply", "--yes", "--json")]

    assert [answer.exit for answer in answers] == [4, 4]
    assert [one["of"] for answer in answers for one in answer.json["unknown"]] == [TEACHER, TEACHER]
    assert gam.signature(TEACHER) == half
