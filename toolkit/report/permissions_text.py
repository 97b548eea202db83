"""Which permissions playbooks need, as an admin reads it and pastes it, and as JSON."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.planning.needs import Need, Reason
from toolkit.report.answer import FORMAT
from toolkit.report.line import Line, Tone
from toolkit.running.needed import Needed
from toolkit.tenant.connector import Identity
from toolkit.tenant.permission import Permission, Permissions, Sort, least
from toolkit.tenant.providers import providers
from toolkit.tenant.school import School
from toolkit.values import Body

_MOST = 3  # reasons of a permission that are shown
_ALSO_WRITES = "it can write as well, since nothing narrower exists; toolkit's own guard keeps this identity from it"


def permissions_lines(school: School, found: Sequence[Needed], holds: Mapping[str, Permissions]) -> Iterator[Line]:
    """Show each identity on each cloud: what it needs, what for, and how it is given."""
    yield Line(f"{school.name}: what these playbooks need, and nothing more", Tone.HEADING)
    for one in found:
        yield Line()
        yield Line(f"{providers()[one.provider].title}, {one.identity} identity", Tone.HEADING)
        for sort in Sort:
            yield from _of_sort(sort, [need for need in one.needs if need.permission.sort is sort], one.identity)
        yield Line("  How to give it:")
        for number, step in enumerate(one.steps, start=1):
            yield Line(f"    {number}. {step.text}")
            yield from (Line(f"       {pasted}") for pasted in step.paste)
        if more := _besides(holds.get(one.provider, Permissions()), one):
            yield Line(f"  For `toolkit hold`, besides: {'; '.join(map(str, more))}", Tone.QUIET)


def _of_sort(sort: Sort, needs: Sequence[Need], identity: Identity) -> Iterator[Line]:
    if not needs:
        return
    yield Line(f"  {sort.capitalize()}s")
    for need in needs:
        yield Line(f"    {need.permission}", Tone.ADDED)
        yield Line(f"      for {_because(need.reasons)}", Tone.QUIET)
        if need.permission.writes and identity is Identity.READ:
            yield Line(f"      {_ALSO_WRITES}", Tone.WARNING)


def _because(reasons: Sequence[Reason]) -> str:
    by_what: dict[str, Reason] = {}
    for reason in reasons:
        by_what.setdefault(reason.what, reason)
    shown = [f"{one.what} ({one.origin})" for one in list(by_what.values())[:_MOST]]
    more = len(by_what) - len(shown)
    return "; ".join([*shown, *([f"and {more} more"] if more else [])])


def _besides(holds: Permissions, needed: Needed) -> list[Permission]:
    wanted = least((*holds.read, *holds.write) if needed.identity is Identity.WRITE else holds.read)
    parts = {part for one in needed.permissions for part in one.instead}
    return [
        one
        for one in wanted
        if not any(there.gives(one) for there in needed.permissions) or not parts.issuperset(one.instead)
    ]


def permissions_answer(school: School, found: Sequence[Needed], holds: Mapping[str, Permissions]) -> Body:
    """Give the same as JSON, with every reason."""
    return {
        "format": FORMAT,
        "school": school.name,
        "identities": [
            {
                "provider": one.provider,
                "identity": str(one.identity),
                "permissions": [_permission(need) for need in one.needs],
                "steps": [{"text": step.text, "paste": list(step.paste)} for step in one.steps],
                "holds": [str(more) for more in _besides(holds.get(one.provider, Permissions()), one)],
            }
            for one in found
        ],
    }


def _permission(need: Need) -> Body:
    one = need.permission
    return {
        "name": one.name,
        "sort": str(one.sort),
        "of": one.of or None,
        "instead": [{"service": part.service, "role": part.role} for part in one.instead],
        "writes": one.writes,
        "reasons": [
            {"what": reason.what, "path": reason.origin.path, "line": reason.origin.line} for reason in need.reasons
        ],
    }
