"""The school's devices: one for every answer that Intune has about compliance, and those nobody has on their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter, with_config

from connectors.emulator import clock
from connectors.emulator.data_files import STRICT, from_template
from connectors.emulator.microsoft365.graph.bodies import complete
from connectors.emulator.microsoft365.graph.intune.devices import STATES
from connectors.emulator.microsoft365.graph.intune.seed.policies import policy_id
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.school import Person, School
from connectors.emulator.wire import Body, Json

_FOREVER = "9999-12-31T23:59:59Z"
_UNLISTED = frozenset({"deviceConfigurationStates", "logCollectionRequests", "users", "windowsProtectionState"})


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class _Device:
    name: str
    system: str  # Windows, iOS, Android
    model: str
    compliance: str  # what Intune says of the device as a whole
    policy: str = ""  # which policy reached it; none: it was never evaluated
    state: str = ""  # what that policy says of it
    person: int | None = None  # whose it is, by place among the staff
    category: str = "Staff laptop"
    seen: int = 0  # days ago
    owner: str = "company"


def devices(school: School, rows: Mapping[str, Json]) -> Iterator[Body]:
    """Make the devices; one without a policy says that it is compliant, as Intune does unless told otherwise."""
    known = TypeAdapter(list[_Device]).validate_python(rows["devices"])
    systems = TypeAdapter(dict[str, dict[str, str]]).validate_python(rows["systems"])
    for number, device in enumerate(known):
        yield _device(school, device, number, systems[device.system])


def _device(school: School, device: _Device, number: int, system: Mapping[str, str]) -> Body:
    person = school.people[device.person] if device.person is not None and device.person < len(school.people) else None
    seen = clock.START - timedelta(days=device.seen, hours=number)
    grace = clock.START + timedelta(hours=48) if device.compliance == "inGracePeriod" else None
    given = from_template(
        __file__, "device", id=school.identifier("managed device", device.name),
        entra=school.identifier("entra device", device.name), grace=clock.text(grace) if grace else _FOREVER,
        compliance=device.compliance, category=device.category, name=device.name, number=number,
        profile=device.category if device.system == "Windows" else None,
        encrypted=device.compliance != "noncompliant", supervised=device.system == "iOS", seen=clock.text(seen),
        owner=device.owner, model=device.model, system=device.system, serial=f"EX{number:06d}", **system,
        **_user(person),
    )  # fmt: skip
    return {**complete(given, model("managedDevice", BETA) or {}, without=_UNLISTED), STATES: _states(school, device)}


def _user(person: Person | None) -> Mapping[str, str]:
    if person is None:
        return {"user_id": "", "user_name": "", "address": ""}
    return {"user_id": person.id, "user_name": person.display_name, "address": person.address}


def _states(school: School, device: _Device) -> list[Json]:
    if not device.policy:
        return []
    platform = "windows10AndLater" if device.system == "Windows" else "androidWorkProfile"
    key = policy_id(school, device.policy)
    return [from_template(__file__, "state", id=key, policy=device.policy, platform=platform, state=device.state)]
