"""The diagnoses of `toolkit doctor`: whether each requirement of a run is met, and what to do if it is not."""

from collections.abc import Iterable
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.records import dataclass

THIS_COMPUTER = "this computer"


class DiagnosisState(StrEnum):
    """The possible results of a diagnosis: a requirement of a run is met, missing, wrong or unknown."""

    OK = "ok"
    NOTE = "note"  # worth knowing, neither good nor bad
    MISSING = "missing"  # a permission or a role is missing
    WRONG = "wrong"
    UNKNOWN = "unknown"
    EXCESS = "excess"  # a permission that is granted but not needed
    WARNING = "warning"  # it works, but there is a safer way


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis: a requirement of a run, whether the requirement is met, and what to do if it is not."""

    subject: str
    state: DiagnosisState
    found: str
    advice: str = ""
    missing: tuple[str, ...] = ()  # permissions and roles, by the names in the vendor's console
    excess: tuple[str, ...] = ()  # permissions that nothing needs
    section: str = THIS_COMPUTER  # the heading under which it is shown


def exit_code_of_diagnoses(diagnoses: Iterable[Diagnosis]) -> Exit:
    """Return exit code 0 if no requirement is missing, wrong or unknown.

    Permissions that are granted although they are not needed are not an error, and neither is a warning.
    """
    harmless = {DiagnosisState.OK, DiagnosisState.NOTE, DiagnosisState.EXCESS, DiagnosisState.WARNING}
    ill = any(diagnosis.state not in harmless for diagnosis in diagnoses)
    return Exit.UNREAD if ill else Exit.AS_WANTED
