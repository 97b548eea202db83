"""Messages that say why some holds are not in place, without naming a person."""

from toolkit.sdk.reason import ReasonCode, same_words

INTERRUPTED = same_words(
    "hold_interrupted", "a run that places or releases a hold was interrupted: run `toolkit hold confirm` to finish"
)
NOT_CONFIRMED = same_words(
    "hold_not_confirmed", "a hold is requested but not confirmed yet: run `toolkit hold confirm` to read it back"
)
NOT_PLACED = same_words("hold_not_placed", "a hold could not be placed: run `toolkit hold confirm` to try again")
NOWHERE = same_words(
    "hold_without_account",
    "no cloud has an account of a person in an open case, so none of their data is on hold: see `toolkit hold list`",
)
NOT_ASKED = same_words("holds_not_asked", "{cloud} could not be read: {why}")
NOT_DECLARED = ReasonCode(
    "holds_tenant_not_declared",
    admin="toolkit placed holds in {cloud}, which the school file no longer names, so toolkit cannot read "
    "them: name the tenant again, or check the holds in the cloud's console before the tenant is closed",
    governor="the school no longer names {cloud}, so the evidence kept there is unknown",
)
LOST = same_words(
    "hold_lost",
    "{cloud}: a hold that was confirmed is gone or keeps less. `toolkit hold list` shows the hold, and `toolkit hold "
    "confirm` places it again",
)
LOST_OF_OTHERS = same_words(
    "hold_of_others_lost",
    "{cloud}: a hold that others placed no longer covers an account. It was moved out of the organisational unit on "
    "hold, or the hold was ended or narrowed. `toolkit hold confirm` shows the account and closes this",
)
LICENCE_ENDED = same_words(
    "hold_licence_ended",
    "{cloud}: the licence that keeps a mailbox on hold has ended. Assign the licence again, or run "
    "`toolkit hold confirm` to see whose mailbox it is and to end this warning",
)
SHOWN = same_words(
    "hold_shown",
    "{cloud}: Outlook shows a comment or an address about a hold to the person. Remove it from the mailbox, or run "
    "`toolkit hold place` with --tell-the-person",
)
NOT_WATCHED = same_words("holds_not_watched", "{cloud}: holds that others placed are not watched: {why}")
NO_KEY = same_words("holds_key_missing", "{file} is missing next to the ledger. Restore it with the ledger's backup")
NOT_RECORDED = same_words(
    "holds_not_recorded",
    "the school has a register of holds, but this ledger has no record of any hold. Run `toolkit hold "
    "confirm` to record them",
)
