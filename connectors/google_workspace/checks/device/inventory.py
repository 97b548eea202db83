"""Compares the school's register of devices with the Chromebooks and the other school devices in Google."""

from collections.abc import Iterable, Iterator
from datetime import date

from connectors.google_workspace.kinds.chromebook_label import IN_USE
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.device_register import normalise_serial
from toolkit.controls.inventory import HOLDERS, OUTSIDE, REGISTERED, Inventory, ManagedDevice, compare_inventory
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Measurement,
    ReasonCode,
    Status,
    Things,
    check_subject,
    check_subjects,
    parse_last_contact,
    text,
)

TAGS = "asset tags of Chromebooks"
_TAGGED = ReasonCode(
    "chromebooks_tagged",
    admin="{fine} of {all} Chromebooks have the register's tag as their asset ID, {bare} have no asset ID, {other} "
    "have a different one",
    governor="{fine} of {all} Chromebooks have the same number in Google as in the school's register",
    lacking="{short} of {all} Chromebooks {short:has|have} another number in Google than in the school's register",
)

needs = leave(
    "directory.chromeosdevices.list",
    "cloudidentity.devices.list",
    "cloudidentity.devices.deviceUsers.list",
    "directory.users.list",
)


def check(settings: Inventory, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Compare the register with the devices in Google. toolkit reads the devices once for all checks."""
    yield from check_subjects(
        (REGISTERED, OUTSIDE, HOLDERS),
        lambda: compare_inventory(settings, "google_workspace", school_devices(via), context),
    )
    yield check_subject(TAGS, lambda: _compare_tags(settings, context.now.date(), via))


def school_devices(via: GoogleWorkspace) -> Iterator[ManagedDevice]:
    """Yield the Chromebooks, and the other devices that the school owns."""
    for row in via.device_lists.chromeos():
        serial, model = text(row.get("serialNumber")), text(row.get("model"))
        yield ManagedDevice(serial, model, parse_last_contact(row.get("lastSync")), row.get("status") in IN_USE)
    for device in via.device_lists.other_devices():
        if device.school_owned:
            seen = parse_last_contact(device.body.get("lastSyncTime"))
            yield ManagedDevice(text(device.body.get("serialNumber")), device.model, seen)


class TaggedChromebooks(Measurement):
    """The number of Chromebooks without an asset ID, and of Chromebooks whose asset ID differs from the register."""

    chromebooks: int
    without: int
    other: int


def _compare_tags(settings: Inventory, today: date, via: GoogleWorkspace) -> Finding:
    """Compare asset IDs with the tags in the register, for each Chromebook that has a tag there."""
    assets = settings.expected_assets("google_workspace", today)
    register_tags = {asset.serial: asset.tag for asset in assets if asset.tag and asset.serial}
    rows = [row for row in via.device_lists.chromeos() if row.get("status") in IN_USE]
    pairs = [
        (register_tags[serial], text(row.get("annotatedAssetId")).strip())
        for row in rows
        if (serial := normalise_serial(text(row.get("serialNumber")))) in register_tags
    ]
    bare = sum(not tag_there for _, tag_there in pairs)
    other = sum(bool(tag_there) and tag_there.casefold() != tag.casefold() for tag, tag_there in pairs)
    counts = {"fine": len(pairs) - bare - other, "short": bare + other, "all": len(pairs), "bare": bare, "other": other}
    reason = _TAGGED(**{name: Things(count) for name, count in counts.items()})
    status = Status.FAIL if bare or other else Status.PASS
    measurement = TaggedChromebooks(chromebooks=len(pairs), without=bare, other=other)
    return Finding(TAGS, status, reason, measurement=measurement)
