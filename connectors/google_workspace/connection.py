"""An open connection to one Google Workspace tenant."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock

from connectors.google_workspace import devices, directory, gmail, legal_holds, lost_devices, out_of_office, permissions
from connectors.google_workspace.accounts import Accounts
from connectors.google_workspace.api.answers import to_rows
from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.api.services import (
    ADMIN,
    CALENDAR,
    CHROME_POLICY,
    CHROME_POLICY_WRITES,
    CHROMEOS_DEVICES,
    CLOUD_IDENTITY,
    DEVICES,
    GMAIL,
    GROUPS,
    GROUPS_SETTINGS,
    REPORTS,
    VAULT,
)
from connectors.google_workspace.audit_log import Trail
from connectors.google_workspace.calendars import Calendars
from connectors.google_workspace.channels import Lines
from connectors.google_workspace.chrome_policy import ChromePolicies
from connectors.google_workspace.cloud import Cloud, account_name, emulated_account, named_account, named_ids
from connectors.google_workspace.consent import Consent, client_of, find_account
from connectors.google_workspace.devices import Devices
from connectors.google_workspace.gmail import Mailbox, Mailboxes
from connectors.google_workspace.groups import GroupsSettings, Memberships
from connectors.google_workspace.legal_holds import Holds, Vault
from connectors.google_workspace.lost_devices import LostDevicesOfGoogle
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.person_token import PersonTokens
from connectors.google_workspace.policies import MemberRules, Policies
from connectors.google_workspace.sign_in import SignIn
from connectors.google_workspace.transport import Transport
from connectors.google_workspace.trusted_domains import TrustedDomains
from connectors.google_workspace.units import Units
from connectors.google_workspace.usage import Usage
from toolkit.errors import BadAnswer, RequestFailed
from toolkit.school.school import Tenant
from toolkit.school.signals import Diaries, Message
from toolkit.sdk import (
    Credential,
    DeviceUse,
    Directory,
    Dns,
    Grants,
    Identity,
    Permission,
    Permissions,
    Person,
    PersonAccount,
    SignedIn,
    SignInEvidence,
    SpecialAccounts,
    Target,
    TenantSeen,
    Traces,
    Use,
    day,
    describe_tenant,
    flag,
    open_dns,
    parse_date_header,
    require_account,
    require_remaining_account,
    separate_variables,
    text,
    use_separate_identity,
)
from toolkit.values import Body

_CUSTOMER = "id,customerDomain,postalAddress/organizationName"
_DOMAINS: Body = {
    "customer": "my_customer",
    "fields": "domains(domainName,verified,domainAliases(domainAliasName,verified))",
}

PERMISSIONS: Mapping[Use, Permissions] = {
    Use.TENANT: Permissions(needs("directory.customers.get")),
    **directory.PERMISSIONS,
    Use.DEVICES: Permissions(devices.PERMISSIONS),
    Use.DIARIES: out_of_office.PERMISSIONS,
    Use.SENDING: gmail.PERMISSIONS,
    Use.HOLDS: legal_holds.PERMISSIONS,
    Use.LOST: lost_devices.PERMISSIONS,
}


class GoogleWorkspace:
    """A connection to a tenant. Its clients sign in as a service account, and act as an administrator or a person."""

    def __init__(
        self, lines: Lines, tenant: Tenant, consent: Consent, *, own: frozenset[str], dns: Dns, read_only: bool
    ) -> None:
        self._lines = lines
        self.dns = dns
        self.deadline = lines.deadline
        self._tenant = tenant
        self._consent = consent
        self._admin = lines.api(ADMIN, read_only=read_only)
        self._gmail = lines.api(GMAIL, read_only=read_only)
        self._seen: TenantSeen | None = None
        self._asking = Lock()
        self._domains: Sequence[str] | None = None
        self._listing = Lock()
        self.accounts = Accounts(self._admin)
        self.mailboxes = Mailboxes(self._gmail)
        self.calendars = Calendars(lines.api(CALENDAR, read_only=read_only))
        reports = lines.api(REPORTS, read_only=read_only)
        self.usage = Usage(reports)
        self._trail = Trail(reports, own)
        self.units = Units(self._admin)
        self.memberships = Memberships(self._admin)
        self.member_rules = MemberRules(self._admin, lines.api(GROUPS, read_only=read_only))
        vault = Vault(lines.api(VAULT, read_only=read_only))
        self.holding = Holds(vault, self._admin, self.accounts, self.units, self._trail)
        self.groups_settings = GroupsSettings(self._admin, lines.api(GROUPS_SETTINGS, read_only=read_only))
        chromeos = lines.api(CHROMEOS_DEVICES, read_only=read_only)
        self.device_lists = Devices(chromeos, lines.api(DEVICES, read_only=read_only))
        self.lost_devices = LostDevicesOfGoogle(chromeos, self._admin, self.device_lists)
        self.chrome = ChromePolicies(
            self._admin,
            lines.api(CHROME_POLICY, read_only=read_only),
            lines.api(CHROME_POLICY_WRITES, read_only=read_only),
        )
        policies = lines.api(CLOUD_IDENTITY, read_only=read_only)
        self.policies = Policies(policies, lines.caller(CLOUD_IDENTITY), lambda: self.customer_id)
        self.allowlist = TrustedDomains(policies)

    @property
    def customer_id(self) -> str:
        """Return the customer's id, which begins with C."""
        return self.tenant().id

    def gmail(self, person: str) -> Mailbox:
        """Return a person's mailbox, by id or address. Raise PersonUnreadable or NotFound if it cannot be opened."""
        return Mailbox(self._gmail, self.accounts.find_with_mailbox(person).address)

    def tenant(self) -> TenantSeen:
        """Return the tenant's id, name and domains, which are read once."""
        with self._asking:
            if self._seen is None:
                self._seen = self._read_tenant()
            return self._seen

    def administrator(self) -> Body:
        """Return the account of this connection's administrator, with the type of administrator."""
        parameters: Body = {"userKey": self._lines.administrator, "fields": "isAdmin,isDelegatedAdmin"}
        return self._admin.read(Call("directory.users.get", parameters))

    def domains(self) -> Sequence[str]:
        """Return the tenant's verified domains and domain aliases in lower case. They are read once."""
        with self._listing:
            if self._domains is None:
                self._domains = tuple(self._list_domains())
            return self._domains

    def directory(self, *, people: bool, groups: Sequence[str], home_property: str = "") -> Directory:
        """Read people, groups and units. Errors of entries that cannot be read are in the field `unknown`.

        A person's unit shows the home, so no `home_property` is read.
        """
        del home_property
        return directory.DirectoryReader(self._admin, self.accounts, self.units).read(people=people, groups=groups)

    def special_accounts(self, people: Mapping[str, Person], now: datetime) -> SpecialAccounts:
        """Return the super administrators among these people who have no Gmail or have never opened it."""
        admins = [
            account for account in self.accounts.all().values() if account.super_administrator and account.id in people
        ]
        reasons = {account.id: ["is a super administrator without Gmail"] for account in admins if not account.mailbox}
        if len(reasons) == len(admins):
            return SpecialAccounts(reasons)
        try:
            last = self.usage.last_mail(now)
        except RequestFailed as error:
            return SpecialAccounts(reasons, [f"when super administrators last opened Gmail: {error}"])
        never = [account.id for account in admins if account.mailbox and last.last_opened.get(account.id, now) is None]
        unopened = f"is a super administrator who had never opened Gmail by {day(last.as_of)}"
        return SpecialAccounts({**reasons, **{key: [unopened] for key in never}})

    def devices(self) -> DeviceUse:
        """Return the number of devices in Google. ChromeOS devices count as shared."""
        return self.device_lists.use()

    def diaries(self, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool) -> Diaries:
        """Return who is out of office between two instants. With `everybody`, every calendar is opened."""
        return out_of_office.read_diaries(self.calendars, people, begins, ends, everybody=everybody)

    def send(self, message: Message) -> None:
        """Send a mail message. Do not send it again if it may already have been sent."""
        gmail.send_message(self._gmail, message)

    def read_grants(self, needed: Sequence[Permission]) -> Grants:
        """Return the permissions of the service account, which are found by requests for tokens."""
        return permissions.read_granted(self._lines.sign_in, needed)

    def credentials(self) -> Sequence[Credential]:
        """Return the credentials of the service account with their expiry dates."""
        return tuple(permissions.read_credentials(self._lines.sign_in.account))

    def read_logged_changes(self, logs: Collection[str], begins: datetime, ends: datetime) -> Traces:
        """Return the changes between two instants from Google's logs, without toolkit's own changes."""
        return self._trail.read(logs, begins, ends)

    def newest_sign_in(self) -> datetime | None:
        """Return when someone last signed in, from Google's log."""
        return self._trail.newest_sign_in()

    def ask_to_sign_in(self, say: Callable[[str], None], nonce: str) -> SignedIn:
        """Let the person at this computer sign in. Return the person's account and the evidence of the sign-in."""
        person, evidence = self._consent.identify(say, self.domains, nonce)
        return SignedIn(require_account(find_account(self._admin, person)), evidence)

    def verify_sign_in(self, evidence: SignInEvidence, nonce: str) -> PersonAccount:
        """Verify the stored evidence of a sign-in, and return the account of the person who signed in."""
        return require_remaining_account(find_account(self._admin, self._consent.verify(evidence, self.domains, nonce)))

    def account(self, key: str) -> PersonAccount | None:
        """Return the account with an id or an address, or None if there is none."""
        return find_account(self._admin, key)

    def clock(self) -> datetime | None:
        """Return the time in the service's last response, or None if that response had no date."""
        written = self._lines.traffic.last_date
        return parse_date_header(written)

    def requests(self) -> int:
        """Return the number of requests since the connection was opened. Sign-in requests are not counted."""
        return self._lines.traffic.sent

    def close(self) -> None:
        self._lines.close()

    def _read_tenant(self) -> TenantSeen:
        parameters = {"customerKey": "my_customer", "fields": _CUSTOMER}
        match customer := self._admin.read(Call("directory.customers.get", parameters)):
            case {"id": str(identifier), "customerDomain": str(domain)}:
                domains = [domain] if _is_same_domain(domain, self._tenant.domain) else [domain, *self.domains()]
                return TenantSeen(identifier, _organisation_of(customer) or domain, tuple(dict.fromkeys(domains)))
            case _:
                raise BadAnswer("directory.customers.get: the response does not name a customer")

    def _list_domains(self) -> Iterator[str]:
        call = Call("directory.domains.list", _DOMAINS)
        for row in self._admin.pages(call, "domains"):
            aliases = to_rows(call, row, "domainAliases")
            domains = [(row, "domainName"), *((alias, "domainAliasName") for alias in aliases)]
            if not all(text(domain.get(name)) for domain, name in domains):
                raise BadAnswer(f"{call}: the response contains a domain without a name")
            yield from (text(domain[name]).lower() for domain, name in domains if flag(domain.get("verified")))


