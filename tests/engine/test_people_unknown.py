"""What is for everyone, when nobody can say who that is."""

from tests.door import Door, keep_mail
from tests.emulated import Tenant
from tests.schools import few_people

pytestmark = few_people


def _write_operations(tenant: Tenant) -> list[str]:
    return [one["name"] for request in tenant.requests() for one in request["operations"] if one["write"]]


def test_people_who_cannot_be_read_are_said_and_nothing_for_everyone_is_written(door: Door) -> None:
    keep_mail(door)
    (door.playbooks / "32-mail-conduct.yaml").unlink()
    door.tenant.fault("refused", "GET /users*", times=100)

    applied = door.toolkit("apply", "--yes", "--provider", "microsoft365")

    assert applied.exit == 4
    assert "? everyone: GET /users" in applied.out
    assert "21 objects and controls left as they are" in applied.out
    planned = door.toolkit("plan", "--provider", "microsoft365", "--json").json
    assert "microsoft365.transport_rule[School disclaimer]" in [
        unknown.get("address") for unknown in planned["unknown"]
    ]
    assert "User.Read.All" in applied.out
    assert set(_write_operations(door.tenant)) == {"New-TransportRule"}
    assert "School disclaimer" not in [rule["Name"] for rule in door.tenant.objects("exchange.transportRules").values()]
