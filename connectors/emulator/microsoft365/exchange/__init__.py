"""Exchange Online: cmdlets, sent to /adminapi/beta/TENANT/InvokeCommand, and the objects of a new tenant."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.emulator.data_files import from_template, seed_objects
from connectors.emulator.domain_names import RECORDS, seeded_records
from connectors.emulator.microsoft365.exchange.cmdlet import read_cmdlets, read_unemulated_cmdlets
from connectors.emulator.microsoft365.exchange.cmdlets import (
    auditing,
    delegation,
    dkim,
    lists,
    mailboxes,
    report_submission,
    safe_attachments,
    settings,
    transport_rules,
)
from connectors.emulator.microsoft365.exchange.region import FORMER, REGION, Exchange
from connectors.emulator.microsoft365.exchange.rules import BLANK
from connectors.emulator.microsoft365.exchange.service import AUDIENCES, HOSTS, ROOT, Workload
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body

_GIBIBYTE = 1024**3
_DOMAINS = "exchange.acceptedDomains"


def seed(school: School) -> Seed:
    """Return the objects of a new tenant, by collection and Guid.

    In the seed file, a rule has only the properties that are not blank.
    """
    kept = seed_objects(__file__, school)
    return {
        **kept,
        _DOMAINS: {**kept[_DOMAINS], **_further_domains(school)},
        "exchange.transportRules": {key: {**BLANK, **rule} for key, rule in kept["exchange.transportRules"].items()},
        "exchange.mailboxes": _index_by_guid(_seeded_mailboxes(school)),
        "exchange.recipients": _index_by_guid(_seeded_recipients(school)),
        lists.LISTS: _index_by_guid(_seeded_lists(school)),
        RECORDS: seeded_records(school),
        **{
            name: {school.identifier(name, str(right["Identity"])): right for right in delegation.seeded_rights(name)}
            for name in (delegation.SENDING, delegation.OPENING)
        },
    }


def _further_domains(school: School) -> Mapping[str, Body]:
    """Return the accepted domains of the schools that share the tenant, each like the tenant's own domain."""
    further: dict[str, Body] = {}
    for domain in school.further_domains:
        accepted = seed_objects(__file__, replace(school, domain=domain))[_DOMAINS]
        further |= {key: {**body, "Default": False} for key, body in accepted.items() if body["DomainName"] == domain}
    return further


def _index_by_guid(bodies: Iterable[Body]) -> Mapping[str, Body]:
    return {str(body["Guid"]): body for body in bodies}


@dataclass(frozen=True, slots=True)
class _Box:
    """The facts from which the properties of a seeded mailbox are made."""

    id: str
    title: str
    address: str
    kind: str  # UserMailbox, SharedMailbox, RoomMailbox, EquipmentMailbox
    quota: int = 50  # GB
    licensed: bool = False  # the licences of the school include Exchange Online Plan 2


def _seeded_recipients(school: School) -> Iterator[Body]:
    """Yield the mailboxes, the groups that have an address, and one contact."""
    for box in _mailbox_seeds(school):
        yield _seeded_recipient(school, box.id, box.title, box.address, ("UserMailbox", box.kind))
    for group in school.groups:
        if group.address:
            kind = "GroupMailbox" if group.unified else "MailUniversalSecurityGroup"
            kinds = ("MailUniversalDistributionGroup" if group.unified else kind, kind)
            yield _seeded_recipient(school, group.id, group.display_name, group.address, kinds)
    dynamic = ("MailUniversalDistributionGroup", "DynamicDistributionGroup")
    yield _seeded_recipient(school, "", "Whole school", f"whole-school@{school.domain}", dynamic)
    contact = school.identifier("exchange", "contact", "clerk")
    address = "clerk@local-authority.example"
    yield _seeded_recipient(school, contact, "Clerk to the governors", address, ("MailContact", "MailContact"))


def _seeded_lists(school: School) -> Iterator[Body]:
    """Yield the groups as their own cmdlets show them. None of the groups moderates messages."""
    for row in _seeded_recipients(school):
        if "Group" in str(row["RecipientTypeDetails"]):
            yield {**row, **from_template(__file__, "list")}


def _seeded_mailboxes(school: School) -> Iterator[Body]:
    """Yield the mailboxes of people, the shared mailboxes, and the accounts that have a mailbox."""
    for box in _mailbox_seeds(school):
        alias = box.address.partition("@")[0]
        yield {
            **from_template(
                __file__, "mailbox", address=box.address, title=box.title, alias=alias, kind=box.kind, id=box.id,
                guid=school.identifier("exchange", "recipient", box.id),
                mailbox=school.identifier("exchange", "mailbox", box.id),
                capabilities=["BPOS_S_Enterprise"] if box.licensed else [],
                quota=f"{box.quota} GB ({box.quota * _GIBIBYTE:,} bytes)",
                addresses=_both_addresses(school, box.address),
            ),
            # The leaver's mail is held for a year from each message's own date. The leaver knows that.
            **(from_template(__file__, "held_by_hand") if alias == "gethin.leaver" else {}),
        }  # fmt: skip


def _mailbox_seeds(school: School) -> Iterator[_Box]:
    for person in school.people:
        yield _Box(person.id, person.display_name, person.address, "UserMailbox", quota=100, licensed=True)
    for shared in school.shared:
        yield _Box(shared.id, shared.display_name, shared.address, "SharedMailbox")
    for account in school.accounts:
        if account.mailbox:
            yield _Box(account.id, account.display_name, account.address, "UserMailbox", licensed=account.licensed)
    for room in school.rooms:
        kind = "EquipmentMailbox" if room.equipment else "RoomMailbox"
        yield _Box(room.id, room.display_name, room.address, kind)


def _seeded_recipient(school: School, identifier: str, title: str, address: str, kinds: tuple[str, str]) -> Body:
    kind, details = kinds
    alias = address.partition("@")[0]
    return from_template(
        __file__, "recipient", name=title if kind == "MailContact" else alias, title=title, alias=alias,
        address=address, addresses=_both_addresses(school, address), kind=kind, details=details,
        guid=school.identifier("exchange", "recipient", identifier), id=identifier,
    )  # fmt: skip


def _both_addresses(school: School, address: str) -> list[str]:
    """Return an address at the school's domain, and the same address at the initial domain of the tenant."""
    alias, _, domain = address.partition("@")
    twin = [f"smtp:{alias}@{school.initial_domain}"] if domain == school.domain else []
    return [f"SMTP:{address}", *twin]


__all__ = ["SERVICE", "seed"]

RUNS = {
    **auditing.RUNS,
    **delegation.RUNS,
    **dkim.RUNS,
    **lists.RUNS,
    **mailboxes.RUNS,
    **report_submission.RUNS,
    **safe_attachments.RUNS,
    **settings.RUNS,
    **transport_rules.RUNS,
}
SERVICE = Exchange(
    Workload(
        name="exchange",
        hosts=(*HOSTS, REGION, FORMER),
        roots=(ROOT,),
        audiences=AUDIENCES,
        cmdlets=read_cmdlets(__file__, RUNS),
        other_names=read_unemulated_cmdlets(__file__),
        administrators=frozenset({"Exchange Administrator", "Global Administrator"}),
    )
)
