"""What an examination finds of one thing that a run needs."""

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
    """One thing: how it is, and what to do where it is not well."""

    subject: str
    state: DiagnosisState
    found: str
    advice: str = ""
    missing: tuple[str, ...] = ()  # permissions and roles, as the vendor's console calls them
    excess: tuple[str, ...] = ()  # likewise
    section: str = THIS_COMPUTER  # what it belongs to


def exit_of(diagnoses: Iterable[Diagnosis]) -> Exit:
    """End well when nothing is missing, wrong or unknown; what is too much is told and stops no one."""
    ill = any(one.state not in {DiagnosisState.OK, DiagnosisState.NOTE, DiagnosisState.EXCESS} for one in diagnoses)
    return Exit.UNREAD if ill else Exit.AS_WANTED
