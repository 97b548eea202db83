"""The sources of a legal hold: whose each is, and how it stands."""

from collections.abc import Collection, Iterable, Mapping

from connectors.microsoft365.legal_holds.mailbox import bare
from toolkit.errors import BadAnswer
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import HoldStatus, Service, ServiceHold
from toolkit.values import Body

INCLUDED: Mapping[Service, str] = {Service.MAIL: "mailbox", Service.FILES: "site"}
"""What a service is called among the sources of a hold."""


def source_of(person: Person, addresses: Collection[str], sources: Iterable[Body], service: Service) -> Body | None:
    """Find the source of a person that holds a service; `addresses` are all that the person was reached under."""
    mine = (source for source in sources if is_of(person, addresses, source))
    return next((source for source in mine if INCLUDED[service] in included(source)), None)


def is_of(person: Person, addresses: Collection[str], source: Body) -> bool:
    """Say whether a source is a person's; its id is not always the account's."""
    return address_of(source) in addresses or str(source.get("id")).lower() == person.id.lower()


def address_of(source: Body) -> str:
    """Give the address of a source, as addresses are compared; BadAnswer where it has none."""
    if not isinstance(written := source.get("email"), str) or not written:
        raise BadAnswer("eDiscovery: a source of a hold came without an address, so whose it is is not known")
    return bare(written)


def included(source: Body) -> frozenset[str]:
    """List what a source holds: mailbox, site."""
    return frozenset(one.strip() for one in str(source.get("includedSources") or "").split(",")) - {""}


def standing_of(service: Service, hold: Body, source: Body) -> ServiceHold:
    """Say how a source of a hold stands.

    A healthy hold has no status; what counts is whether it is switched on, and what errors it lists.
    """
    if not isinstance(enabled := hold.get("isEnabled"), bool):
        raise BadAnswer("eDiscovery: a hold came without saying whether it is switched on")
    if reason := _weaker(hold, source, enabled=enabled):
        return ServiceHold(service, HoldStatus.WEAKER, reason)
    applied = str(source.get("holdStatus") or "").lower() == "applied"
    return ServiceHold(service, HoldStatus.CONFIRMED if applied else HoldStatus.REQUESTED)


def _weaker(hold: Body, source: Body, *, enabled: bool) -> str:
    errors = hold.get("errors")
    if not enabled:
        return "the hold is switched off, or its case is closed: it keeps nothing"
    if isinstance(errors, list) and errors:
        return f"the service reports {len(errors)} errors of this hold; they stand in the Purview portal"
    if hold.get("contentQuery"):
        return "the hold keeps only what its query finds; take the query off in the Purview portal"
    match str(source.get("holdStatus") or "").lower():
        case "removing":
            return "the service is taking it off"
        case "partial":
            return "the service holds only a part of it"
        case _:
            return ""
