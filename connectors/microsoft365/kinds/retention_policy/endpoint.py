"""Reads and writes a retention policy together with its rule.

https://learn.microsoft.com/powershell/module/exchangepowershell/new-retentioncompliancepolicy
"""

from collections.abc import Iterable, Sequence

from connectors.microsoft365.kinds.retention_policy.places import EXCEPTIONS, LOCATIONS, PLACES
from connectors.microsoft365.kinds.retention_policy.policy import OF_RULE, RULE, compose_comment, mark_of, name_of
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound, Rejected
from toolkit.sdk import MANAGED_BY, ReadScope, Remote, Unreadable, mapping, text
from toolkit.values import Body, Json, Value, as_value, entries

SETTLES = 30.0
"""Seconds in which a read may not show our latest write yet. Microsoft publishes no value."""

_POLICY, _RULE = "RetentionCompliancePolicy", "RetentionComplianceRule"
_LOCK = "RestrictiveRetention"
_COMMENT = ("comment", "managed_by")
_LISTS = (*PLACES.values(), *EXCEPTIONS.values())


class RetentionPolicies:
    """The retention policies that keep or delete items after a period. Policies that publish labels are not read."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Return all policies with their rules. Two requests read them.

        Without the parameter DistributionDetail, the service does not return the locations of a policy.
        """
        rules = via.compliance.get(f"Get-{_RULE}")
        if not all(text(rule.get("Policy")) for rule in rules):
            raise BadAnswer(f"Get-{_RULE} returned a rule without a policy")
        policies = via.compliance.get(f"Get-{_POLICY}", {"DistributionDetail": True})
        return selection.select_from(remote for policy in policies if (remote := _join_policy_and_rule(policy, rules)))

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote | Unreadable:
        """Read one policy with its rule. Raise NotFound if it is deleted or being deleted."""
        policies = via.compliance.get(f"Get-{_POLICY}", {"Identity": identifier, "DistributionDetail": True})
        rules = via.compliance.get(f"Get-{_RULE}", {"Policy": identifier}) if policies else []
        for policy in policies:
            if policy.get("Guid") == identifier and (seen := _join_policy_and_rule(policy, rules)):
                return seen
        raise NotFound(f"Get-{_POLICY}: the policy {name!r} with the id {identifier} does not exist")

    def create(self, via: Microsoft365, name: str, body: Body) -> None:
        """Create the policy, then its rule, then lock the policy, because no one could unlock an incomplete policy."""
        if not any(body.get(wire) for wire in PLACES.values()):
            raise Rejected(f"{name!r} does not name a location. Write `mail: all`, `files: all` or another location")
        _check_period(name, body)
        policy: dict[str, Json] = {
            "Name": name,
            "Comment": compose_comment({"Name": name}, str(body.get("comment") or ""), name, _choose_mark(body)),
        }
        policy |= {key: value for key, value in body.items() if key == "Enabled" or key in _LISTS}
        via.compliance.create(f"New-{_POLICY}", policy, lambda: _find_policy(via, name), settles=SETTLES)
        _make_rule(via, name, name, body)
        _lock(via, name, body)

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:
        """Change the policy, then its rule, and lock the policy last. Create the rule if an interrupted run did not."""
        policy: dict[str, Json] = {"Enabled": body["Enabled"]} if "Enabled" in body else {}
        if name != remote.name or any(key in body for key in _COMMENT):
            words = str(body["comment"] or "") if "comment" in body else None
            policy["Comment"] = compose_comment(remote.body, words, name, _choose_mark(body, mark_of(remote.body)))
        for wire in _LISTS:
            if wire in body:
                policy |= _to_entry_changes(wire, remote.body.get(wire), body[wire])
        if policy:
            via.compliance.change(f"Set-{_POLICY}", {"Identity": remote.id, **policy})
        rule = {key: body[key] for key in OF_RULE if key in body}
        if rule and (guid := text(mapping(remote.body.get(RULE)).get("Guid"))):
            via.compliance.change(f"Set-{_RULE}", {"Identity": guid, **rule})
        elif rule:
            _check_period(name, body)
            _make_rule(via, remote.id, str(remote.body["Name"]), rule)
        _lock(via, remote.id, body)

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        """Delete a policy. Microsoft deletes the policy's rule as well."""
        via.compliance.delete(f"Remove-{_POLICY}", {"Identity": remote.id})


def _join_policy_and_rule(policy: Body, rules: Sequence[Body]) -> Remote | Unreadable | None:
    """Return a policy together with its rule, or None if the policy is being deleted or publishes labels."""
    guid, name = policy.get("Guid"), policy.get("Name")
    if not (guid and name):
        raise BadAnswer(f"Get-{_POLICY} returned a policy without a Guid or Name")
    own = [rule for rule in rules if rule.get("Policy") in (guid, name)]
    if policy.get("Mode") == "PendingDeletion" or any(_has_labels(rule) for rule in own):
        return None
    called = name_of(policy)
    if len(own) > 1:
        return Unreadable(
            str(guid), called, f"the policy has {len(own)} rules. toolkit supports only policies with one rule"
        )
    return Remote(text(guid), called, {**policy, RULE: own[0] if own else None})


def _choose_mark(body: Body, before: str | None = None) -> Value:
    """Return the value of `managed_by` to write: the desired value, else the present value, else "toolkit"."""
    return as_value(body["managed_by"]) if "managed_by" in body else before or MANAGED_BY


def _has_labels(rule: Body) -> bool:
    return bool(rule.get("PublishComplianceTag") or rule.get("ApplyComplianceTag"))


def _find_policy(via: Microsoft365, name: str) -> Body | None:
    rows = via.compliance.get(f"Get-{_POLICY}")
    return next((row for row in rows if str(row.get("Name")).casefold() == name.casefold()), None)


def _make_rule(via: Microsoft365, policy: str, name: str, body: Body) -> None:
    """Create the rule of a policy, with the policy's name. A policy without a rule keeps nothing."""

    def find_existing() -> Body | None:
        rows = via.compliance.get(f"Get-{_RULE}", {"Policy": policy})
        return rows[0] if rows else None

    settings = {key: body[key] for key in OF_RULE if body.get(key) is not None}
    via.compliance.create(f"New-{_RULE}", {"Policy": policy, "Name": name, **settings}, find_existing, settles=SETTLES)


def _lock(via: Microsoft365, policy: str, body: Body) -> None:
    if body.get(_LOCK):
        via.compliance.change(f"Set-{_POLICY}", {"Identity": policy, _LOCK: True})


def _check_period(name: str, body: Body) -> None:
    if not body.get("RetentionDuration"):
        raise Rejected(f"{name!r} has no period. Write `keep_days`, which has no default")


def _to_entry_changes(wire: str, before: Json, after: Json) -> Body:
    """Return the entries to add and to remove, because the service cannot replace a whole list."""
    present, desired = (set(entries(LOCATIONS.read(value))) for value in (before, after))
    changes = {f"Remove{wire}": present - desired, f"Add{wire}": desired - present}
    return {name: sorted(items) for name, items in changes.items() if items}
