"""The diagnosis of one requirement of a run."""

from collections.abc import Iterable
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.records import dataclass

THIS_COMPUTER = "this computer"


class DiagnosisState(StrEnum):
    """How something is."""

    OK = "ok"
    NOTE = "note"  # worth knowing, neither good nor bad
    MISSING = "missing"  # a permission or a role that is needed
    WRONG = "wrong"
    UNKNOWN = "unknown"
    EXCESS = "excess"  # a permission that is given and that nothing needs


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One requirement: its state, and what to do if it is not met."""

    subject: str
    state: DiagnosisState
    found: str
    advice: str = ""
    missing: tuple[str, ...] = ()  # permissions and roles, as the vendor's console calls them
    excess: tuple[str, ...] = ()  # likewise
    section: str = THIS_COMPUTER  # the heading under which it is shown


def exit_of(diagnoses: Iterable[Diagnosis]) -> Exit:
    """Return 0 if nothing is missing, wrong or unknown. Excess permissions do not change the exit code."""
    ill = any(
        diagnosis.state not in {DiagnosisState.OK, DiagnosisState.NOTE, DiagnosisState.EXCESS}
        for diagnosis in diagnoses
    )
    return Exit.UNREAD if ill else Exit.AS_WANTED
