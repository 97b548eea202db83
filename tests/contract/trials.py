"""The edits by hand that are tried on each object of the sample playbooks, and the expected drift report."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.cases import CASES, Edit, Stored, laid_over
from tests.contract.hands import (
    HandEdit,
    SettingPlace,
    action_edits,
    assignment_edits,
    list_edits,
    mark_edits,
    name_edits,
    setting_edits,
)
from tests.contract.sampled import Managed, Steps, at, key_in, mark, paths
from toolkit.sdk.providers import kinds
from toolkit.values import AtLeast


@dataclass(frozen=True)
class Trial:
    """One edit of a managed object, and the expected drift report."""

    managed: Managed
    description: str
    bodies: Stored  # the edited objects after the edit, with an empty body for a deleted object
    shows: frozenset[str] | None  # the settings in the drift report; None if the object is missing or out of order
    action: str = "update"
    way: HandEdit | None = None
    after: Sequence[str] = ()  # the names of objects that differ because of the edit

    @property
    def refused(self) -> bool:
        """Return whether the repair would keep less evidence, which a run never does."""
        return self.description == "keep_days: one more"

    def __str__(self) -> str:
        return f"{self.managed} {self.description}"

    @property
    def kind(self) -> str:
        return self.managed.kind

    @property
    def read_only(self) -> bool:
        provider, _, kind = self.managed.kind.partition(".")
        return kinds(provider)[kind].read_only

    @property
    def expected_drift(self) -> tuple[int, list[tuple[str, str, list[str] | None]]]:
        """Return the exit code and the entries that drift must report."""
        if self.shows is not None and not self.shows:
            return 0, []
        if self.refused:
            return 3, [(self.managed.name, "refused", None)]
        entries = [(self.managed.name, self.action, None if self.shows is None else sorted(self.shows))]
        after: list[tuple[str, str, list[str] | None]] = [
            (name, "update", None if self.shows is None else ["condition"]) for name in self.after
        ]
        return 3, [*entries, *after]


def trials_of(managed: Managed, stored: Stored) -> Iterator[Trial]:
    """Yield every edit that is tried on a managed object."""
    collection, key = managed.place
    for setting, (where, path) in paths(managed.kind).items():
        if setting in managed.desired and path not in FIXED and managed.kind.partition(".")[2] not in AS_IN_CASES:
            inside, of = key_in(managed, where, stored), stored[where]
            for way in setting_edits(
                of[inside],
                SettingPlace(managed.kind, setting, path, managed.desired[setting]),
                _values_in_cases(managed.kind, path),
            ):
                if way.description.endswith(": gone") and _is_inherited(of, inside, path):
                    continue
                yield Trial(managed, way.description, {where: {inside: way.body}}, way.shows, way=way)
    for way in _other_edits(managed, stored[collection][key], stored):
        after = _rules_of(managed, stored) if "name" in way.shows else ()
        yield Trial(managed, way.description, {collection: {key: way.body}}, way.shows, way=way, after=after)
    yield from _as_in_cases(managed, stored)
    yield from _whole(managed, stored)


def _is_inherited(policies: Mapping[str, Any], key: str, path: Steps) -> bool:
    """Return whether Google's own policy of the type, which a unit inherits, has the same value."""
    mine = policies[key]
    return any(
        policy.get("type") == "SYSTEM"
        and policy["setting"]["type"] == mine["setting"]["type"]
        and at(policy, path) == at(mine, path)
        for policy in policies.values()
        if isinstance(policy.get("setting"), Mapping)
    )


def _values_in_cases(kind: str, path: Steps) -> Sequence[Any]:
    """Return the values that the cases put at a path."""
    values = [at(edit.wire, path) for case in CASES if case.kind == kind for edit in case.all_edits]
    return [value for number, value in enumerate(values) if value not in values[:number]]


def _other_edits(managed: Managed, body: Mapping[str, Any], stored: Stored) -> Iterator[HandEdit]:
    """Yield edits of everything that does not have a path of its own."""
    yield from assignment_edits(body, managed.desired, [*stored["groups"]])
    yield from action_edits(body, managed.desired)
    if managed.kind.endswith(".browser_url_policy"):
        yield from list_edits(body, managed.desired)
    if path := mark(managed.kind):
        yield from mark_edits(body, path, managed.desired)
    if managed.kind in MADE and managed.kind not in NEVER_RENAMED:
        yield from name_edits(body)


def _rules_of(managed: Managed, stored: Stored) -> Sequence[str]:
    """Return the rules that use a detector. They also differ if it is deleted or renamed."""
    if managed.kind != "google_workspace.detector":
        return ()
    collection, key = managed.place
    rows = (row for other, row in stored[collection].items() if other != key and f"policies/{key}" in json.dumps(row))
    return sorted(row["setting"]["value"]["displayName"] for row in rows)


NEVER_RENAMED = (
    "microsoft365.report_submission",
    "microsoft365.retention_policy",
    "microsoft365.safe_attachment_policy",
    "microsoft365.web_idle_timeout",
)
"""Kinds whose objects cannot be renamed, or are recognised under any name because there is only one."""


