"""Outlook in Graph: calendars, when people are free, mailbox settings with automatic replies, and sending.

What a test may read and change at the control plane, each by the person's id unless it says otherwise:

    outlook.events              by id / event's id: entries as Graph shows them; a series has its `recurrence`, and
                                `cancelledOccurrences` lists days (2026-11-27) it leaves out
    outlook.mailboxSettings     what differs from a new mailbox's settings
    outlook.scheduleErrors      {"responseCode": ..., "message": ...}: what getSchedule says instead of a schedule
    outlook.applicationAccess   by application's client id: {"mailboxes": [ids]}, all that it may use
    outlook.sentMessages        by message's id: what was sent, with `sender`, `senderId` and `sentDateTime`

A user's `signInActivity` stands inside the user, in `users`.
"""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.outlook import calendar_view, mailbox, settings
from connectors.emulator.microsoft365.graph.outlook.seed import seed

__all__ = ["actions", "seed"]


def actions() -> Sequence[Action]:
    """List what Outlook answers."""
    return [action for part in (calendar_view, settings, mailbox) for action in part.actions()]
