"""Rules of Cloud Identity that restrict who can become a member of a group, even if an administrator adds them.

Follows https://cloud.google.com/identity/docs/reference/rest/v1/SecuritySettings
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.groups import check_name
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import ServiceError
from toolkit.sdk import (
    Desired,
    Doubt,
    Effect,
    EffectArea,
    FixedObjects,
    Form,
    Kind,
    Lifecycle,
    NamedOnly,
    NameRules,
    ObjectEffects,
    Permissions,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Targets,
    Unreadable,
    declare,
    declare_effects,
    mapping,
    text,
    text_in,
)
from toolkit.values import Body, Json, Value

_QUERY = "query"
TERMS: Mapping[str, str] = {"school": "member.customer_id == groupCustomerId()", "people": "member.type == 1"}
_SIGNS = re.compile(r"(?:(?<!\s)\s++)?(==|&&|\|\|)\s*+")
_AND, _OR = " && ", " || "
_BROKEN = frozenset({"NON_COMPLIANT", "FORWARD_COMPLIANT"})


def _normalise_rule(value: Json) -> Value:
    """Return a rule in the form for comparison, with one space around each operator."""
    return None if value is None else _SIGNS.sub(r" \1 ", text_in(value)).strip() or None


def _check_terms(value: str | None) -> str | None:
    for term in re.split(r"&&|\|\|", value or "") if value is not None else ():
        if _normalise_rule(term) not in TERMS.values():
            allowed_terms = " or ".join(f"`{allowed_term}`" for allowed_term in TERMS.values())
            raise ValueError(f"{term.strip()!r} is not supported. Write {allowed_terms}, joined only by && or ||")
    return value


def _excludes_more_people(before: Value, after: Value) -> bool:
    """Return whether a change of the rule excludes people who can join at present."""
    terms_before = {*str(before or "").split(_AND)}
    terms = str(after).split(_AND) if after else ()
    return any(term not in terms_before and terms_before.isdisjoint(term.split(_OR)) for term in terms)


class MemberRestriction(Spec):
    """The rule for who can become a member of a group. It does not remove existing members."""

    effects = declare_effects(
        {"rule": Effect("some people can no longer join the [group|groups] {name}", _excludes_more_people)}
    )

    rule: Annotated[
        str | None, AfterValidator(_check_terms), Setting(Form("rule of members", _normalise_rule), wire=_QUERY)
    ] = declare(
        "Gives the rule: only the school's own accounts, only people, or both. null removes the rule.",
        " && ".join(TERMS.values()),
    )


class _RuledGroups(FixedObjects):
    """Reads and changes the membership rules of the groups that playbooks name by address."""

    none_created = "there is no group {name}, and toolkit does not create groups"
    none_deleted = "toolkit does not delete the group {name}"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterator[Remote | Unreadable]:
        restrictions = via.member_rules.read_rules(sorted(selection.names) if isinstance(selection, NamedOnly) else [])
        for name, (key, restriction) in restrictions.items():
            if isinstance(restriction, ServiceError):
                yield Unreadable(name, name, str(restriction))
            else:
                yield Remote(key, name, {_QUERY: restriction.get(_QUERY)})

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.member_rules.put(remote.id, text(body[_QUERY]))


def _doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    for name, why in via.member_rules.read_only_reasons([group.address.name for group in desired]).items():
        yield Doubt(name, "rule", why)


def _find_rule_breaches(
    via: GoogleWorkspace, desired: Sequence[Desired], _deleted_ids: Collection[str]
) -> Iterator[Doubt]:
    """Yield a remark for each group with members who break the group's present rule. A rule removes no one."""
    for name, (_, restriction) in via.member_rules.read_rules([group.address.name for group in desired]).items():
        if isinstance(restriction, ServiceError):
            raise restriction
        if text(mapping(restriction.get("evaluation")).get("state")) in _BROKEN:
            why = "some members break the rule and stay in the group. Check the members, and the nested groups"
            yield Doubt(name, "rule", why, is_remark=True)


KIND: Kind[GoogleWorkspace] = Kind(
    name="member_restriction",
    title="rule of who can be a member",
    plural="groups",
    spec=MemberRestriction,
    endpoint=_RuledGroups(),
    reference="https://cloud.google.com/identity/docs/reference/rest/v1/SecuritySettings",
    permissions=Permissions(
        read=needs("directory.groups.get", "cloudidentity.groups.getSecuritySettings"),
        write=needs("cloudidentity.groups.updateSecuritySettings"),
    ),
    settles=30.0,
    reach=Scale.GROUP,
    targets=lambda _name, _settings: Targets(),  # members of the group stay
    whole=False,
    fixed=True,
    logged=ADMIN,
    sample="""\
- google_workspace.member_restriction: dsl@example-primary.example
  rule: member.customer_id == groupCustomerId() && member.type == 1
""",
    doubts=_doubts,
    conflicts=_find_rule_breaches,
    names=NameRules(check=check_name, identifies=True),
    lifecycle=Lifecycle(withdrawn=lambda _: {"rule": None}),
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
