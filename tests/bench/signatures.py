"""What the disclaimer in the signatures of very many people costs, beside a plain loop over the same calls."""

import json
import sys
from collections.abc import Iterator

from tests.bench.row import Bound, Row
from tests.bench.running import LATENCY, Asked, Measured, measure, toolkit
from tests.bench.scenarios import Place
from tests.door import GOOGLE, Door
from tests.emulated import Tenant

PEOPLE = 2000
_FEW = 200  # a plain loop over all of them would take minutes
_IN_A_BATCH = 50
_GROWTH = 25.0  # megabytes that ten times as many people may take
_ELSE = 7  # who it is, the domains, the people in pages of 500, and the groups
_PLAYBOOK = """\
playbook: signatures
title: Signatures
owner: Head Teacher
controls:
  - mail.disclaimer:
      for: everyone
      scope: outgoing
      text_file: disclaimer.html
      phrase: Sent from Example Primary School
      instead: [signatures]
"""


def signatures(place: Place) -> Iterator[Row]:
    """Put a text into the signatures of 2,000 people, and look again."""
    few, many = _school(place, _FEW), _school(place, PEOPLE)
    before, beside = many.tenant.last_request(), _plain(few.tenant)
    measured, asked = toolkit(many, "apply", "--yes")
    assert measured.exit == 0, measured.out
    tokens = sum(request["service"] == "google oauth" for request in many.tenant.requests(before))
    writers = len(asked.writes)
    yield _row(f"{PEOPLE} signatures to change: apply", measured, asked, beside, [
        Bound("requests a person beside the batches", (asked.requests - PEOPLE / _IN_A_BATCH) / writers, 2.02),
        Bound("writes a person", writers / PEOPLE, 1.01),
        Bound("tokens a person", tokens / PEOPLE, 1.01),
    ])  # fmt: skip
    assert few.toolkit("apply", "--yes").exit == 0
    least, _ = toolkit(few, "plan")
    measured, asked = toolkit(many, "plan")
    assert (least.exit, measured.exit) == (0, 0), measured.out
    yield _row(f"{PEOPLE} signatures, nothing to do: plan", measured, asked, beside, [
        Bound("requests after sign-in", asked.requests, PEOPLE / _IN_A_BATCH + _ELSE),
        Bound("writes", len(asked.writes), 0),
        Bound(f"megabytes more than for {_FEW}", round(measured.megabytes - least.megabytes, 1), _GROWTH),
    ])  # fmt: skip


def _school(place: Place, people: int) -> Door:
    door = place.school(f"signatures {people}", cloud=GOOGLE, users=people)
    door.write("disclaimer.html", "<p>Sent from Example Primary School.</p>")
    door.write("10-signatures.yaml", _PLAYBOOK)
    return door


def _plain(tenant: Tenant) -> Measured:
    """Run a plain loop: a token and a list for each person, one after the other."""
    told = tenant.told["google_workspace"]
    users = tenant.objects("google.users").values()
    errand = {
        "url": tenant.emulator.url,
        "ca_file": tenant.emulator.ca_file,
        "key": told["service_accounts"]["reader"],
        "people": [user["primaryEmail"] for user in users if user["isMailboxSetup"] and not user["suspended"]],
    }
    tenant.control("PUT", "/latency", {"milliseconds": LATENCY})
    measured = measure(sys.executable, "-m", "tests.bench.plain_google", says=f"{json.dumps(errand)}\n")
    tenant.control("PUT", "/latency", {"milliseconds": 0})
    assert measured.exit == 0, measured.out
    return measured


def _row(scenario: str, measured: Measured, asked: Asked, beside: Measured, bounds: list[Bound]) -> Row:
    all_of_them = beside.seconds * PEOPLE / _FEW
    return Row(
        scenario, measured.seconds, measured.megabytes, measured.seconds / all_of_them,
        f"a plain loop that only reads, {all_of_them:.0f} s ({beside.seconds:.1f} s for {_FEW}, times "
        f"{PEOPLE // _FEW})", bounds, asked.requests, asked.rounds,
    )  # fmt: skip
