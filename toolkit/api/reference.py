"""The kinds and controls of this installation."""

from collections.abc import Sequence

from toolkit.engine.report_json import JsonReport, add_json_writer
from toolkit.ledger.redact import Redactor
from toolkit.part_modules import BrokenModule
from toolkit.records import dataclass
from toolkit.render.reference.reference import OverviewLine, Reference
from toolkit.render.reference.reference_text import overview, overview_answer, reference, reference_answer
from toolkit.sdk.providers import load_every_part
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class KindsReport(JsonReport):
    """An entry for each kind and control, or the full reference of the one that was named, and the broken modules."""

    entries: Sequence[OverviewLine] = ()
    reference: Reference | None = None
    broken: Sequence[BrokenModule] = ()


def kinds(name: str | None = None) -> KindsReport:
    """Return the kinds and controls of this installation, or the reference of the kind or control with this name.

    `report.entries` holds an entry for each kind and control, with `name`, `title` and the number of `settings`. With a
    name, `report.reference` holds the settings with their meaning, limits and defaults. UsageError for an unknown name.

        >>> [entry.name for entry in api.kinds().entries if entry.name.startswith("mail.")]
        >>> api.kinds("mail.disclaimer").reference.title
    """
    if name is None:
        report = KindsReport(overview(), broken=load_every_part())
    else:
        report = KindsReport(reference=reference(name))
    return add_json_writer(report, _kinds_json, Redactor())


def _kinds_json(report: KindsReport) -> Body:
    return reference_answer(report.reference) if report.reference else overview_answer(report.entries, report.broken)
