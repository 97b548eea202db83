"""Reads one control that stands in no file, as if a playbook of the school said it."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from toolkit.catalogue.catalogue import builtin
from toolkit.controls.control import Control
from toolkit.playbook.controls import settings_reader
from toolkit.playbook.entries import ControlEntry
from toolkit.playbook.reading import Reading
from toolkit.playbook.vocabulary import found
from toolkit.sdk.resource import Mode, Origin
from toolkit.sdk.school import School
from toolkit.values import Json
from toolkit.yaml.node import MappingNode, Source

_NOWHERE = Path("import.yaml")


def entry_of(
    control: Control, written: Mapping[str, Json], texts: Mapping[str, str], school: School
) -> ControlEntry | None:
    """Give the control in mode check, the files that it names being `texts`; None where it cannot be written so."""
    reading = Reading(
        source=Source(file=_NOWHERE, relative=str(_NOWHERE), content=b"", root=MappingNode(1, {})),
        slug="import",
        mode=Mode.CHECK,
        school=school,
        vocabulary=found(),
        read_text=texts.__getitem__,
        find_absences=Path,
        apps=builtin(),
        problems=[],
    )
    read = settings_reader(control, reading)
    try:
        settings = read(written)
    except (ValidationError, KeyError):
        return None
    return ControlEntry(
        name=control.name,
        settings=settings,
        origin=Origin(str(_NOWHERE), 1),
        lines={},
        mode=Mode.CHECK,
        playbook="import",
        written=written,
        read=read,
    )
