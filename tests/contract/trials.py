"""All that somebody's hand can do to an object that the sample playbooks manage, and what a run has to say of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.cases import CASES, Edit, Stored, laid_over
from tests.contract.hands import Spot, Way, of_actions, of_assignments, of_lists, of_mark, of_name, of_setting
from tests.contract.sampled import Managed, Steps, at, key_in, mark, paths
from toolkit.sdk.providers import kinds
from toolkit.values import AtLeast


@dataclass(frozen=True)
class Trial:
    """One edit of something managed, and what a run has to say of it."""

    one: Managed
    told: str
    bodies: Stored  # the objects that are edited, as they are then; nothing in place of one that is deleted
    shows: frozenset[str] | None  # the settings that are drift; None where the whole object is missing or misplaced
    action: str = "update"
    way: Way | None = None
    after: Sequence[str] = ()  # the names of what differs with it

    @property
    def refused(self) -> bool:
        """Say whether putting it right would keep less evidence, which is never a run's to do."""
        return self.told == "keep_days: one more"

    def __str__(self) -> str:
        return f"{self.one} {self.told}"

    @property
    def kind(self) -> str:
        return self.one.kind

    @property
    def read_only(self) -> bool:
        provider, _, kind = self.one.kind.partition(".")
        return kinds(provider)[kind].read_only

    @property
    def seen(self) -> tuple[int, list[tuple[str, str, list[str] | None]]]:
        """Say what drift is to give."""
        if self.shows is not None and not self.shows:
            return 0, []
        if self.refused:
            return 3, [(self.one.name, "refused", None)]
        found = [(self.one.name, self.action, None if self.shows is None else sorted(self.shows))]
        after: list[tuple[str, str, list[str] | None]] = [
            (name, "update", None if self.shows is None else ["condition"]) for name in self.after
        ]
        return 3, [*found, *after]


def trials_of(one: Managed, stored: Stored) -> Iterator[Trial]:
    """Give all that can be done to an object."""
    collection, key = one.place
    for setting, (where, path) in paths(one.kind).items():
        if setting in one.wanted and path not in FIXED and one.kind.partition(".")[2] not in AS_IN_CASES:
            inside, of = key_in(one, where, stored), stored[where]
            for way in of_setting(
                of[inside], Spot(one.kind, setting, path, one.wanted[setting]), _others(one.kind, path)
            ):
                if way.told.endswith(": gone") and _is_inherited(of, inside, path):
                    continue
                yield Trial(one, way.told, {where: {inside: way.body}}, way.shows, way=way)
    for way in _ways(one, stored[collection][key], stored):
        after = _rules_of(one, stored) if "name" in way.shows else ()
        yield Trial(one, way.told, {collection: {key: way.body}}, way.shows, way=way, after=after)
    yield from _as_in_cases(one, stored)
    yield from _whole(one, stored)


def _is_inherited(policies: Mapping[str, Any], key: str, path: Steps) -> bool:
    """Say whether Google's own policy of the same type has the same value: a unit without one of its own has that."""
    mine = policies[key]
    return any(
        policy.get("type") == "SYSTEM"
        and policy["setting"]["type"] == mine["setting"]["type"]
        and at(policy, path) == at(mine, path)
        for policy in policies.values()
        if isinstance(policy.get("setting"), Mapping)
    )


def _others(kind: str, path: Steps) -> Sequence[Any]:
    """List what the cases put at a place."""
    found = [at(edit.wire, path) for case in CASES if case.kind == kind for edit in case.all_edits]
    return [one for number, one in enumerate(found) if one not in found[:number]]


def _ways(one: Managed, body: Mapping[str, Any], stored: Stored) -> Iterator[Way]:
    """Change what has no place of its own."""
    yield from of_assignments(body, one.wanted, [*stored["groups"]])
    yield from of_actions(body, one.wanted)
    if one.kind.endswith(".browser_url_policy"):
        yield from of_lists(body, one.wanted)
    if path := mark(one.kind):
        yield from of_mark(body, path, one.wanted)
    if one.kind in MADE and one.kind not in NEVER_RENAMED:
        yield from of_name(body)


