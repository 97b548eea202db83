"""Endpoints for objects that every tenant has. A pair of cmdlets, or a Graph path, reads and changes the objects.

Also creates the kinds of Exchange that have no endpoint of their own.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Final

from connectors.microsoft365.audit_log import exchange_log_place
from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.service import RULES
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader, security_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotLicensed
from toolkit.records import dataclass
from toolkit.sdk import (
    EffectArea,
    FixedObjects,
    GroupNesting,
    Kind,
    MailSemantics,
    ObjectEffects,
    Permission,
    Permissions,
    Rank,
    ReadScope,
    Remote,
    Scale,
    Unreadable,
    flag,
    mappings,
    plain_name,
    text,
    texts,
)
from toolkit.values import Body, canonical_text

ONLY = "organisation"
"""The name of an object that exists once in a tenant."""


def _return_no_parameters(_before: Body, _sent: Body) -> Body:
    return {}


@dataclass(frozen=True, slots=True)
class CmdletObjects(FixedObjects):
    """Named objects that Get-NOUN reads and Set-NOUN changes.

    `reading` has the parameters for Get-NOUN. `again` returns the parameters for a second call of Set-NOUN, for
    settings that Exchange changes during the first call.
    """

    none_created = "{name!r} does not exist, and toolkit cannot create it"
    none_deleted = "{name!r} cannot be deleted, only changed"

    noun: str
    reading: Body = field(default_factory=dict)
    again: Callable[[Body, Body], Body] = _return_no_parameters

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        return self._select(selection, via.exchange.get(f"Get-{self.noun}", self.reading))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.exchange.change(f"Set-{self.noun}", {"Identity": remote.id, **body})
        if second := self.again(remote.body, body):
            via.exchange.change(f"Set-{self.noun}", {"Identity": remote.id, **second})

    def _select(self, selection: ReadScope, rows: Iterable[Body]) -> Iterable[Remote | Unreadable]:
        return selection.select_from(map(self._to_remote, rows))

    def _to_remote(self, row: Body) -> Remote | Unreadable:
        identifier, name = row.get("Guid") or row.get("Identity"), row.get("Name")
        if not (identifier and name):
            raise BadAnswer(f"Get-{self.noun} returned an object without an identity or a name")
        if not flag(row.get("IsValid"), missing=True):
            return Unreadable(str(identifier), str(name), "Exchange marks it as not valid. Open it in the admin centre")
        return Remote(text(identifier), text(name), row)


class Singleton(FixedObjects):
    """Settings that exist once in a tenant. They cannot be created or deleted."""

    none_created = f"a tenant has these settings only once, under the name {ONLY!r}, so {{name!r}} cannot be created"
    none_deleted = "the settings {name!r} cannot be deleted, only changed"


class CmdletSingleton(Singleton):
    """The only object that `Get-NOUN` returns and `Set-NOUN` changes."""

    def __init__(self, noun: str) -> None:
        self._noun = noun

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:  # noqa: ARG002 - there is only one
        row = read_row(via, self._noun)
        return [Remote(str(row.get("Identity") or ONLY), ONLY, row)]

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.exchange.change(f"Set-{self._noun}", body)


@dataclass(frozen=True, slots=True)
class Product:
    """A product that a school has if any of its licences includes one of these service plans."""

    name: str
    plans: frozenset[str]

    def require(self, via: Microsoft365) -> None:
        """Raise NotLicensed if no licence of the school includes any of the plans."""
        if via.service_plans().isdisjoint(self.plans):
            raise NotLicensed(f"the school's licences do not include {self.name}")


DEFENDER = Product("Defender for Office 365", frozenset({"ATP_ENTERPRISE", "THREAT_INTELLIGENCE"}))


class LicensedSingleton(CmdletSingleton):
    """A singleton that exists only if the school's licences include a certain product."""

    def __init__(self, noun: str, product: Product) -> None:
        super().__init__(noun)
        self._product = product

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:
        """Read the object. Raise NotLicensed if no licence includes the product."""
        self._product.require(via)
        return super().read(via, selection)


class GraphSingleton(Singleton):
    """The only object at a Graph path. Every response must have the boolean property `shows`. Null means unset."""

    def __init__(self, path: str, shows: str) -> None:
        self._path = path
        self._shows = shows

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:  # noqa: ARG002 - there is only one
        row = via.graph.get(self._path)
        if not isinstance(row.get(self._shows, ""), bool | None):
            raise BadAnswer(f"GET {self._path}: the response does not show {self._shows}")
        return [Remote(str(row.get("id") or ONLY), ONLY, row)]

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.graph.send("PATCH", self._path, body)


def read_row(via: Microsoft365, noun: str) -> Body:
    """Return the only row of `Get-NOUN`. Raise BadAnswer if there is no row, or if there are several."""
    return read_rows(via, [noun])[noun]


def read_rows(via: Microsoft365, nouns: Sequence[str]) -> Mapping[str, Body]:
    """Return the only row of `Get-NOUN` for each noun, in one request."""
    row_lists = via.exchange.get_each(*(Command(f"Get-{noun}") for noun in nouns))
    for noun, rows in zip(nouns, row_lists, strict=True):
        if len(rows) != 1:
            raise BadAnswer(f"Get-{noun} returned {len(rows)} objects, not 1")
    return {noun: rows[0] for noun, rows in zip(nouns, row_lists, strict=True)}


