"""What is still open after somebody left, in Google Workspace: the account, its groups, and what it owns."""

from toolkit.controls.data.leaver_handover import LeaverHandover
from toolkit.controls.leavers import ACCOUNTS, ASK_FIRST, ENDING, GROUPS, LICENCES
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_COUNTS = "`toolkit check` counts"


def realise(settings: LeaverHandover, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Look at accounts that are suspended, and leave to people what no API shows of these."""
    return Realisation(
        (
            _checked(ACCOUNTS, "accounts that are suspended and neither archived nor deleted"),
            _checked(GROUPS, "groups that they are still in"),
            _checked(ENDING, "deleted accounts that end for good soon"),
            _manual(
                LICENCES,
                "licences that nobody took back",
                "toolkit asks no API for licences: in the admin console, Billing > Licence settings, look which "
                "suspended accounts have one",
            ),
            _manual(
                "mail of leavers",
                "mail that somebody else still needs, and where mail to the leaver goes",
                "Gmail lets nobody look into a suspended account, which receives nothing, so that it forwards nothing "
                "either: before it is suspended, delegate it or move its mail; then look for routes to another address "
                "in Apps > Google Workspace > Gmail > Routing",
            ),
            _manual(
                "files of leavers",
                "files in My Drive without a new owner",
                "toolkit asks no API for whom files were handed over to: in the admin console, Apps > Google Workspace "
                "> Drive and Docs > Transfer ownership",
            ),
        )
    )


def _checked(name: str, covers: str) -> Part:
    return Part(name=name, level=Level.CHECKED, covers=covers, reason=_COUNTS)


def _manual(name: str, covers: str, reason: str) -> Part:
    return Part(name=name, level=Level.MANUAL, covers=covers, reason=f"{reason}; {ASK_FIRST}")
