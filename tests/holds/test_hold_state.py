"""The state of holds of which none is lost, by the reasons that a run has."""

from collections.abc import Sequence

import pytest

from toolkit.errors import Exit
from toolkit.holds.model import HoldState, state_for
from toolkit.holds.reasons import INTERRUPTED, NOT_ASKED, NOT_CONFIRMED
from toolkit.sdk.reason import Reason

WAITS, UNREAD = NOT_CONFIRMED(), NOT_ASKED(cloud="Google Workspace", why="it could not be reached")


@pytest.mark.parametrize(
    ("reasons", "is_open", "state", "code"),
    [
        ([], False, HoldState.NONE, Exit.AS_WANTED),
        ([], True, HoldState.AS_WANTED, Exit.AS_WANTED),
        ([WAITS], True, HoldState.PENDING, Exit.PENDING),
        ([WAITS], False, HoldState.PENDING, Exit.PENDING),
        ([WAITS, UNREAD], True, HoldState.UNKNOWN, Exit.UNREAD),
        ([INTERRUPTED()], True, HoldState.UNKNOWN, Exit.UNREAD),
    ],
)
def test_a_hold_that_is_only_requested_is_pending_unless_something_is_unknown(
    reasons: Sequence[Reason], is_open: object, state: HoldState, code: Exit
) -> None:
    assert (found := state_for(reasons, is_open=bool(is_open))) is state
    assert found.exit is code
