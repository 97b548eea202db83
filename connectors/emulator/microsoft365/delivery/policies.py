"""ExchangePolicies that act on mail in addition to rules: servers, file types, forwarding, remote domains and the tag.

Follows the pages connection-filter-policies-configure, anti-malware-protection-about and
outbound-spam-policies-external-email-forwarding below learn.microsoft.com/defender-office-365, and the pages of the
cmdlets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from connectors.emulator.delivery.matching import all_of, any_of, is_in_domain, is_in_range, negate
from connectors.emulator.delivery.outcome import (
    DROPPED,
    QUARANTINED,
    REDIRECTED,
    REJECTED,
    UNKNOWN,
    DeliveryOutcome,
    Step,
)
from connectors.emulator.microsoft365.delivery.directory import ExchangeDirectory
from connectors.emulator.microsoft365.delivery.situation import Situation
from connectors.emulator.microsoft365.retention_rules import as_sequence
from connectors.emulator.store import Body, Json, Store

RECIPIENTS, ORGANISATION = "recipient_limit", "organization_config"
CONNECTION, MALWARE, FORWARDING, REMOTE, SPAM = (
    "connection_filter", "malware_filter", "outbound_spam", "remote_domain", "content_filter",
)  # fmt: skip
_DYNAMIC = "the members of a dynamic list"
_FORWARDING_TEXT = (
    "5.7.520 Access denied, Your organization does not allow external forwarding. Please contact your administrator "
    "for further assistance. AS(7555)"
)


@dataclass(frozen=True, slots=True)
class PolicyFamily:
    """The policies of a type, and the rules that give each policy its audience."""

    policies: Sequence[Body]
    rules: Sequence[Body]  # in the order of their priorities, presets first
    column: str  # the property of a rule that names its policy

    def choose(self, person: str, directory: ExchangeDirectory) -> Body | None:
        """Return the policy for a person. Only the first that fits counts, and the default policy comes last.

        None if a rule cannot be decided, because the members of a dynamic list are not stored.
        """
        for rule in self.rules:
            fits = _fits(rule, person, directory)
            if fits is None:
                return None
            if fits:
                return self._find_policy(str(rule.get(self.column)))
        return next((policy for policy in self.policies if policy.get("IsDefault")), {})

    def _find_policy(self, name: str) -> Body:
        return next((policy for policy in self.policies if policy.get("Name") == name), {})


def _fits(rule: Body, person: str, directory: ExchangeDirectory) -> bool | None:
    """Return whether a person meets every type of condition and no exception. A preset without conditions is for all.

    The conditions are about recipients, or about senders in rules for outbound mail.
    """

    def decide(names: tuple[str, str, str], prefix: str) -> Iterator[bool | None]:
        people, groups, domains = (rule.get(prefix + name) for name in names)
        if people:
            yield person in directory.primary_addresses(people)
        if groups:
            yield any_of([directory.is_member(person, directory.primary_addresses(groups)), _is_find_policy(groups)])
        if domains:
            yield is_in_domain(person, map(str, as_sequence(domains)))

    def _is_find_policy(groups: Json) -> bool:
        return person in directory.primary_addresses(groups)

    names = _SENDERS if "FromMemberOf" in rule else _RECIPIENTS
    return all_of([*decide(names, ""), negate(any_of(decide(names, "ExceptIf")))])


_RECIPIENTS = ("SentTo", "SentToMemberOf", "RecipientDomainIs")
_SENDERS = ("From", "FromMemberOf", "SenderDomainIs")


@dataclass(frozen=True, slots=True)
class ExchangePolicies:
    """The policies of a tenant that act on mail."""

    connection: Sequence[Body]
    malware: PolicyFamily
    spam: PolicyFamily
    outbound: PolicyFamily
    remote_domains: Sequence[Body]
    tag: Body
    security_mailboxes: frozenset[str]  # mailboxes for security operations, for which malware is not filtered
    rejects_direct_send: bool  # mail in the school's name from a server that did not sign in
    most_recipients: Json  # of a message, for the whole organisation: a number, or Unlimited

    def check_connection(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome after the lists of servers. The allow list wins over the block list."""
        ip = situation.message.ip
        for policy in () if situation.is_sent_from_inside else self.connection:
            name = str(policy["Name"])
            allowed, blocked = ([*map(str, as_sequence(policy.get(key)))] for key in ("IPAllowList", "IPBlockList"))
            if blocked and ip is None:
                return outcome.decide(UNKNOWN, CONNECTION, name, text="the server's IP address")
            if ip and is_in_range(ip, allowed):
                outcome = outcome.add_step(Step(CONNECTION, name, is_match=True, effect="allowed"))
            elif ip and is_in_range(ip, blocked):
                return outcome.decide(REJECTED, CONNECTION, name, why="IPBlockList")
        return outcome

    def check_direct_send(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome after Reject Direct Send, which compares the sender of the envelope.

        Follows techcommunity.microsoft.com/blog/exchange/introducing-more-control-over-direct-send-in-exchange-online/
        4408790.
        """
        directory, message = situation.directory, situation.message
        is_direct = not message.is_authenticated and directory.is_inside(message.envelope_sender)
        if not (self.rejects_direct_send and is_direct and directory.is_inside(situation.recipient)):
            return outcome
        return outcome.decide(REJECTED, ORGANISATION, "direct_send", text="5.7.68", why="RejectDirectSend")

    def check_recipient_count(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome after the limits of the sender's mailbox and of the organisation. A list counts as one.

        The mailbox's own limit comes first, and is not for meeting requests (set-mailbox, set-transportconfig).
        """
        message, directory = situation.message, situation.directory
        sender = directory.primary_address(message.sender)
        own = directory.mailboxes.get(sender, {}).get("RecipientLimits")
        is_own = str(own or "").isdigit() and message.type != "Calendaring"
        limit = own if is_own else self.most_recipients
        if not situation.is_sent_from_inside or not str(limit).isdigit() or len(message.recipients) <= int(str(limit)):
            return outcome
        return outcome.decide(REJECTED, RECIPIENTS, sender if is_own else "Transport Settings", why=f"limit {limit}")

    def check_files(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome after the filter for file types of the recipient's malware policy."""
        extensions = {file.extension for file in situation.message.attachments}
        if situation.recipient in self.security_mailboxes:
            return outcome.add_step(Step(MALWARE, "", is_match=False, why="a mailbox for security operations"))
        policy = self.malware.choose(situation.recipient, situation.directory)
        if policy is None:
            return outcome.decide(UNKNOWN, MALWARE, "", text=_DYNAMIC) if extensions else outcome
        name = str(policy.get("Name") or "")
        blocked = extensions & {str(extension).lower() for extension in as_sequence(policy.get("FileTypes"))}
        if not policy.get("EnableFileFilter") or not blocked:
            return outcome.add_step(Step(MALWARE, name, is_match=False))
        result = QUARANTINED if policy.get("FileTypeAction") == "Quarantine" else REJECTED
        return outcome.decide(result, MALWARE, name, why=", ".join(sorted(blocked)))

    def check_forwarding(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome of an automatic message to the outside. A block wins over a permission."""
        directory, message = situation.directory, situation.message
        if not situation.is_sent_from_inside or directory.is_inside(situation.recipient):
            return outcome
        if message.type == "AutoForward":
            sender = directory.primary_address(message.sender)
            policy = self.outbound.choose(sender, directory)
            if policy is None:
                return outcome.decide(UNKNOWN, FORWARDING, "", text=_DYNAMIC)
            if policy.get("AutoForwardingMode") != "On":
                return outcome.decide(REJECTED, FORWARDING, str(policy.get("Name")), text=_FORWARDING_TEXT)
        return self._check_remote_domain(situation, outcome)

    def _check_remote_domain(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        row = self._remote_domain(situation.recipient)
        message_type = situation.message.type
        blocks = (message_type == "AutoForward" and row.get("AutoForwardEnabled") is False) or (
            message_type == "OOF" and row.get("AllowedOOFType") == "None"
        )
        return outcome.decide(DROPPED, REMOTE, str(row["Name"])) if blocks else outcome

    def _remote_domain(self, address: str) -> Body:
        """Return the remote domain whose name fits an address most closely."""
        domain = address.rpartition("@")[2]
        fitting = [row for row in self.remote_domains if fnmatchcase(domain, str(row["DomainName"]).lower())]
        return max(fitting, key=lambda row: len(str(row["DomainName"])), default={})

    def check_spam_level(self, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome after the recipient's spam policy, for a level that a rule set.

        From 5 it is spam, from 7 spam with high confidence (use-rules-to-set-scl). The provider's own verdict is not
        part of a delivery.
        """
        level = situation.scl
        if level is None or level < _SPAM or situation.is_sent_from_inside or not situation.is_scl_set:
            return outcome
        if not situation.directory.is_inside(situation.recipient):
            return outcome
        policy = self.spam.choose(situation.recipient, situation.directory) or {}
        action = policy.get("HighConfidenceSpamAction" if level >= _CERTAIN else "SpamAction")
        name = str(policy.get("Name") or "")
        match action:
            case "Quarantine":
                return outcome.decide(QUARANTINED, SPAM, name, why=f"SCL {level}")
            case "Delete":
                return outcome.decide(DROPPED, SPAM, name, why=f"SCL {level}")
            case "Redirect":
                targets = situation.directory.primary_addresses(policy.get("RedirectToRecipients"))
                return outcome.decide(REDIRECTED, SPAM, name, targets=sorted(targets), why=f"SCL {level}")
            case "MoveToJmf":
                outcome = replace(outcome, folder="junk")
        return outcome.add_step(Step(SPAM, name, is_match=True, why=f"SCL {level}", effect=str(action)))

    def is_tagged(self, situation: Situation) -> bool:
        """Return whether Outlook shows its label for mail from outside."""
        if not self.tag.get("Enabled") or situation.is_sent_from_inside:
            return False
        sender = situation.message.sender
        domain = sender.rpartition("@")[2]
        entries = [str(entry).lower() for entry in as_sequence(self.tag.get("AllowList"))]
        spared = sender in entries or domain in entries
        spared = spared or is_in_domain(sender, [entry[2:] for entry in entries if entry.startswith("*.")])
        return situation.directory.is_inside(situation.recipient) and not spared


_SPAM, _CERTAIN = 5, 7


def read_policies(store: Store, tenant_id: str, directory: ExchangeDirectory) -> ExchangePolicies:
    """Read the policies of a tenant that act on mail."""

    def rows(name: str) -> list[Body]:
        return [{"Name": key, **body} for key, body in store.all_by_key(tenant_id, f"exchange.{name}").items()]

    def family(policies: str, rules: str, column: str, *, presets: bool = True) -> PolicyFamily:
        own = sorted(filter(_is_enabled, rows(rules)), key=_priority)
        before = sorted(filter(_is_enabled, rows("presetRules")), key=_strict_first) if presets else []
        return PolicyFamily(rows(policies), [*before, *own], column)

    return ExchangePolicies(
        connection=rows("connectionFilters"),
        malware=family("malwareFilterPolicies", "malwareFilterRules", "MalwareFilterPolicy"),
        spam=family("contentFilterPolicies", "contentFilterRules", "HostedContentFilterPolicy"),
        outbound=family("outboundSpamPolicies", "outboundSpamRules", "HostedOutboundSpamFilterPolicy", presets=False),
        remote_domains=rows("remoteDomains"),
        tag=next(iter(rows("externalInOutlook")), {}),
        security_mailboxes=frozenset(
            address for row in rows("secOpsPolicies") for address in directory.primary_addresses(row.get("SentTo"))
        ),
        rejects_direct_send=next(iter(rows("organizationConfig")), {}).get("RejectDirectSend") is True,
        most_recipients=next(iter(rows("transportConfig")), {}).get("MaxRecipientEnvelopeLimit"),
    )


def _is_enabled(rule: Body) -> bool:
    return rule.get("State", "Enabled") == "Enabled"


def _priority(rule: Body) -> int:
    priority = rule.get("Priority")
    return priority if isinstance(priority, int) else 0


def _strict_first(rule: Body) -> bool:
    return "strict" not in str(rule.get("Name")).lower()
