"""What is still open after somebody left, in Microsoft 365: licence, mailbox, groups, forwarding, and the files."""

from toolkit.controls.data.leaver_handover import LeaverHandover
from toolkit.controls.leavers import ASK_FIRST, ENDING, FORWARDING, GROUPS, LICENCES, MAILBOXES
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_COUNTS = "`toolkit check` counts"
_SHARED = "a mailbox that was made shared is nobody's any more, and looked at for its licence alone"


def realise(settings: LeaverHandover, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Look at accounts that are disabled, and leave to people what no list shows."""
    return Realisation(
        (
            _checked(LICENCES, "licences that nobody took back"),
            _checked(MAILBOXES, "mailboxes that were not made shared", "whom else a mailbox is opened to is not seen"),
            _checked(GROUPS, "groups that they are still in", _SHARED),
            _checked(FORWARDING, "mailboxes that go on forwarding", _SHARED, "rules in the mailbox are not seen"),
            _checked(ENDING, "deleted accounts that end for good soon"),
            Part(
                name="files of leavers",
                level=Level.MANUAL,
                covers="files in OneDrive, and what only the leaver owned in SharePoint and Teams",
                reason="no list shows whom files were handed over to: in the Microsoft 365 admin centre, Users > "
                "Active users > the account > OneDrive > Get access to files, move what the school needs; OneDrive is "
                f"deleted 30 days after the account, unless set otherwise; {ASK_FIRST}",
            ),
        )
    )


def _checked(name: str, covers: str, *limits: str) -> Part:
    return Part(name=name, level=Level.CHECKED, covers=covers, reason=_COUNTS, limits=limits)