FIXED = (("policyQuery", "orgUnit"),)
"""Properties that Google never changes. A policy for another unit is a new policy, which an edit cannot make."""

AS_IN_CASES = (
    "automatic_reply", "chromebook_label", "consent_setting", "dkim_signing", "domain_allowlist", "exchange_setting",
    "files_protection", "forwarding", "group_footer", "group_members", "group_posting", "list_moderation",
    "member_restriction", "message_encryption", "report_submission", "sharing_setting", "signature", "vacation",
)  # fmt: skip
"""Kinds whose objects belong to people, groups, devices or the tenant itself. They are edited as in their cases."""

MADE = {case.kind for case in CASES} - {
    "google_workspace.chrome_policy",
    "google_workspace.domain_allowlist",
    "google_workspace.policy_setting",
    "microsoft365.anti_phish_policy",
    "microsoft365.compliance_settings",
    "microsoft365.conditional_access_policy",
    "microsoft365.dkim_signing",
    "microsoft365.connection_filter",
    "microsoft365.content_filter_policy",
    "microsoft365.consent_setting",
    "microsoft365.exchange_setting",
    "microsoft365.external_in_outlook",
    "microsoft365.files_protection",
    "microsoft365.malware_filter_policy",
    "microsoft365.managed_app_removal",
    "microsoft365.message_encryption",
    "microsoft365.outbound_spam_policy",
    "microsoft365.owa_mailbox_policy",
    "microsoft365.password_expiry",
    "microsoft365.remote_domain",
    "microsoft365.security_defaults",
    "microsoft365.sharing_policy",
    "microsoft365.sharing_setting",
    *(f"{provider}.{kind}" for provider in ("google_workspace", "microsoft365") for kind in AS_IN_CASES),
}
"""Kinds whose objects toolkit creates, so that they can be deleted and renamed."""


def _as_in_cases(managed: Managed, stored: Stored) -> Iterator[Trial]:
    if managed.kind.partition(".")[2] not in AS_IN_CASES:
        return
    for case in CASES:
        of_the_same = all(case.settings.get(name) == managed.desired.get(name) for name in ("status", "remove"))
        if case.kind == managed.kind and case.stored == managed.place[0] and of_the_same:
            for edit in case.all_edits:
                where, key = edit.stored or case.stored, edit.key.format(owner=managed.place[1]) or managed.place[1]
                of = stored.get(where, {})
                if edit.key and "{" not in edit.key and key not in of:
                    continue  # it edits an object that only the case has
                changed = {where: {key: laid_over(of.get(key, {}), edit.wire)}}
                if changed[where][key] == of.get(key):
                    continue
                may_have_more = managed.kind.endswith(".group_members") and _at_least(managed, edit)
                theirs = _makes_reply_personal(edit) or may_have_more
                shows = frozenset() if theirs else frozenset(edit.shows)
                if shows <= managed.desired.keys():
                    yield Trial(managed, f"{edit.setting}: {edit.wire}", changed, shows)


def _at_least(managed: Managed, edit: Edit) -> bool:
    """Return whether the setting may have more entries than the playbook asks for."""
    return isinstance(managed.desired.get(edit.setting), AtLeast)


def _makes_reply_personal(edit: Edit) -> bool:
    """Return whether the edit turns a reply off or changes its text, which makes it the person's own."""
    off = edit.wire in OFF
    return off or (edit.setting in {"internal", "external", "text", "subject"} and bool(edit.wire.keys() & REPLIES))


OFF = ({"enableAutoReply": False}, {"automaticRepliesSetting": {"status": "disabled"}})
REPLIES = {"automaticRepliesSetting", "responseBodyPlainText", "responseBodyHtml", "responseSubject"}


_OF_ALL = ("BLOCK_ALL_APPS",)
"""Values that Google uses by default. A unit has the same value after its own is deleted."""


def _whole(managed: Managed, stored: Stored) -> Iterator[Trial]:
    """Yield the edits of a whole object: delete it with everything that belongs to it, or move it to the top."""
    collection, key = managed.place
    gone: dict[str, Mapping[str, Any]] = {collection: {key: {}}}
    if managed.kind.endswith(".retention_policy"):
        gone["compliance.retentionRules"] = {key_in(managed, "compliance.retentionRules", stored): {}}
    if managed.kind in MADE:
        yield Trial(managed, "deleted", gone, None, action="create", after=_rules_of(managed, stored))
    if managed.kind.endswith(".chrome_policy"):
        yield Trial(
            managed, "deleted", gone, frozenset(name for name, value in managed.desired.items() if value not in _OF_ALL)
        )
    if managed.kind.endswith(".transport_rule") and managed.name not in FIRST:
        yield Trial(managed, "moved to the top", {collection: {key: stored[collection][key]}}, None, action="move")


FIRST = ("School disclaimer", "School attachments: executable content")
"""Our first rules. One of them is already at the top, and drift may report either of them as moved."""
