"""Data protection rules, which Google calls DLP rules."""

import re
from collections.abc import Iterator, Sequence

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.detectors import RULES, Detectors, condition_of, references
from connectors.google_workspace.kinds.dlp_rule import actions, condition
from connectors.google_workspace.kinds.dlp_rule.rule import TRIGGER, DlpRule
from connectors.google_workspace.marked_policies import (
    NESTING,
    SETTLES,
    MarkedPolicies,
    check_name,
    reaches,
    unit_doubts,
)
from connectors.google_workspace.ownership_marker import is_ours
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.units import ROOT
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import (
    Desired,
    Doubt,
    EffectArea,
    Harmless,
    Jobs,
    Kind,
    Lifecycle,
    MailSemantics,
    NameRules,
    ObjectEffects,
    Observed,
    Permissions,
    Presupposition,
    Scale,
    listed,
    mapping,
    text,
)
from toolkit.values import Body, Json, Settings, entries

_WATCHED = ("gmail_action", "drive_action", "chat_action", "chrome_action")
"""Apps in which a rule can block, and can also only record."""

_PIECES = re.compile(r"'(?:\\.|[^'\\])*+(?:'|\\?\Z)|\"(?:\\.|[^\"\\])*+(?:\"|\\?\Z)|&&|\|\||[()]", re.DOTALL)


def jobs(settings: Settings) -> Iterator[str]:
    """Yield a word for each trigger of a rule with its condition. Rules with the same words are look-alikes."""
    yield from (f"look_for: {occasion} {settings.get('condition')}" for occasion in entries(settings.get("triggers")))


def _have_overlapping_units(observed: Settings, desired: Settings) -> bool:
    """Return whether the units of two rules overlap. A rule for a group may apply to anyone in any unit."""
    observed_unit, desired_unit = (
        f"{str(settings.get('unit') or ROOT).rstrip('/')}/" for settings in (observed, desired)
    )
    return (
        not (observed_unit.startswith("/") and desired_unit.startswith("/"))
        or observed_unit.startswith(desired_unit)
        or desired_unit.startswith(observed_unit)
    )


def start_in_audit_mode(settings: Settings) -> Settings:
    """Return the settings with which a new rule begins. It records messages instead of blocking them."""
    return {**settings, **{action: "audit" for action in _WATCHED if settings.get(action) == "block"}}


def describe_promotion(observed: Observed, settings: Settings) -> str | None:
    """Return a notice if a rule that only recorded messages will begin to block or warn, otherwise None."""
    acting = [
        action
        for action in _WATCHED
        if observed.settings.get(action) == "audit" and settings.get(action) in {"block", "warn"}
    ]
    return f"begins to act, after only recording ({', '.join(acting)} audit)" if acting else None


def could_block_mail_of(settings: Settings, protected: Sequence[str]) -> tuple[str, ...]:
    """Return the protected addresses whose mail a rule could block. The condition of the rule can exempt an address."""
    if settings.get("gmail_action") != "block" or settings.get("state") == "INACTIVE":
        return ()
    exempt = {
        address for term in _split_terms(str(settings.get("condition") or "")) for address in _find_exempt_address(term)
    }
    return tuple(address for address in protected if address.lower() not in exempt)


def _split_terms(condition: str) -> Iterator[str]:
    """Yield the terms of a condition that must all match. If terms are joined by "or", yield the whole condition."""
    depth, start, ends = 0, 0, []
    for piece in _PIECES.finditer(condition):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if depth == 0 and piece[0] == "||":
            yield condition
            return
        if depth == 0 and piece[0] == "&&":
            ends.append((start, piece.start()))
            start = piece.end()
    yield from (condition[first:last] for first, last in [*ends, (start, len(condition))])


