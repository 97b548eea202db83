"""Placing holds on one person, who may be deleting evidence at that moment, and on many people in a case."""

from collections.abc import Iterator
from math import ceil

from tests.bench.row import Bound, Row
from tests.bench.running import one_by_one
from tests.bench.scenarios import Place
from tests.door import GOOGLE, MICROSOFT, Door
from tests.emulated import SIGN_IN
from toolkit.holds.register import new_key

_SERVICES = 5  # of Vault
_FIRST, _SECOND = "GET /organization", "Set-Mailbox"


def holds(place: Place) -> Iterator[Row]:
    """Place holds on one person and on many, with a latency of 0.1 seconds."""
    for people in (1, place.number(whole=200, short=40)):
        for cloud in (MICROSOFT, GOOGLE):
            yield _place_holds(place, people, cloud)


def _place_holds(place: Place, people: int, cloud: str) -> Row:
    door = place.school(f"holds {people} {cloud}", users=people + 20, staff=people + 20, cloud=cloud)
    before = door.tenant.last_request()
    measured, counts = place.toolkit(
        door, "hold", "place", "2026-B", "--person", "-", "--playbooks", str(door.playbooks),
        says="\n".join(_addresses(door, cloud, people)), TOOLKIT_HOLDS_KEY=new_key(),
    )  # fmt: skip
    assert measured.exit == 0, measured.out
    sent = [request for request in door.tenant.requests(before) if request["service"] not in SIGN_IN]
    bounds = [Bound("requests", len(sent), _most(cloud, people))]
    if cloud == MICROSOFT and people == 1:
        names = [operation["name"] for request in sent for operation in request["operations"]]
        assert names[0] == _FIRST, names
        bounds.append(Bound("the request that holds the mailbox", names.index(_SECOND) + 1, 2))
    whom = "one person" if people == 1 else f"{people} people in a case"
    title = f"hold place: {whom} on {cloud}"
    return place.row(title, (measured, counts), bounds, lambda: one_by_one(counts))


def _most(cloud: str, people: int) -> int:
    """Return the promised limit of requests. For many people, a request has ten mailboxes or twenty sources."""
    if people == 1:
        return 8 if cloud == MICROSOFT else 4 + _SERVICES
    if cloud == MICROSOFT:
        return 2 + 2 * ceil(people / 10) + 3 + 2 * (1 + ceil(people / 20) + ceil(people / 100))
    # A group's messages are held through the group. Each person needs an own hold, and Vault takes one a second.
    return 4 + _SERVICES + ceil(people / 50) + people


def _addresses(door: Door, cloud: str, people: int) -> list[str]:
    if cloud == GOOGLE:
        return [str(row["primaryEmail"]) for row in door.tenant.objects("google.users").values()][:people]
    boxes = door.tenant.objects("exchange.mailboxes").values()
    return [str(row["PrimarySmtpAddress"]) for row in boxes if row["RecipientTypeDetails"] == "UserMailbox"][:people]
