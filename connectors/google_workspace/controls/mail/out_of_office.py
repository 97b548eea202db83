"""Automatic replies of staff who are away, in Gmail."""

from toolkit.controls.mail.out_of_office import OutOfOffice
from toolkit.controls.replies import away_part, only_times, whose
from toolkit.controls.reply_text import absence_reply
from toolkit.sdk.part import ControlContext, Realisation, Resource
from toolkit.sdk.resource import Reach
from toolkit.sdk.signals import Due


def realise(wanted: OutOfOffice, context: ControlContext) -> Realisation:
    """Set a reply for whoever has none to the end, where that is asked for."""
    limits = (
        ("Gmail has one reply for people inside and outside: the text for outside",) if wanted.external_file else ()
    )
    return Realisation((away_part(wanted, context, lambda due: _reply(wanted, due, context), limits),))


def _reply(wanted: OutOfOffice, due: Due, context: ControlContext) -> Resource:
    times = only_times(due)
    if due.own is None:
        text = absence_reply(wanted, wanted.external_file or wanted.text_file, due, context)
        times = {**times, "text": text, "audience": "all"}
    return Resource("vacation", due.person.id, times, whose(wanted, due), Reach(people=1))
