"""Replies of the school's mailboxes in the holidays, in Outlook."""

from toolkit.controls.mail.closure_reply import ClosureReply
from toolkit.controls.replies import closure_part, only_times
from toolkit.controls.reply_text import closure_reply
from toolkit.sdk.part import ControlContext, Realisation, Resource
from toolkit.sdk.resource import Reach
from toolkit.sdk.signals import Due


def realise(wanted: ClosureReply, context: ControlContext) -> Realisation:
    """Set the reply on the mailboxes that have none of their own."""

    def reply(due: Due) -> Resource:
        text = closure_reply(wanted, due, context)
        words = {**only_times(due), "internal": text, "external": text, "audience": "all"}
        return Resource("automatic_reply", due.person.id, words, due.person.address, Reach(people=1))

    return Realisation((closure_part(context, reply),))
