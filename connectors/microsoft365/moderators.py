"""Moderators whose accounts are closed: what they do not let through waits until it expires."""

from collections.abc import Iterator, Sequence

from connectors.microsoft365.graph.service import GraphRequest, path_with
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import NotFound, Refused, answered
from toolkit.sdk import Desired, Doubt, flag, segment
from toolkit.values import entries

_CLOSED = "the account of the moderator {} is closed, so messages can wait until they expire: name someone else"


def closed_moderators(via: Microsoft365, desired: Sequence[Desired], setting: str) -> Iterator[Doubt]:
    """Name the moderators of objects whose accounts are closed; a shared mailbox has a closed account always."""
    wanted = [(one.address.name, address) for one in desired for address in entries(one.settings.get(setting))]
    index = via.recipients.read() if wanted else None
    found = [(name, who) for name, address in wanted if index and (who := index.named(address))]
    named = [(name, who) for name, who in found if who.kind == "usermailbox" and who.account]
    accounts = list(dict.fromkeys(who.account for _, who in named))
    requests = [
        GraphRequest("GET", path_with(f"/users/{segment(each)}", {"select": "accountEnabled"})) for each in accounts
    ]
    answers = dict(zip(accounts, via.graph.batch(requests) if requests else [], strict=True))
    for name, who in named:
        answer = answers[who.account]
        if isinstance(answer, Refused):  # the app need not read people where nothing else asks for them
            reason = f"whether the account of the moderator {who.address} is open could not be read: {answer}"
            yield Doubt(name, setting, reason, beside=True, maybe=True, unread=True)
            continue
        if isinstance(answer, NotFound) or not flag(answered(answer).get("accountEnabled"), missing=True):
            yield Doubt(name, setting, _CLOSED.format(who.address), beside=True)
