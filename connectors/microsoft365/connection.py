"""A connection to one Microsoft 365 tenant."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock

from connectors.microsoft365 import directory, granted_permissions, lost_devices, mailboxes, out_of_office
from connectors.microsoft365.audit_log import Trail
from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.defender import CALL_SECONDS as DEFENDER_CALL_SECONDS
from connectors.microsoft365.defender import DEFENDER, IMPORT_SECONDS, Defender
from connectors.microsoft365.exchange.client import CmdletTenant, Exchange
from connectors.microsoft365.exchange.recipients import Recipients
from connectors.microsoft365.exchange.regions import COMPLIANCE_REGIONS
from connectors.microsoft365.exchange.service import COMPLIANCE, EXCHANGE
from connectors.microsoft365.graph.client import Graph
from connectors.microsoft365.graph.wire import GraphWire
from connectors.microsoft365.http import ServiceWire
from connectors.microsoft365.identity import ANY_TENANT, Attended, emulated_application, named_application, named_ids
from connectors.microsoft365.intune import Intune
from connectors.microsoft365.legal_holds import Holds, holds
from connectors.microsoft365.legal_holds.cases import CALL_SECONDS
from connectors.microsoft365.lost_devices import LostDevicesOfIntune
from connectors.microsoft365.organization import Organization
from connectors.microsoft365.permissions import MANAGED_DEVICES
from connectors.microsoft365.permissions import graph as graph_permission
from connectors.microsoft365.person_sign_in import SIGNED_IN, PersonSignIn, client_of, find_account
from connectors.microsoft365.role_members import RoleMembers
from connectors.microsoft365.sending_domains import SendingDomains
from connectors.microsoft365.sign_in import SignIn
from connectors.microsoft365.special_accounts import read_special_accounts
from toolkit.errors import BadAnswer
from toolkit.school.school import Tenant
from toolkit.school.signals import Diaries, Message
from toolkit.sdk import (
    Caller,
    Credential,
    DeviceUse,
    Directory,
    Dns,
    Grants,
    Identity,
    Pace,
    Permission,
    Permissions,
    Person,
    PersonAccount,
    RunDeadline,
    SignedIn,
    SignInEvidence,
    SpecialAccounts,
    Target,
    TenantSeen,
    Traces,
    Use,
    describe_tenant,
    mappings,
    open_dns,
    parse_date_header,
    require_account,
    require_remaining_account,
)
from toolkit.values import Body

EXCHANGE_CONCURRENT = 3  # Microsoft publishes no limit. Others run this many without throttling
COMPLIANCE_CONCURRENT = 1  # the least reliable of the services
GRAPH_CONCURRENT = 4  # Outlook's limit for an app and one mailbox. The directory allows more
DEFENDER_CONCURRENT = 4  # Defender limits requests per minute

_IN_USE = frozenset({"Enabled", "Warning"})
"""States of licences whose services work. A licence is in `Warning` for a month after it has ended."""

PERMISSIONS: Mapping[Use, Permissions] = {
    Use.TENANT: Permissions((graph_permission("Organization.Read.All"),)),
    **directory.PERMISSIONS,
    Use.DEVICES: Permissions((MANAGED_DEVICES,)),
    Use.DIARIES: out_of_office.PERMISSIONS,
    Use.SENDING: mailboxes.PERMISSIONS,
    Use.HOLDS: Permissions(holds.PERMISSIONS.read, (*holds.PERMISSIONS.write, SIGNED_IN)),
    Use.LOST: lost_devices.PERMISSIONS,
}


class Microsoft365:
    """The clients for one tenant. All clients sign in as the same application."""

    def __init__(
        self,
        exchange: Exchange,
        compliance: Exchange,
        graph: Graph,
        defender: Defender,
        *,
        organization: Organization,
        holding: Holds,
        sign_in: SignIn,
        own_client_ids: frozenset[str],
        person_sign_in: PersonSignIn,
        deadline: RunDeadline,
        dns: Dns,
    ) -> None:
        self.deadline = deadline
        self.dns = dns
        self.exchange = exchange
        self.recipients = Recipients(exchange)
        self.compliance = compliance
        self.graph = graph
        self.organization = organization
        self.defender = defender
        self.holding = holding
        self.sending_domains = SendingDomains(exchange, dns)
        self._members = directory.GroupMembers(graph)
        self.roles = RoleMembers(graph)
        self.intune = Intune(graph, self._members)
        self.lost_devices = LostDevicesOfIntune(graph)
        self._trail = Trail(exchange, graph, own_client_ids)
        self._plans: frozenset[str] | None = None
        self._plans_lock = Lock()
        self._sign_in = sign_in
        self._person_sign_in = person_sign_in

    def service_plans(self) -> frozenset[str]:
        """Return the service plans in the school's licences, such as ATP_ENTERPRISE, which are read once."""
        with self._plans_lock:
            if self._plans is None:
                self._plans = frozenset(_list_service_plans(self.graph.pages("/subscribedSkus")))
            return self._plans

    def tenant(self) -> TenantSeen:
        return self.organization.read()

    def directory(self, *, people: bool, groups: Sequence[str], home_property: str = "") -> Directory:
        """Read people and the named groups. Errors of people and groups are in the field `unknown`."""
        return directory.read_directory(
            self.graph, self._members, people=people, groups=groups, home_property=home_property
        )

    def special_accounts(self, people: Mapping[str, Person], now: datetime) -> SpecialAccounts:  # noqa: ARG002 - Google's
        """Return the people who have the role of an emergency account, or whom Conditional Access policies exclude."""
        return read_special_accounts(self.graph, people)

    def devices(self) -> DeviceUse:
        """Return the number of devices that Intune manages."""
        return self.intune.devices.use()

    def diaries(self, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool) -> Diaries:
        """Read absences from calendars. The field `unknown` has the people whose calendars cannot be read."""
        return out_of_office.read_diaries(self.graph, people, begins, ends, everybody=everybody)

    def send(self, message: Message) -> None:
        """Send a mail message. Do not send it again if it may already have been sent."""
        mailboxes.send(self.graph, message)

    def read_grants(self, needed: Sequence[Permission]) -> Grants:
        """Return the permissions in the access tokens that the app really gets."""
        return granted_permissions.read_granted(self._sign_in, needed)

    def credentials(self) -> Sequence[Credential]:
        """Return the app's secret or certificate with its expiry date."""
        return tuple(granted_permissions.read_credentials(self._sign_in.application, self._sign_in, self.graph))

    def read_logged_changes(self, logs: Collection[str], begins: datetime, ends: datetime) -> Traces:
        """Return the changes between two instants from the tenant's logs, without toolkit's own changes."""
        return self._trail.read(logs, begins, ends)

    def ask_to_sign_in(self, show_address: Callable[[str], None], nonce: str) -> SignedIn:
        """Let the person at this computer sign in. Return who the person is, and the evidence of the sign-in."""
        person, evidence = self._person_sign_in.identify(show_address, nonce)
        return SignedIn(require_account(find_account(self.graph, person)), evidence)

    def verify_sign_in(self, evidence: SignInEvidence, nonce: str) -> PersonAccount:
        """Verify the evidence of a sign-in. Return the account of the person who signed in."""
        return require_remaining_account(find_account(self.graph, self._person_sign_in.verify(evidence, nonce)))

    def account(self, key: str) -> PersonAccount | None:
        """Return the account with an id, an address or a sign-in name, or None if there is none."""
        return find_account(self.graph, key)

    def clock(self) -> datetime | None:
        """Return the time in the service's last response, or None if that response had no time."""
        return parse_date_header(self.graph.last_date)

    def requests(self) -> int:
        """Return the number of requests sent since the connection was opened. Sign-in requests are not counted."""
        return sum(client.request_count for client in (self.exchange, self.compliance, self.graph, self.defender))

    def close(self) -> None:
        self.exchange.close()
        self.compliance.close()
        self.graph.close()
        self.defender.close()
        self._sign_in.close()