def _rules_of(one: Managed, stored: Stored) -> Sequence[str]:
    """Name the rules that look for a detector: they read otherwise when it is gone or called otherwise."""
    if one.kind != "google_workspace.detector":
        return ()
    collection, key = one.place
    rows = (row for other, row in stored[collection].items() if other != key and f"policies/{key}" in json.dumps(row))
    return sorted(row["setting"]["value"]["displayName"] for row in rows)


NEVER_RENAMED = (
    "microsoft365.report_submission",
    "microsoft365.retention_policy",
    "microsoft365.safe_attachment_policy",
    "microsoft365.web_idle_timeout",
)
"""Kinds whose objects nobody can rename, or whatever they are called are the one that there is."""


FIXED = (("policyQuery", "orgUnit"),)
"""What Google keeps as it was made: to be elsewhere a policy is made anew, which nobody does with an edit."""

AS_IN_CASES = (
    "automatic_reply", "chromebook_label", "consent_setting", "dkim_signing", "domain_allowlist", "exchange_setting",
    "files_protection", "forwarding", "group_footer", "group_members", "group_posting", "list_moderation",
    "member_restriction", "message_encryption", "report_submission", "sharing_setting", "signature", "vacation",
)  # fmt: skip
"""Kinds of what people, groups, devices and the tenant itself have, edited as their cases do it."""

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
"""Kinds of objects that toolkit makes, so that they can be deleted and renamed."""


def _as_in_cases(one: Managed, stored: Stored) -> Iterator[Trial]:
    if one.kind.partition(".")[2] not in AS_IN_CASES:
        return
    for case in CASES:
        of_the_same = all(case.settings.get(name) == one.wanted.get(name) for name in ("status", "remove"))
        if case.kind == one.kind and case.stored == one.place[0] and of_the_same:
            for edit in case.all_edits:
                where, key = edit.stored or case.stored, edit.key.format(owner=one.place[1]) or one.place[1]
                of = stored.get(where, {})
                if edit.key and "{" not in edit.key and key not in of:
                    continue  # it is of an object that the case alone has
                changed = {where: {key: laid_over(of.get(key, {}), edit.wire)}}
                if changed[where][key] == of.get(key):
                    continue
                theirs = _theirs(edit) or (one.kind.endswith(".group_members") and _at_least(one, edit))
                shows = frozenset() if theirs else frozenset(edit.shows)
                if shows <= one.wanted.keys():
                    yield Trial(one, f"{edit.setting}: {edit.wire}", changed, shows)


def _at_least(one: Managed, edit: Edit) -> bool:
    """Say whether more than what is asked for may stand there."""
    return isinstance(one.wanted.get(edit.setting), AtLeast)


def _theirs(edit: Edit) -> bool:
    """Say whether somebody makes the reply that toolkit set their own: turns it off, or says it in their words."""
    off = edit.wire in OFF
    return off or (edit.setting in {"internal", "external", "text", "subject"} and bool(edit.wire.keys() & REPLIES))


OFF = ({"enableAutoReply": False}, {"automaticRepliesSetting": {"status": "disabled"}})
REPLIES = {"automaticRepliesSetting", "responseBodyPlainText", "responseBodyHtml", "responseSubject"}


_OF_ALL = ("BLOCK_ALL_APPS",)
"""What Google sets where no one sets anything: a unit whose own value is deleted has this one all the same."""


def _whole(one: Managed, stored: Stored) -> Iterator[Trial]:
    """Delete an object, with what belongs to it, or put it first."""
    collection, key = one.place
    gone: dict[str, Mapping[str, Any]] = {collection: {key: {}}}
    if one.kind.endswith(".retention_policy"):
        gone["compliance.retentionRules"] = {key_in(one, "compliance.retentionRules", stored): {}}
    if one.kind in MADE:
        yield Trial(one, "deleted", gone, None, action="create", after=_rules_of(one, stored))
    if one.kind.endswith(".chrome_policy"):
        yield Trial(one, "deleted", gone, frozenset(name for name, value in one.wanted.items() if value not in _OF_ALL))
    if one.kind.endswith(".transport_rule") and one.name not in FIRST:
        yield Trial(one, "moved to the top", {collection: {key: stored[collection][key]}}, None, action="move")


FIRST = ("School disclaimer", "School attachments: executable content")
"""Rules that stand first of ours: one stays so at the top, and of the two either may be what is said to have moved."""
