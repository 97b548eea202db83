"""Finds moderators whose accounts are closed. Messages that wait for them expire."""

from collections.abc import Iterator, Sequence

from connectors.microsoft365.graph.service import GraphRequest, path_with
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import NotFound, Refused, answered
from toolkit.sdk import Desired, Doubt, flag, segment
from toolkit.values import entries

_CLOSED = "the account of the moderator {} is closed, so messages wait until they expire. Choose another moderator"


def closed_moderators(via: Microsoft365, desired: Sequence[Desired], setting: str) -> Iterator[Doubt]:
    """Yield a doubt for each moderator in a setting whose account is closed.

    Shared mailboxes are left out, because their accounts are always closed.
    """
    names_and_addresses = [
        (resource.address.name, address) for resource in desired for address in entries(resource.settings.get(setting))
    ]
    index = via.recipients.read() if names_and_addresses else None
    moderators = [
        (name, recipient) for name, address in names_and_addresses if index and (recipient := index.find(address))
    ]
    people = [
        (name, recipient) for name, recipient in moderators if recipient.kind == "usermailbox" and recipient.account
    ]
    accounts = list(dict.fromkeys(recipient.account for _, recipient in people))
    requests = [
        GraphRequest("GET", path_with(f"/users/{segment(account)}", {"select": "accountEnabled"}))
        for account in accounts
    ]
    responses = dict(zip(accounts, via.graph.batch(requests) if requests else [], strict=True))
    for name, recipient in people:
        response = responses[recipient.account]
        if isinstance(response, Refused):  # the app may not read people if nothing else requires it
            reason = f"the account of the moderator {recipient.address} could not be read: {response}"
            yield Doubt(name, setting, reason, only_beside_other=True, is_uncertain=True, is_unread=True)
            continue
        if isinstance(response, NotFound) or not flag(answered(response).get("accountEnabled"), missing=True):
            yield Doubt(name, setting, _CLOSED.format(recipient.address), only_beside_other=True)