def account(target: Target, tenant: Tenant, *, identity: Identity) -> str:
    """Return the address of an identity's service account, or "" if its key does not contain one."""
    if target.emulator is None:
        return account_name(named_account(target.variables, identity))
    emulated_tenant = describe_tenant(target.emulator, "google_workspace", "customer_id", tenant.id)
    return account_name(emulated_account(emulated_tenant, identity))


def connect(target: Target, tenant: Tenant, *, identity: Identity, read_only: bool) -> GoogleWorkspace:
    """Return a connection to a tenant. No request is sent yet, not even to sign in."""
    cloud = Cloud.of_target(target)
    emulated_tenant: Body = {}
    if target.emulator is None:
        own = named_ids(target.variables)
    else:
        emulated_tenant = describe_tenant(target.emulator, "google_workspace", "customer_id", tenant.id)
        own = frozenset(
            str(emulated_account(emulated_tenant, emulated_identity).content.get("client_id"))
            for emulated_identity in Identity
        )
    transport = Transport(cloud)
    consent = Consent(client_of(target, emulated_tenant), cloud, transport, domain=tenant.domain)
    if target.attended_sign_in:
        sign_in: SignIn = PersonTokens(target.attended_sign_in, consent, cloud, transport)
    else:
        account = (
            emulated_account(emulated_tenant, identity)
            if emulated_tenant
            else named_account(target.variables, identity)
        )
        sign_in = SignIn(account, cloud, transport, separate_sign_in(target, identity, cloud, transport))
    lines = Lines(cloud, transport, sign_in)
    dns = open_dns(target, str(emulated_tenant.get("tenant_id", "")))
    return GoogleWorkspace(lines, tenant, consent, own=own, dns=dns, read_only=read_only)


def separate_sign_in(target: Target, identity: Identity, cloud: Cloud, transport: Transport) -> SignIn | None:
    """Return the sign-in of the separate service account for forwarding, or None if there is none."""
    if target.emulator or identity is not Identity.WRITE or not separate_variables(target.variables, "sharing"):
        return None
    variables = use_separate_identity(target.variables, "sharing")
    return SignIn(named_account(variables, Identity.WRITE), cloud, transport)


def _is_same_domain(domain: str, other: str) -> bool:
    return domain.casefold() == other.casefold()


def _organisation_of(customer: Body) -> str:
    match customer.get("postalAddress"):
        case {"organizationName": str(name)}:
            return name
        case _:
            return ""
