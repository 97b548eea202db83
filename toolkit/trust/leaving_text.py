"""Render the plan for a school that leaves a trust as text and JSON."""

from collections.abc import Iterator, Sequence

from toolkit.messages import one_of
from toolkit.render.line import FORMAT, Line, Tone, row, rows, to_body
from toolkit.render.values_text import count_text
from toolkit.trust.leaving import LeavePlan, LeavingTenant
from toolkit.values import Body

_SHOWN = 12


def leave_plan_lines(plan: LeavePlan) -> Iterator[Line]:
    """Yield the plan for a school that leaves, for a person."""
    text = f"{plan.name} ({plan.school}) leaves the trust. Nothing was read from a tenant or changed."
    yield Line(text, Tone.HEADING)
    for tenant in plan.tenants:
        yield Line()
        yield from _tenant_lines(plan, tenant)
    yield Line()
    yield Line(f"Open exceptions of {plan.school}:" if plan.exceptions else f"{plan.school} has no open exception.")
    yield from (Line(f"  {text}") for text in plan.exceptions)
    yield Line()
    yield Line("With the trust stay:", Tone.HEADING)
    yield from (Line(f"  {what}: {whom}") for what, whom in plan.stays)
    yield Line()
    yield Line("Steps:", Tone.HEADING)
    yield from (Line(f"  {number}. {step}") for number, step in enumerate(plan.steps, 1))


def _tenant_lines(plan: LeavePlan, tenant: LeavingTenant) -> Iterator[Line]:
    stay = "stays" if len(tenant.other_schools) == 1 else "stay"
    others = f"{one_of(tenant.other_schools, 'and')} {stay}" if tenant.other_schools else "no other school"
    yield Line(f"Tenant {tenant.tenant} ({others}):", Tone.HEADING)
    own, shared = tenant.own_objects, tenant.shared_objects
    yield from _object_lines(f"only for {plan.school}: stays until someone runs apply with --prune", own)
    yield from _object_lines(f"shared: the groups of {plan.school} are taken out, the rest stays", shared)
    yield from _object_lines("keeps evidence: stays", tenant.evidence)
    yield Line(f"  {count_text(tenant.by_trust, 'object')} of the whole tenant: the trust sets and keeps them")


def _object_lines(title: str, names: Sequence[str]) -> Iterator[Line]:
    if not names:
        return
    yield Line(f"  {count_text(len(names), 'object')} {title}")
    yield from (Line(f"    {name}", Tone.QUIET) for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        yield Line(f"    and {len(names) - _SHOWN} more (--json lists them)", Tone.QUIET)


def leave_plan_answer(plan: LeavePlan) -> Body:
    """Return the plan for a school that leaves as JSON."""
    return to_body(
        {
            "format": FORMAT,
            **row(plan, "school", "name", "exceptions", "steps"),
            "tenants": rows(
                plan.tenants,
                "tenant",
                "own=own_objects",
                "shared=shared_objects",
                "by_trust",
                "evidence",
                "others=other_schools",
            ),
            "stays": list(plan.stays_with()),
        }
    )
