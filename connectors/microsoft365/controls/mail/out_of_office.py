"""Automatic replies of staff who are away, in Outlook."""

from toolkit.controls.mail.out_of_office import OutOfOffice
from toolkit.controls.replies import away_part, only_times, whose
from toolkit.controls.reply_text import absence_reply
from toolkit.sdk.part import ControlContext, Realisation, Resource
from toolkit.sdk.resource import Reach
from toolkit.sdk.signals import Due


def realise(wanted: OutOfOffice, context: ControlContext) -> Realisation:
    """Set a reply for whoever has none to the end, where that is asked for."""
    return Realisation((away_part(wanted, context, lambda due: _reply(wanted, due, context)),))


def _reply(wanted: OutOfOffice, due: Due, context: ControlContext) -> Resource:
    times = only_times(due)
    if due.own is None:
        internal = absence_reply(wanted, wanted.text_file, due, context)
        external = absence_reply(wanted, wanted.external_file or wanted.text_file, due, context)
        times = {**times, "internal": internal, "external": external, "audience": "all"}
    return Resource("automatic_reply", due.person.id, times, whose(wanted, due), Reach(people=1))
