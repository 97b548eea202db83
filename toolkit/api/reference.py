"""The kinds and controls of this installation."""

from collections.abc import Sequence

from toolkit.engine.report_json import JsonReport, add_json_writer
from toolkit.ledger.redact import Redactor
from toolkit.part_modules import BrokenModule
from toolkit.records import dataclass
from toolkit.render.reference.reference import OverviewLine, Reference
from toolkit.render.reference.reference_text import (
    build_overview,
    find_reference,
    overview_json,
    overview_of_names_with_prefix,
    reference_json,
)
from toolkit.sdk.providers import load_every_part
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class KindsReport(JsonReport):
    """The entries of kinds and controls, or the full reference of a kind or control, and the broken modules."""

    entries: Sequence[OverviewLine] = ()
    reference: Reference | None = None
    broken_modules: Sequence[BrokenModule] = ()


def kinds(name: str | None = None) -> KindsReport:
    """Return the kinds and controls of this installation, or the reference of the kind or control with this name.

    `report.entries` holds an entry for each kind and control, with `name`, `title` and the number of `settings`. With a
    name, `report.reference` holds the settings with their meaning, limits and defaults. If names only begin with
    `name`, `report.entries` holds only their entries. UsageError if no name begins with it.

        >>> [entry.name for entry in api.kinds().entries if entry.name.startswith("mail.")]
        >>> api.kinds("mail.disclaimer").reference.title
    """
    return add_json_writer(_find_kinds(name), _kinds_json, Redactor())


def _find_kinds(name: str | None) -> KindsReport:
    if name is None:
        return KindsReport(build_overview(), broken_modules=load_every_part())
    reference = find_reference(name)
    return KindsReport(reference=reference) if reference else KindsReport(overview_of_names_with_prefix(name))


def _kinds_json(report: KindsReport) -> Body:
    return (
        reference_json(report.reference) if report.reference else overview_json(report.entries, report.broken_modules)
    )
