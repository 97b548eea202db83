"""Find policies that override managed policies or reach no one. In these kinds, each person gets only one policy."""

from collections.abc import Collection, Sequence

from toolkit.planning.draft import AnyKind, Draft
from toolkit.planning.matching import Pair
from toolkit.planning.plan_details import Remark
from toolkit.planning.plan_states import NOTED, OVERRIDDEN, REFUSED
from toolkit.records import dataclass
from toolkit.sdk.mail_semantics import Rank
from toolkit.sdk.resource import Desired, Mode, Observed
from toolkit.values import Settings, effective, satisfied


@dataclass(frozen=True, slots=True)
class _RankedPolicy:
    """A policy, with the rank and the settings that it will have after the plan."""

    name: str
    rank: Rank
    settings: Settings
    desired: Desired | None  # None: in no playbook


def leave_out_presets(kind: AnyKind, pairs: Sequence[Pair], named_policies: Collection[str]) -> list[Pair]:
    """Return the policies without the vendor's preset policies. A preset policy that a playbook names is kept."""
    return [
        pair
        for pair in pairs
        if pair.desired.address.name.casefold() in named_policies
        or not (pair.observed and is_preset(kind, pair.observed))
    ]


def is_preset(kind: AnyKind, observed: Observed) -> bool:
    """Return whether a policy is the vendor's preset policy, which cannot be changed."""
    return bool(kind.mail.rank and kind.mail.rank(observed.remote).preset)


def check_ranks(draft: Draft, kind: AnyKind, pairs: Sequence[Pair], named_policies: Collection[str]) -> None:
    """Add rows to the draft plan about policies that override managed policies, and about managed policies that reach
    no one. A policy that reaches no one is a finding if a playbook asks for it by name, and otherwise only a note.
    """
    if kind.mail.rank is None:
        return
    refused = {refusal.address for refusal in draft.select(REFUSED)}
    ours = [
        _policy_after_plan(pair.desired, pair.observed, kind.mail.rank(pair.observed.remote), refused)
        for pair in pairs
        if pair.observed
    ]
    others = [
        _RankedPolicy(observed.remote.name, kind.mail.rank(observed.remote), observed.settings, None)
        for observed in draft.unmanaged
    ]
    for policy in ours:
        assert policy.desired is not None
        address = policy.desired.address
        if policy.rank.nobody:
            is_asked_for = address.name.casefold() in named_policies and not policy.rank.preset
            draft.add(OVERRIDDEN if is_asked_for else NOTED, Remark(address, "", policy.rank.nobody))
            continue
        for first in sorted([*ours, *others], key=lambda policy_ahead: policy_ahead.rank.place):
            if first.rank.place < policy.rank.place and not first.rank.nobody:
                _add_outranked(draft, first, policy.desired)


def _policy_after_plan(
    desired: Desired, observed: Observed, rank: Rank, refused_addresses: Collection[object]
) -> _RankedPolicy:
    before = observed.settings
    desired_values = {path: effective(value, before.get(path)) for path, value in desired.settings.items()}
    written = desired.mode is Mode.ENFORCE and desired.address not in refused_addresses
    return _RankedPolicy(observed.remote.name, rank, {**before, **(desired_values if written else {})}, desired)


def _add_outranked(draft: Draft, stronger_policy: _RankedPolicy, weaker_policy: Desired) -> None:
    settings = stronger_policy.settings
    differing = [
        path
        for path, desired_value in weaker_policy.settings.items()
        if not satisfied(desired_value, settings.get(path))
    ]
    if not differing:
        return
    whom = (
        f"to the people in its own rule ({stronger_policy.rank.audience})"
        if stronger_policy.rank.audience
        else "to everyone"
    )
    how = f"its {', '.join(differing)} differs, and applies {whom}"
    if stronger_policy.desired is None:
        draft.add(
            OVERRIDDEN,
            Remark(weaker_policy.address, stronger_policy.name, how, whole=not stronger_policy.rank.audience),
        )
    else:
        text = f"comes first ({stronger_policy.desired.origin}): {how}"
        draft.add(
            NOTED,
            Remark(
                weaker_policy.address,
                stronger_policy.desired.address.display_text,
                text,
                whole=not stronger_policy.rank.audience,
            ),
        )
