"""Labels of Chromebooks: the asset tag and the location in Google's record. Existing labels are not changed.

Follows https://developers.google.com/workspace/admin/directory/reference/rest/v1/chromeosdevices/patch
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.device_register import normalise_serial
from toolkit.sdk import (
    TEXT,
    FixedObjects,
    Harmless,
    Kind,
    Lifecycle,
    NameRules,
    Permissions,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Targets,
    declare,
    declare_effects,
    parse_last_contact,
    text,
)
from toolkit.values import Body

_TAG, _PLACE = "annotatedAssetId", "annotatedLocation"
IN_USE = frozenset({"ACTIVE", "DISABLED"})  # a disabled Chromebook is lost or stolen, but still belongs to the school


class ChromebookLabel(Spec):
    """The labels in the record of a Chromebook. toolkit fills in empty labels and never overwrites a label."""

    effects = declare_effects({}, {Harmless.LABEL: ("asset_tag", "location")})

    asset_tag: Annotated[str | None, Setting(TEXT, wire=_TAG, fills=True)] = declare(
        "Gives the number on the school's label.", "CB-014"
    )
    location: Annotated[str | None, Setting(TEXT, wire=_PLACE, fills=True)] = declare(
        "Gives the place of the Chromebook.", "Year 4 trolley"
    )


class _Chromebooks(FixedObjects):
    """The labels of the Chromebooks in use. An object has a Chromebook's serial number in lower case as its name."""

    none_created = "no Chromebook in use has the serial number {name}"
    none_deleted = "toolkit does not remove the record of {name}"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterator[Remote]:
        newest = _read_records_by_serial(via)
        for serial in sorted(newest):
            yield from selection.select_from([_to_remote(serial, newest[serial])])

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        answer = via.device_lists.label(remote.id, {key: value or "" for key, value in body.items()})
        return _to_remote(name, answer)


def _read_records_by_serial(via: GoogleWorkspace) -> Mapping[str, Body]:
    """Return the records of Chromebooks, by serial number.

    A Chromebook that was enrolled again has several records. The record that was seen most recently is used.
    """
    rows = [row for row in via.device_lists.chromeos() if row.get("status") in IN_USE]
    rows.sort(key=lambda row: str(parse_last_contact(row.get("lastSync")) or ""))
    by_serial = {normalise_serial(text(row.get("serialNumber")), text(row.get("model"))): row for row in rows}
    return {serial: row for serial, row in by_serial.items() if serial}


def _to_remote(serial: str, row: Body) -> Remote:
    return Remote(str(row["deviceId"]), serial, {_TAG: row.get(_TAG), _PLACE: row.get(_PLACE)})


def _check_name(name: str) -> str | None:
    if name and normalise_serial(name) == name:
        return None
    return f"{name!r} is not the serial number of a Chromebook. Write it in lower case"


KIND: Kind[GoogleWorkspace] = Kind(
    name="chromebook_label",
    title="label of a Chromebook",
    plural="Chromebooks",
    spec=ChromebookLabel,
    endpoint=_Chromebooks(),
    reference="https://developers.google.com/workspace/admin/directory/reference/rest/v1/chromeosdevices",
    permissions=Permissions(
        read=needs("directory.chromeosdevices.list"), write=needs("directory.chromeosdevices.patch")
    ),
    settles=30.0,
    reach=Scale.DEVICE,
    targets=lambda _name, _settings: Targets(),  # a label changes nothing for anyone
    whole=False,
    fixed=True,
    logged=ADMIN,
    sample="""\
- google_workspace.chromebook_label: 5cd0123abc
  asset_tag: CB-014
  location: Year 4 trolley
""",
    names=NameRules(check=_check_name, identifies=True),
    lifecycle=Lifecycle(only_where_there=True),
)
