"""The destination of messages that people report from Outlook and Teams: Microsoft, a mailbox, or both."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar, Self, TypeAlias

from pydantic import model_validator

from connectors.microsoft365.builtin_objects import HYGIENE, ONLY, READ_BY_SECURITY_READERS, exchange_kind
from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.service import FILTER_POLICY
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound
from toolkit.sdk import (
    ADDRESSES,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    Everything,
    Lifecycle,
    Listed,
    NameRules,
    ObjectEffects,
    Observed,
    Properties,
    ReadScope,
    Remote,
    Setting,
    Spec,
    Switch,
    always,
    declare,
    declare_effects,
    removes_entries,
    switches_off,
    switches_on,
    text,
    written_entries,
)
from toolkit.values import Body, Json, Settings, entries

SETTLES = 10.0
_POLICY, _RULE = "DefaultReportSubmissionPolicy", "DefaultReportSubmissionRule"
_SENT_TO = "SentTo"
_OFF = "rule that is turned off"
_Addresses: TypeAlias = Annotated[Listed | None, Setting(ADDRESSES)]
_REPORTS = ["reports@example-primary.example"]
_SWITCHES = (
    "report_junk_to_customized_address",
    "report_not_junk_to_customized_address",
    "report_phish_to_customized_address",
)
_LISTS = ("report_junk_addresses", "report_not_junk_addresses", "report_phish_addresses")  # fmt: skip


class ReportSubmission(Spec):
    """The policy for reported messages, and its rule.

    Exchange requires the same value for the three switches, and the same mailbox in the three lists.
    """

    effects = declare_effects(
        {
            **dict.fromkeys(
                (
                    "enable_report_to_microsoft",
                    "report_junk_to_customized_address",
                    "report_not_junk_to_customized_address",
                    "report_phish_to_customized_address",
                    "report_chat_message_enabled",
                    "report_chat_message_to_customized_address_enabled",
                ),
                Effect("reports of suspicious mail no longer reach their previous destination", switches_off),
            ),
            "enable_third_party_address": Effect("Outlook no longer shows Microsoft's Report button", switches_on),
            **dict.fromkeys(
                (
                    "report_junk_addresses",
                    "report_not_junk_addresses",
                    "report_phish_addresses",
                    "third_party_report_addresses",
                    "sent_to",
                ),
                Effect("reports of suspicious mail no longer reach their previous destination", removes_entries),
            ),
        }
    )

    properties: ClassVar[Properties] = FILTER_POLICY.extended(
        ignored={
            _OFF: "Whether the rule is turned off. It then sends no reports to the mailbox, so a run creates it again."
        }
    )
    together: ClassVar[tuple[frozenset[str], ...]] = (frozenset((*_SWITCHES, *_LISTS)),)

    enable_report_to_microsoft: Switch = declare("Whether reports go to Microsoft.", default=True)
    enable_third_party_address: Switch = declare(
        "Whether another supplier's button replaces Microsoft's.", default=False
    )
    report_junk_to_customized_address: Switch = declare("Sends reports of junk to the mailbox.", default=False)
    report_not_junk_to_customized_address: Switch = declare("Sends reports of good mail to the mailbox.", default=False)
    report_phish_to_customized_address: Switch = declare("Sends reports of phishing to the mailbox.", default=False)
    report_junk_addresses: _Addresses = declare("Mailbox for reports of junk.", _REPORTS)
    report_not_junk_addresses: _Addresses = declare("Mailbox for reports of good mail.", _REPORTS)
    report_phish_addresses: _Addresses = declare("Mailbox for reports of phishing.", _REPORTS)
    third_party_report_addresses: _Addresses = declare("Mailbox for reports from another supplier's button.", _REPORTS)
    report_chat_message_enabled: Switch = declare(
        "Sends reports of Teams messages to Microsoft. Microsoft documents the property as reserved.",
        False,
        default=True,
    )
    report_chat_message_to_customized_address_enabled: Switch = declare(
        "Sends reports of Teams messages to the mailbox.", default=True
    )
    sent_to: _Addresses = declare("Mailbox of the policy's rule.", _REPORTS)

    @model_validator(mode="after")
    def _check_same_values(self) -> Self:
        if len({getattr(self, name) for name in _SWITCHES}) > 1:
            raise ValueError(
                f"{', '.join(_SWITCHES)} must have the same value, because Exchange refuses different values"
            )
        if len({tuple(written_entries(getattr(self, name))) for name in _LISTS}) > 1:
            raise ValueError(
                f"{', '.join(_LISTS)} must list the same mailbox, because Exchange refuses different mailboxes"
            )
        return self


class _ReportPolicyAndRule:
    """The report policy and its rule. Neither exists until an administrator or toolkit creates it."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:  # noqa: ARG002 - there is but one
        nouns = {"ReportSubmissionPolicy": _POLICY, "ReportSubmissionRule": _RULE}
        shown = via.exchange.get_each(*(Command(f"Get-{noun}") for noun in nouns))
        policy, rule = (
            _check_single_row(rows, noun, name) for (noun, name), rows in zip(nouns.items(), shown, strict=True)
        )
        if policy is None:
            return []
        off = rule is not None and rule.get("State", "Enabled") != "Enabled"
        sent_to = None if rule is None or off else rule.get(_SENT_TO)
        return [Remote(text(policy["Identity"]), ONLY, {**policy, _SENT_TO: sent_to, _OFF: off})]

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote:
        """Read the policy again. Raise NotFound if it no longer exists."""
        for policy in self.read(via, Everything()):
            return policy
        raise NotFound(f"Get-ReportSubmissionPolicy: the policy {identifier!r} for {name} does not exist")

    def create(self, via: Microsoft365, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        policy = {key: value for key, value in body.items() if key != _SENT_TO and value is not None}
        via.exchange.create(
            "New-ReportSubmissionPolicy",
            policy,
            lambda: _read_row(via, "ReportSubmissionPolicy", _POLICY),
            settles=SETTLES,
        )
        if body.get(_SENT_TO):
            _make_rule(via, body[_SENT_TO])

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        policy = {key: value for key, value in body.items() if key != _SENT_TO}
        if policy:
            via.exchange.change("Set-ReportSubmissionPolicy", {"Identity": remote.id, **policy})
        if _SENT_TO not in body:
            return
        if remote.body.get(_OFF):
            via.exchange.delete("Remove-ReportSubmissionRule", {"Identity": _RULE})
        if not remote.body.get(_SENT_TO):
            _make_rule(via, body[_SENT_TO])
        elif body[_SENT_TO]:
            via.exchange.change("Set-ReportSubmissionRule", {"Identity": _RULE, _SENT_TO: body[_SENT_TO]})
        else:
            via.exchange.delete("Remove-ReportSubmissionRule", {"Identity": _RULE})

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        if remote.body.get(_SENT_TO) or remote.body.get(_OFF):
            via.exchange.delete("Remove-ReportSubmissionRule", {"Identity": _RULE})
        via.exchange.delete("Remove-ReportSubmissionPolicy", {"Identity": remote.id})


def _read_row(via: Microsoft365, noun: str, name: str) -> Body | None:
    """Return the row of a cmdlet that returns at most one, or None. Raise BadAnswer if the row has a different name."""
    return _check_single_row(via.exchange.get(f"Get-{noun}", {}), noun, name)


def _check_single_row(rows: Sequence[Body], noun: str, name: str) -> Body | None:
    if not rows:
        return None
    if len(rows) > 1 or rows[0].get("Name") != name or not rows[0].get("Identity"):
        raise BadAnswer(f"Get-{noun} returned other objects than {name}")
    return rows[0]


def _make_rule(via: Microsoft365, sent_to: Json) -> None:
    parameters: Body = {"Name": _RULE, "ReportSubmissionPolicy": _POLICY, _SENT_TO: sent_to}
    via.exchange.create(
        "New-ReportSubmissionRule", parameters, lambda: _read_row(via, "ReportSubmissionRule", _RULE), settles=SETTLES
    )


def _doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt if the mailbox for reports is missing or not shared, because reports can contain live malware."""
    for entry in desired:
        for address in entries(entry.settings.get("sent_to")):
            quoted = address.replace("'", "''")
            rows = via.exchange.get("Get-Recipient", {"Filter": f"PrimarySmtpAddress -eq '{quoted}'"})
            recipient_type = text(rows[0].get("RecipientTypeDetails")) if rows else ""
            if recipient_type != "SharedMailbox":
                problem = (
                    f"in Exchange, the type of the mailbox is {recipient_type}"
                    if recipient_type
                    else "the mailbox does not exist"
                )
                reason = (
                    f"{address} must be a separate shared mailbox, because a report can contain malware ({problem})"
                )
                yield Doubt(entry.address.name, "sent_to", reason)


def _describe_lost_reports(observed: Observed, settings: Settings) -> str | None:
    """Return a notice if mailboxes would no longer get reports, because people may read the reports there."""
    left = set(entries(observed.settings.get("sent_to"))) - set(entries(settings.get("sent_to")))
    return f"reports no longer reach {', '.join(sorted(left))}" if left and "sent_to" in settings else None


KIND = exchange_kind(
    "ReportSubmissionPolicy",
    HYGIENE,
    READ_BY_SECURITY_READERS,
    fixed=False,
    name="report_submission",
    title="message reporting",
    spec=ReportSubmission,
    endpoint=_ReportPolicyAndRule(),
    doubts=_doubts,
    lifecycle=Lifecycle(promotion=_describe_lost_reports),
    sample="""\
- microsoft365.report_submission:
  enable_report_to_microsoft: true
  enable_third_party_address: false
""",
    names=NameRules(only=ONLY),
    stops=ObjectEffects(
        area=EffectArea.MAIL,
        deleted=Effect("reports of suspicious mail no longer reach their previous destination", always),
    ),
)
