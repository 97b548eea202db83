"""What a new tenant has in Exchange: what every tenant has, and what somebody once made by hand."""

from collections.abc import Iterable, Mapping

from connectors.emulator.microsoft365.exchange.seed.organization import (
    accepted_domains,
    external_in_outlook,
    organization,
    outbound_connectors,
    remote_domains,
)
from connectors.emulator.microsoft365.exchange.seed.people import mailboxes, recipients
from connectors.emulator.microsoft365.exchange.seed.protection import (
    malware_policies,
    outbound_spam_policies,
    outbound_spam_rules,
    transport_rules,
)
from connectors.emulator.school import School
from connectors.emulator.wire import Body


def seed(school: School) -> Mapping[str, Mapping[str, Body]]:
    """Make every collection of this service, each object under its Guid."""
    organization_id = school.identifier("exchange", "organization")
    return {
        "exchange.acceptedDomains": _by_guid(accepted_domains(school)),
        "exchange.externalInOutlook": {organization_id: external_in_outlook(organization_id)},
        "exchange.mailboxes": _by_guid(mailboxes(school)),
        "exchange.malwareFilterPolicies": _by_guid(malware_policies(school)),
        "exchange.organizationConfig": {organization_id: organization(school, organization_id)},
        "exchange.outboundConnectors": _by_guid(outbound_connectors(school)),
        "exchange.outboundSpamPolicies": _by_guid(outbound_spam_policies(school)),
        "exchange.outboundSpamRules": _by_guid(outbound_spam_rules(school)),
        "exchange.recipients": _by_guid(recipients(school)),
        "exchange.remoteDomains": _by_guid(remote_domains(school)),
        "exchange.transportRules": _by_guid(transport_rules(school)),
    }


def _by_guid(bodies: Iterable[Body]) -> Mapping[str, Body]:
    return {str(body["Guid"]): body for body in bodies}
