"""Rights to other mailboxes: `toolkit check` reads them, and a person changes them."""

from collections.abc import Iterator
from dataclasses import replace

from toolkit.controls.delegation import FULL_ACCESS, LEFT_OVER, ON_BEHALF, SEND_AS, SHARED_SIGN_IN, SendAsDelegation
from toolkit.sdk.part import CloudControl, ControlContext, Part, checked

_COUNTS = "`toolkit check` counts; rights are changed in the Exchange admin centre, Recipients > Mailboxes > Delegation"


def sendas_delegation(_settings: SendAsDelegation, _: ControlContext) -> Iterator[Part]:
    """Compare each sort of right with what is declared."""
    yield checked(SEND_AS, "who may send in the name of another mailbox or group", _COUNTS)
    yield checked(
        FULL_ACCESS,
        "who may open shared mailboxes, declared ones, and those of the people whom the control is for",
        _COUNTS,
        "full access shows items that are marked private too",
        "rights to single folders, such as a calendar, are not seen",
    )
    yield checked(ON_BEHALF, "who may send on behalf of another mailbox", _COUNTS)
    yield replace(checked(LEFT_OVER, "rights that deleted accounts left behind", _COUNTS), needed=False)
    reason = "`toolkit check` counts; sign-in is blocked in the Microsoft 365 admin centre, Users > Active users"
    yield replace(checked(SHARED_SIGN_IN, "shared mailboxes whose accounts can sign in", reason), needed=False)


CONTROLS = (CloudControl("mail.sendas_delegation", sendas_delegation),)