def _find_exempt_address(term: str) -> Iterator[str]:
    """Yield the address that a term exempts, for example in `!all_headers.contains('head@school.example')`."""
    if match := re.fullmatch(r"\s*!\s*all_headers\.contains\(\s*(['\"])(?P<address>[^'\"\s]+)\1\s*\)\s*", term):
        yield match["address"].lower()


class RuleValues:
    """Converts a rule's settings to the value of a policy, and back.

    Google requires the complete value for every change.
    """

    types = RULES

    def type_of(self, settings: Body) -> str:  # noqa: ARG002 - rules are of one type
        return "rule.dlp"

    def put(self, via: GoogleWorkspace, value: Body, settings: Body) -> Body:
        """Return the value of a rule with the given settings. Names of detectors become ids.

        Raise Rejected if a detector does not exist.
        """
        changed: dict[str, Json] = dict(value)
        if "state" in settings:
            changed["state"] = settings["state"]
        if "triggers" in settings:
            changed["triggers"] = [TRIGGER + str(trigger) for trigger in listed(settings["triggers"])]
        if "condition" in settings:
            wire = condition.on_the_wire(via, text(settings["condition"]))
            changed["condition"] = {**mapping(value.get("condition")), "contentCondition": wire}
        changed["action"] = actions.put_actions(mapping(value.get("action")), settings)
        return actions.put_alert(changed, settings)

    def related_values(self, via: GoogleWorkspace, policy: Body) -> Body:
        """Return the names of the detectors to which a rule's condition refers."""
        written = condition_of(policy)
        return {"detectors": Detectors(via).names_in(written)} if list(references(written)) else {}

    def check_move(self, via: GoogleWorkspace, policy: Body) -> None:
        """Allow every move to another unit, because nothing refers to a rule."""


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield doubts about missing units, missing detectors, and rules without a severity, which Google rejects."""
    for rule in desired:
        if rule.settings.get("alert_severity", "LOW") is None:
            reason = "Google requires a severity. Write LOW, MEDIUM or HIGH"
            yield Doubt(rule.address.name, "alert_severity", reason)
    yield from unit_doubts(via, desired)
    yield from condition.doubts(via, desired)


KIND: Kind[GoogleWorkspace] = Kind(
    name="dlp_rule",
    title="data protection rule",
    plural="data protection rules",
    spec=DlpRule,
    endpoint=MarkedPolicies(RuleValues()),
    reference="https://cloud.google.com/identity/docs/concepts/overview-policies",
    permissions=Permissions(
        read=needs("cloudidentity.policies.list", "directory.orgunits.list"),
        write=needs("cloudidentity.policies.create"),
    ),
    settles=SETTLES,
    logged=ADMIN,
    sample="""\
- google_workspace.dlp_rule: Safeguarding words leaving by mail
  unit: /Staff
  triggers: [gmail.email.v1.send]
  condition: "all_content.matches_word_list('Safeguarding words', {minimum_match_count: 1})"
  gmail_action: warn
  gmail_external: true
  alert: true
  alert_recipients: [super_admins]
""",
    reach=Scale.UNIT,
    targets=reaches,
    nesting=NESTING,
    is_ours=is_ours,
    jobs=Jobs(
        names=frozenset({"look_for"}),
        of=jobs,
        same=_have_overlapping_units,
        works=lambda settings: settings.get("state") != "INACTIVE",
    ),
    doubts=doubts,
    names=NameRules(check=check_name),
    lifecycle=Lifecycle(
        refers_to=("detector",),
        presupposes=(
            Presupposition(
                setting="condition",
                kinds=("detector",),
                names=condition.detector_names,
                consequence="Google rejects the rule, because a detector is missing",
            ),
        ),
        cautious=start_in_audit_mode,
        promotion=describe_promotion,
    ),
    mail=MailSemantics(holds_up=could_block_mail_of),
    stops=ObjectEffects(
        area=EffectArea.MAIL, deleted=Harmless.RELAXES, acts=lambda settings: settings.get("state") != "INACTIVE"
    ),
)
