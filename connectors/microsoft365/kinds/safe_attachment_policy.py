"""Safe Attachments for mail, which opens attachments in a sandbox before messages are delivered.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/set-safeattachmentpolicy and
https://learn.microsoft.com/powershell/module/exchangepowershell/set-safeattachmentrule
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from connectors.microsoft365.builtin_objects import (
    DEFENDER,
    PEOPLE_RELEASE,
    READ_BY_SECURITY_READERS,
    FilterPolicies,
    filter_kind,
)
from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.service import FILTER_POLICY, RULES
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import NotFound, Rejected
from toolkit.sdk import (
    ADDRESSES,
    MANAGED_BY,
    MARK_BEHIND_WORDS,
    TEXT,
    WHOSE_IT_IS,
    WORDS_BEFORE_MARK,
    Effect,
    EffectArea,
    Harmless,
    Listed,
    MarkedText,
    NameRules,
    ObjectEffects,
    Properties,
    ReadScope,
    Remote,
    Setting,
    Switch,
    Unreadable,
    adds_entries,
    becomes,
    check_unmarked,
    declare,
    declare_effects,
    flag,
    mappings,
    moves_from,
    plain_name,
    read_before_change,
    switches_on,
    text,
    texts,
    written_entries,
)
from toolkit.values import Body, Json

_POLICY, _RULE = "SafeAttachmentPolicy", "SafeAttachmentRule"
_DOMAINS, _COMMENT = "RecipientDomainIs", "AdminDisplayName"
_OTHERS = ("SentTo", "SentToMemberOf", *(f"ExceptIf{name}" for name in ("SentTo", "SentToMemberOf", _DOMAINS)))
"""Other conditions and exceptions of a rule. With any of them the rule does not cover a whole domain."""


def _check_not_empty(value: Listed | None) -> Listed | None:
    if value is not None and not written_entries(value):
        raise ValueError("an empty list covers no one. Name the school's domains, or leave the policy out")
    return value


class SafeAttachmentPolicy(MarkedText):
    """A Safe Attachments policy: its action for harmful attachments, and its domains.

    Mail arrives some minutes later.
    """

    effects = declare_effects(
        {
            "enable": Effect("mail with a harmful attachment is no longer delivered", switches_on),
            "action": Effect(
                "mail with a harmful attachment is no longer delivered",
                becomes("Block", "DynamicDelivery"),
                only_if={"enable": (True,)},
            ),
            "quarantine_tag": Effect("people can no longer release mail from quarantine", moves_from(*PEOPLE_RELEASE)),
            "domains": Effect(
                "mail with a harmful attachment is no longer delivered", adds_entries, only_if={"enable": (True,)}
            ),
        },
        {Harmless.LABEL: ("admin_display_name", "managed_by")},
    )

    properties: ClassVar[Properties] = FILTER_POLICY
    together: ClassVar = (frozenset({"admin_display_name", "managed_by"}),)
    marked_text: ClassVar[str] = "admin_display_name"

    enable: Switch = declare("Whether attachments are opened in the sandbox.", True, default=False)
    action: Annotated[Literal["Allow", "Block", "DynamicDelivery"], Setting(TEXT)] = declare(
        "Action for a message with a harmful attachment: Allow delivers it and Block quarantines it. "
        "DynamicDelivery delivers its text first.",
        default="Block",
    )
    quarantine_tag: Annotated[str, Field(min_length=1), Setting(TEXT)] = declare(
        "Quarantine policy, which decides who may release messages.", default="AdminOnlyAccessPolicy"
    )
    domains: Annotated[Listed | None, AfterValidator(_check_not_empty), Setting(ADDRESSES, wire=_DOMAINS)] = declare(
        "Domains whose recipients the policy covers.", ["example-primary.example"]
    )
    admin_display_name: Annotated[
        str | None, AfterValidator(check_unmarked), Setting(WORDS_BEFORE_MARK, wire=_COMMENT)
    ] = declare("Purpose of the policy. Left unchanged if not set.", "Agreed by the governors")
    managed_by: Annotated[
        Literal["toolkit"], Setting(MARK_BEHIND_WORDS, wire=_COMMENT, silence=MANAGED_BY, mark=True)
    ] = declare(WHOSE_IT_IS, default="toolkit")


class _PoliciesWithRules(FilterPolicies):
    """The Safe Attachments policies. toolkit creates and deletes a policy together with its rule."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Sequence[Remote | Unreadable]:
        """Return all policies except Microsoft's built-in policy. Raise NotLicensed without Defender for Office 365."""
        DEFENDER.require(via)
        return [_add_domains(policy) for policy in super().read(via, selection) if not _is_built_in(policy)]

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote | Unreadable:
        """Read one policy with the rules that apply it. Raise NotFound if it no longer exists."""
        shown, *rules = via.exchange.get_each(
            Command(f"Get-{self.noun}", {"Identity": identifier}), *map(Command, self.cmdlets_of_rules)
        )
        for policy in self.with_rules(shown, rules):
            return _add_domains(policy)
        raise NotFound(f"Get-{self.noun}: the policy {name!r} with the id {identifier} does not exist")

    def create(self, via: Microsoft365, name: str, body: Body) -> None:  # type: ignore[override]
        left = read_before_change(lambda: _read_row(via, _RULE, name))  # a deleted policy can leave its rule
        if left and plain_name(left.get(_POLICY)) != plain_name(name):
            raise Rejected(
                f"a rule with this name already applies the policy {text(left.get(_POLICY))}. Write a different name"
            )
        policy = {"Name": name, **{key: value for key, value in body.items() if key != _DOMAINS}}
        via.exchange.create(f"New-{_POLICY}", policy, lambda: _read_row(via, _POLICY, name), settles=KIND.settles)
        if body.get(_DOMAINS):
            _write_rule(via, left, name, body[_DOMAINS])

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:
        if policy := {key: value for key, value in body.items() if key != _DOMAINS}:
            super().update(via, remote, name, policy)
        if _DOMAINS not in body:
            return
        if body[_DOMAINS]:
            _write_rule(via, next(_list_rules(remote), None), remote.name, body[_DOMAINS])
        else:
            _remove_rules(via, remote)

    def delete(self, via: Microsoft365, remote: Remote) -> None:  # type: ignore[override]
        _remove_rules(via, remote)
        via.exchange.delete(f"Remove-{_POLICY}", {"Identity": remote.id})