PEOPLE_RELEASE = ("DefaultFullAccessPolicy", "DefaultFullAccessWithNotificationPolicy")
"""Quarantine policies that let people release their own messages."""

NESTING = GroupNesting.TRANSITIVE
"""Rules that apply a policy also match members of nested groups, as mail rules do.

Follows https://learn.microsoft.com/defender-office-365/how-policies-and-protections-are-combined
"""
_CONDITIONS = ("From", "FromMemberOf", "SenderDomainIs", "SentTo", "SentToMemberOf", "RecipientDomainIs")
_PRESET, _CUSTOM, _DEFAULT = range(3)


@dataclass(frozen=True, slots=True)
class FilterPolicies(CmdletObjects):
    """Policies of a mail filter.

    `rules` is the noun of the cmdlets for the rules that decide whose mail a policy filters.
    """

    rules: str = ""
    presets: bool = False  # Microsoft's preset security policies contain one of these policies
    preset_rules: str = "EOPProtectionPolicyRule"

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Read all policies of the filter, and the rules that apply them, in one request."""
        policies, *rules = via.exchange.get_each(
            Command(f"Get-{self.noun}", self.reading), *map(Command, self.cmdlets_of_rules)
        )
        return selection.select_from(self.with_rules(policies, rules))

    @property
    def cmdlets_of_rules(self) -> Sequence[str]:
        return [f"Get-{noun}" for noun in (self.rules, *([self.preset_rules] if self.presets else []))]

    def with_rules(
        self, policies: Iterable[Body], rule_lists: Iterable[Sequence[Body]]
    ) -> Sequence[Remote | Unreadable]:
        """Return each policy together with the rules that apply it."""
        rules = [row for rows in rule_lists for row in rows]
        return [
            _add_rules(policy, [row for row in rules if plain_name(row.get(self.noun)) == plain_name(policy.name)])
            for policy in map(self._to_remote, policies)
        ]


def _add_rules(policy: Remote | Unreadable, rules: list[Body]) -> Remote | Unreadable:
    if isinstance(policy, Unreadable):
        return policy
    ranked = replace(policy, body={**policy.body, RULES: canonical_text(rules)})
    rank(ranked)  # raise the error for unreadable rules here
    return ranked


def rank(policy: Remote) -> Rank:
    """Return a filter policy's rank: presets first, then custom policies by their rules' priority, the default last."""
    if flag(policy.body.get("IsDefault"), missing=False):
        return Rank((_DEFAULT, 0))
    preset = policy.body.get("RecommendedPolicyType") in {"Standard", "Strict"}
    rules = mappings(json.loads(text(policy.body.get(RULES)) or "[]"))
    enabled = [rule for rule in rules if rule.get("State") == "Enabled"]
    if not enabled:
        reason = "the rule that applies the policy is off" if rules else "no rule applies the policy"
        return Rank(
            (_PRESET if preset else _CUSTOM, 0), nobody=f"{reason}, so the policy applies to no one", preset=preset
        )
    rule = enabled[0]
    return Rank((_PRESET if preset else _CUSTOM, _read_rule_priority(rule)), _describe_recipients(rule), preset=preset)


def _read_rule_priority(rule: Body) -> int:
    try:
        return int(str(rule.get("Priority") or 0))
    except ValueError as wrong:
        raise BadAnswer(f"a mail filter rule has a priority that is not a number: {wrong}") from wrong


def _describe_recipients(rule: Body) -> str:
    """Describe whose mail a rule covers. A rule without conditions covers everyone except its exceptions."""
    conditions = [f"{name} {', '.join(values)}" for name in _CONDITIONS if (values := texts(rule.get(name)))]
    exceptions = [
        f"{name} {', '.join(values)}" for name in _CONDITIONS if (values := texts(rule.get(f"ExceptIf{name}")))
    ]
    exception_text = f"except {', '.join(exceptions)}" if exceptions else ""
    return ", ".join(filter(None, [" and ".join(conditions), exception_text]))


READ_BY_ALL_READERS = global_reader("View-Only Configuration")
READ_BY_SECURITY_READERS = security_reader("View-Only Configuration")
HYGIENE: Final = "Transport Hygiene"
_PAGES: Final = "https://learn.microsoft.com/powershell/module/exchangepowershell"


def exchange_kind(
    noun: str, role: str, read: tuple[Permission, ...] = READ_BY_ALL_READERS, **declared: Any
) -> Kind[Microsoft365]:
    """Return a kind of organisation-wide objects that `Set-NOUN` changes.

    `role` is the Exchange role that the change needs.
    """
    common: dict[str, Any] = {
        "reference": f"{_PAGES}/set-{noun.lower()}",
        "permissions": Permissions(read=read, write=administrator(EXCHANGE, role)),
        "reach": Scale.TENANT,
        "settles": 10.0,
        "fixed": True,
        "logged": exchange_log_place(noun),
        "stops": ObjectEffects(area=EffectArea.MAIL),
    }
    return Kind(**{**common, **declared})


def filter_kind(
    endpoint: FilterPolicies,
    read: tuple[Permission, ...] = READ_BY_SECURITY_READERS,
    **declared: Any,
) -> Kind[Microsoft365]:
    """Return a kind of mail filter policies."""
    mail: MailSemantics[Microsoft365] = MailSemantics(rank=rank)
    return exchange_kind(endpoint.noun, HYGIENE, read, endpoint=endpoint, nesting=NESTING, mail=mail, **declared)
