"""The mail rules that somebody made by hand before anyone wrote a policy down."""

from collections.abc import Iterator, Mapping

from connectors.emulator.clock import START
from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.rules.table import BLANK
from connectors.emulator.school import School
from connectors.emulator.wire import Body, Json


def transport_rules(school: School) -> Iterator[Body]:
    """List four rules, in the order in which they run."""
    office = f"office@{school.domain}"
    yield _rule(
        school,
        "Scanner mail bypass spam",
        {"From": [f"scanner@{school.domain}"], "SenderIpRanges": ["203.0.113.24"], "SetSCL": -1},
        comments="\n",  # as the admin centre leaves it when nothing is typed
    )
    yield _rule(
        school,
        "Copy governors mail to clerk",
        {"RecipientAddressContainsWords": ["governors@"], "BlindCopyTo": ["clerk@local-authority.example"]},
    )
    yield _rule(
        school,
        "Route MIS mail",
        {"RecipientDomainIs": ["mis.example"], "RouteMessageOutboundConnector": "MIS gateway"},
        comments="Asked for by the MIS supplier",
    )
    yield _rule(
        school,
        "Large mail warning",
        {
            "MessageSizeOver": formats.size("20 MB"),
            "SentTo": [office],
            "GenerateNotification": "<p>Your message is large; please share big files by link.</p>",
        },
    )


def _rule(school: School, name: str, settings: Mapping[str, Json], comments: str | None = None) -> Body:
    identifier = school.identifier("exchange", "transport rule", name)
    return {
        **BLANK,
        **settings,
        "Name": name,
        "Comments": comments,
        "Guid": identifier,
        "ImmutableId": identifier,
        "CreatedBy": "Example Admin",
        "LastModifiedBy": "Example Admin",
        "WhenChanged": formats.moment(START),
    }