def _is_built_in(policy: Remote | Unreadable) -> bool:
    return isinstance(policy, Remote) and flag(policy.body.get("IsBuiltInProtection"), missing=False)


def _list_rules(policy: Remote) -> Iterator[Body]:
    yield from mappings(json.loads(text(policy.body.get(RULES)) or "[]"))


def _add_domains(policy: Remote | Unreadable) -> Remote | Unreadable:
    """Return a policy with the domains that an enabled rule without other conditions covers completely."""
    if isinstance(policy, Unreadable):
        return policy
    rule = next(_list_rules(policy), {})
    whole = rule.get("State") == "Enabled" and not any(rule.get(other) for other in _OTHERS)
    domains: Json = [*texts(rule.get(_DOMAINS))] if whole else []
    return replace(policy, body={**policy.body, _DOMAINS: domains})


def _write_rule(via: Microsoft365, rule: Body | None, policy: str, domains: Json) -> None:
    """Create the rule that applies a policy, or change the existing rule. The domains are then its only condition."""
    if rule is None:
        parameters: Body = {"Name": policy, _POLICY: policy, _DOMAINS: domains}
        via.exchange.create(f"New-{_RULE}", parameters, lambda: _read_row(via, _RULE, policy), settles=KIND.settles)
        return
    name = rule.get("Name")
    via.exchange.change(f"Set-{_RULE}", {"Identity": name, **dict.fromkeys(_OTHERS), _DOMAINS: domains})
    if rule.get("State") != "Enabled":
        via.exchange.change(f"Enable-{_RULE}", {"Identity": name})


def _remove_rules(via: Microsoft365, policy: Remote) -> None:
    for rule in _list_rules(policy):
        via.exchange.delete(f"Remove-{_RULE}", {"Identity": rule.get("Name")})


def _read_row(via: Microsoft365, noun: str, name: str) -> Body | None:
    return next((row for row in via.exchange.get(f"Get-{noun}") if row.get("Name") == name), None)


KIND = filter_kind(
    _PoliciesWithRules(_POLICY, rules=_RULE, presets=True, preset_rules="ATPProtectionPolicyRule"),
    read=(*READ_BY_SECURITY_READERS, graph("Organization.Read.All")),
    fixed=False,
    name="safe_attachment_policy",
    title="Safe Attachments policy",
    plural="Safe Attachments policies",
    spec=SafeAttachmentPolicy,
    names=NameRules(identifies=True),
    sample="""\
- microsoft365.safe_attachment_policy: School Safe Attachments
  enable: true
  action: Block
  domains: [example-primary.example]
""",
    stops=ObjectEffects(area=EffectArea.MAIL, deleted=Harmless.RELAXES),
)