def account(target: Target, tenant: Tenant, *, identity: Identity) -> str:
    """Return the client id of the application that signs in for an identity."""
    if target.emulator is None:
        return named_application(target.variables, identity).client_id
    description = describe_tenant(target.emulator, "microsoft365", "tenant_id", tenant.id)
    return emulated_application(description, identity).client_id


def connect(target: Target, tenant: Tenant, *, identity: Identity, read_only: bool) -> Microsoft365:
    """Return a connection to a tenant. No request is sent yet, not even to sign in."""
    cloud = Cloud.of_target(target)
    description: Body = {}
    attended = Attended(target.attended_sign_in) if target.attended_sign_in else None
    if target.emulator is None:
        application = attended or named_application(target.variables, identity)
        tenant = Tenant(id=tenant.id or ANY_TENANT, domain=tenant.domain) if attended else tenant
        own_client_ids = named_ids(target.variables)
    else:
        description = describe_tenant(target.emulator, "microsoft365", "tenant_id", tenant.id)
        tenant = Tenant(id=str(description["tenant_id"]), domain=str(description["domain"]))
        application = attended or emulated_application(description, identity)
        own_client_ids = frozenset(
            emulated_application(description, emulated_identity).client_id for emulated_identity in Identity
        )
    sign_in = SignIn(application, tenant, cloud)
    graph = Graph(
        GraphWire(cloud, sign_in), _make_caller("Microsoft Graph", GRAPH_CONCURRENT, cloud), read_only=read_only
    )
    organization = Organization(graph)
    exchange = Exchange(
        ServiceWire(cloud, sign_in, EXCHANGE, root=cloud.exchange),
        _make_caller("Exchange", EXCHANGE_CONCURRENT, cloud),
        CmdletTenant(tenant.id, organization.initial_domain),
        read_only=read_only,
    )
    compliance = Exchange(
        ServiceWire(cloud, sign_in, COMPLIANCE, root=cloud.compliance),
        _make_caller("Security & Compliance", COMPLIANCE_CONCURRENT, cloud),
        CmdletTenant(tenant.id, organization.initial_domain, COMPLIANCE_REGIONS, anchor_kind="UPN"),
        read_only=read_only,
    )
    emulated_now = None if target.emulator is None else _read_emulated_time(target.emulator, tenant.id)
    pace = Pace(CALL_SECONDS * (not cloud.emulated))
    holding = Holds(exchange, graph, pace=pace, clock=lambda: emulated_now or parse_date_header(graph.last_date))
    defender = _make_defender(cloud, sign_in, read_only=read_only)
    person_sign_in = PersonSignIn(client_of(target, description), tenant, cloud)
    return Microsoft365(
        exchange,
        compliance,
        graph,
        defender,
        organization=organization,
        holding=holding,
        sign_in=sign_in,
        own_client_ids=own_client_ids,
        person_sign_in=person_sign_in,
        deadline=cloud.deadline,
        dns=open_dns(target, tenant.id),
    )


