"""Messages that say why some holds are not in place, without naming a person."""

from toolkit.sdk.reason import ReasonCode, same_words

INTERRUPTED = ReasonCode(
    "hold_interrupted",
    admin="a run that places or releases a hold was interrupted: run `toolkit hold confirm` to finish",
    governor="placing or releasing a legal hold was interrupted",
)
NOT_CONFIRMED = ReasonCode(
    "hold_not_confirmed",
    admin="a hold is requested but not confirmed yet: run `toolkit hold confirm` to read it back",
    governor="a legal hold is requested but not confirmed yet",
)
NOT_PLACED = ReasonCode(
    "hold_not_placed",
    admin="a hold could not be placed: run `toolkit hold confirm` to try again",
    governor="a legal hold could not be placed",
)
NOWHERE = ReasonCode(
    "hold_without_account",
    admin="no cloud has an account of a person in an open case, so none of their data is on hold: see `toolkit hold "
    "list`",
    governor="no cloud has an account of a person in an open case, so none of their data is on hold",
)
NOT_ASKED = same_words("holds_not_asked", "{cloud} could not be read: {why}")
NOT_DECLARED = ReasonCode(
    "holds_tenant_not_declared",
    admin="toolkit placed holds in {cloud}, which the school file no longer names, so toolkit cannot read "
    "them: name the tenant again, or check the holds in the cloud's console before the tenant is closed",
    governor="the school no longer names {cloud}, so the evidence kept there is unknown",
)
LOST = ReasonCode(
    "hold_lost",
    admin="{cloud}: a hold that was confirmed is gone or keeps less. `toolkit hold list` shows the hold, and `toolkit "
    "hold confirm` places it again",
    governor="{cloud}: a legal hold that was confirmed is gone or keeps less",
)
LOST_OF_OTHERS = ReasonCode(
    "hold_of_others_lost",
    admin="{cloud}: a hold that others placed no longer covers an account. It was moved out of the organisational unit "
    "on hold, or the hold was ended or narrowed. `toolkit hold confirm` shows the account and closes this",
    governor="{cloud}: a legal hold that others placed no longer covers an account",
)
LICENCE_ENDED = ReasonCode(
    "hold_licence_ended",
    admin="{cloud}: the licence that keeps a mailbox on hold has ended. Assign the licence again, or run "
    "`toolkit hold confirm` to see whose mailbox it is and to end this warning",
    governor="{cloud}: the licence that keeps a mailbox on hold has ended",
)
SHOWN = ReasonCode(
    "hold_shown",
    admin="{cloud}: Outlook shows a comment or an address about a hold to the person. Remove it from the mailbox, or "
    "run `toolkit hold place` with --tell-the-person",
    governor="{cloud}: a person on hold can see a note about the hold in their mailbox",
)
NOT_WATCHED = same_words("holds_not_watched", "{cloud}: holds that others placed are not watched: {why}")
NO_KEY = ReasonCode(
    "holds_key_missing",
    admin="{file} is missing next to the ledger. Restore it with the ledger's backup",
    governor="a file that is needed to read the register of legal holds is missing",
)
NOT_RECORDED = ReasonCode(
    "holds_not_recorded",
    admin="the school has a register of holds, but this ledger has no record of any hold. Run `toolkit hold "
    "confirm` to record them",
    governor="the school has a register of legal holds, but its record of checks does not list any hold",
)
