"""What a plan leaves where it is although no playbook speaks of it: ours until somebody prunes, and others'."""

from collections.abc import Iterator, Sequence

from toolkit.planning.plan import Plan
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted
from toolkit.sdk.resource import Observed


def left_alone(plan: Plan, *, named: bool = False) -> Iterator[Line]:
    """Name ours that no playbook asks for, and count what others made by its kind; name that too where asked."""
    if plan.leftover:
        yield Line()
        verb = "it" if len(plan.leftover) == 1 else "them"
        text = f"{len(plan.leftover)} of ours not in the playbooks: --prune would delete {verb}, or give back what was"
        yield Line(f"{text} there before", Tone.WARNING)
        yield from (Line(f"  {one.address.told}", Tone.WARNING) for one in plan.leftover)
    if plan.dropped:
        yield Line()
        settings = counted(len(plan.dropped), "setting")
        text = f"{settings} of ours that no playbook asks for any more: --prune would put back what was there before"
        yield Line(text, Tone.WARNING)
        for one in plan.dropped:
            stays = f" stays: {one.stays}" if one.stays else ""
            yield Line(f"  {one.address.told}: {one.path}{stays}", Tone.WARNING)
    if plan.unmanaged:
        yield Line()
        yield Line(f"Not ours and left alone: {', '.join(_counts(plan.unmanaged))}", Tone.QUIET)
        if named:
            yield from (Line(f"  {one.address}", Tone.QUIET) for one in plan.unmanaged)


def _counts(objects: Sequence[Observed]) -> Iterator[str]:
    for kind in dict.fromkeys(one.address.of_kind for one in objects):
        yield counted(sum(one.address.of_kind == kind for one in objects), kind, kind)