def _make_defender(cloud: Cloud, sign_in: SignIn, *, read_only: bool) -> Defender:
    live = not cloud.emulated
    return Defender(
        ServiceWire(cloud, sign_in, DEFENDER, root=cloud.defender),
        _make_caller("Defender", DEFENDER_CONCURRENT, cloud),
        calls=Pace(DEFENDER_CALL_SECONDS * live),
        imports=Pace(IMPORT_SECONDS * live),
        read_only=read_only,
    )


def _make_caller(service: str, concurrent: int, cloud: Cloud) -> Caller:
    return Caller(
        service,
        concurrent=concurrent,
        deadline=cloud.patience,
        first_wait=cloud.first_wait,
        settles=cloud.settles,
        run=cloud.deadline,
        shared=cloud.shared,
    )


def _read_emulated_time(description: Body, tenant_id: str) -> datetime | None:
    """Return the time of an emulated tenant from the emulator's description, because responses do not contain it."""
    tenants = description.get("tenants")
    for tenant in tenants if isinstance(tenants, list) else []:
        match tenant:
            case {"now": str(now), "microsoft365": {"tenant_id": identifier}} if identifier == tenant_id:
                return datetime.fromisoformat(now)
    return None


def _list_service_plans(skus: Sequence[Body]) -> Iterator[str]:
    """Yield the service plans of the licences in use. Raise BadAnswer if a state or a plan's name is missing."""
    for sku in skus:
        match sku:
            case {"capabilityStatus": str(state), "servicePlans": [*plans]}:
                plan_names = [plan.get("servicePlanName") for plan in mappings(plans)]
            case _:
                raise BadAnswer("GET /subscribedSkus: a licence has no state or no services")
        if not all(isinstance(name, str) for name in plan_names):
            raise BadAnswer("GET /subscribedSkus: a service of a licence has no name")
        yield from map(str, plan_names if state in _IN_USE else ())
