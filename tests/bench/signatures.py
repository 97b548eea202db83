"""The cost of the disclaimer in very many signatures, next to a plain loop over the same calls."""

import json
import sys
from collections.abc import Iterator
from functools import cache
from math import ceil

from tests.bench.row import Bound, Row
from tests.bench.running import LATENCY, measure
from tests.bench.scenarios import Comparison, Place
from tests.door import GOOGLE, Door
from tests.emulated import Tenant

_IN_A_BATCH = 50
_BESIDE = 20  # for the directory, and for people with several addresses
_GROWTH = 25.0  # megabytes of growth for ten times as many people
_ELSE = 7  # the customer, the domains, the people in pages of 500, and the groups
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
    """Add a text to the signatures of very many people, and plan again."""
    people, loop = place.number(whole=2000, short=60), place.number(whole=200, short=20)
    few, many = _school(place, loop), _school(place, people)
    beside = cache(lambda: _plainly(few.tenant, loop, people // loop))
    before = many.tenant.last_request()
    measured, counts = place.over_playbooks(many, "apply", "--yes")
    assert measured.exit == 0, measured.out
    tokens = sum(request["service"] == "google oauth" for request in many.tenant.requests(before))
    writers = len(counts.writes)
    yield place.row(f"{people} signatures to change: apply", (measured, counts), [
        Bound("requests above two for each write", counts.requests - 2 * writers, ceil(people / _IN_A_BATCH) + _BESIDE),
        Bound("writes above one for each person", writers - people, _BESIDE),
        Bound("tokens above one for each person", tokens - people, _BESIDE),
    ], beside)  # fmt: skip
    assert few.toolkit("apply", "--yes").exit == 0
    least, _ = place.over_playbooks(few, "plan")
    measured, counts = place.over_playbooks(many, "plan")
    assert (least.exit, measured.exit) == (0, 0), measured.out
    yield place.row(f"{people} signatures, nothing to do: plan", (measured, counts), [
        Bound("requests after sign-in", counts.requests, ceil(people / _IN_A_BATCH) + _ELSE),
        Bound("writes", len(counts.writes), 0),
        Bound(f"MB more than for {loop}", round(measured.megabytes - least.megabytes, 1), _GROWTH,
              needs_own_process=True),
    ], beside)  # fmt: skip


def _school(place: Place, people: int) -> Door:
    door = place.school(f"signatures {people}", cloud=GOOGLE, users=people)
    door.write("disclaimer.html", "<p>Sent from Example Primary School.</p>")
    door.write("10-signatures.yaml", _PLAYBOOK)
    return door


def _plainly(tenant: Tenant, people: int, times: int) -> Comparison:
    """Run a plain loop over some of the people: a token and a list for each, one after the other."""
    google = tenant.description["google_workspace"]
    users = tenant.objects("google.users").values()
    errand = {
        "url": tenant.emulator.url,
        "ca_file": tenant.emulator.ca_file,
        "key": google["service_accounts"]["reader"],
        "people": [user["primaryEmail"] for user in users if user["isMailboxSetup"] and not user["suspended"]],
    }
    tenant.control("PUT", "/latency", {"milliseconds": LATENCY})
    measured = measure(sys.executable, "-m", "tests.bench.plain_google", says=f"{json.dumps(errand)}\n")
    tenant.control("PUT", "/latency", {"milliseconds": 0})
    assert measured.exit == 0, measured.out
    seconds = measured.seconds * times
    return seconds, f"a plain loop that only reads, {seconds:.0f} s ({people} took {measured.seconds:.1f} s)"
