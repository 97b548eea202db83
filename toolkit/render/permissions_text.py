"""Render the permissions that playbooks need, as JSON and as text that can be pasted."""

from collections.abc import Iterator, Sequence

from toolkit.engine.doctor.required_permissions import HOLD, NeededPermissions
from toolkit.messages import one_of
from toolkit.planning.needs import PermissionNeed, PermissionReason
from toolkit.render.line import FORMAT, Line, Tone, row, rows
from toolkit.render.values_text import count_text
from toolkit.school.school import School
from toolkit.sdk.connector import Identity
from toolkit.sdk.permission import Permission, Sort
from toolkit.sdk.providers import providers
from toolkit.values import Body

_MOST = 3  # reasons of a permission that are shown with file and line
_NOTHING_ENFORCED = (
    "No control is enforced here yet, so this identity has nothing to write. Set `mode: enforce` for one first"
)
_READS_FIRST = "It reads everything before it writes, so it also needs the permissions of controls in mode check."
_CHANGED = "who changed "
_ALSO_WRITES = (
    "it can also write, because no narrower permission exists, but toolkit blocks all writes by this identity"
)
_MEMBER_WRITES = (
    "it reads only as a member of the role group {group}, which can also write, but toolkit blocks every write by "
    "this identity"
)


def permissions_lines(school: School, identities: Sequence[NeededPermissions]) -> Iterator[Line]:
    """Yield lines about the permissions that each identity needs on each cloud, the reasons, and how to grant
    the permissions.
    """
    yield Line(f"{school.name}: the permissions that these playbooks need", Tone.HEADING)
    for needed in identities:
        yield Line()
        yield Line(f"{providers()[needed.provider].title}, {needed.identity} identity", Tone.HEADING)
        if needed.identity is Identity.READ:
            yield _write_summary([need.permission for need in needed.needs])
        if needed.nothing_enforced:
            yield Line(f"  {_NOTHING_ENFORCED}", Tone.WARNING)
        elif needed.identity is Identity.WRITE:
            yield Line(f"  {_READS_FIRST}", Tone.QUIET)
        for sort in Sort:
            yield from _permission_lines(
                sort, [need for need in needed.needs if need.permission.sort is sort], needed.identity
            )
        yield Line("  How to grant them:")
        for number, step in enumerate(needed.steps, start=1):
            yield Line(f"    {number}. {step.text}")
            yield from (Line(f"       {pasted}") for pasted in step.paste)
        for command, more in needed.command_permissions.items():
            yield Line(f"  Also for `{command}`: {'; '.join(map(str, more))}", Tone.QUIET)


def _permission_lines(sort: Sort, needs: Sequence[PermissionNeed], identity: Identity | None) -> Iterator[Line]:
    if not needs:
        return
    yield Line(f"  {sort.capitalize()}s")
    for need in needs:
        yield Line(f"    {need.permission}", Tone.ADDED)
        yield Line(f"      for {_reasons_text(need.reasons)}", Tone.QUIET)
        if need.permission.writes and identity is Identity.READ:
            member = need.permission.membership
            yield Line(f"      {_MEMBER_WRITES.format(group=member) if member else _ALSO_WRITES}", Tone.WARNING)


def _write_summary(permissions: Sequence[Permission]) -> Line:
    """Return a sentence about permissions that allow the reading identity to write, because the service offers
    no smaller permission.
    """
    names = [permission.name.rpartition("/")[2] for permission in permissions if permission.writes]
    if not names:
        return Line("  None of these permissions can write.")
    them = "it" if len(names) == 1 else "them"
    text = f"  {one_of(names, 'and')} can also write. Only the controls named below need {them}."
    return Line(text, Tone.WARNING)


def _reasons_text(reasons: Sequence[PermissionReason]) -> str:
    """Return the reasons for a permission as text.

    The first reasons have a file and line, and the other reasons only a name.
    """
    by_what: dict[str, PermissionReason] = {}
    for reason in reasons:
        by_what.setdefault(reason.what, reason)
    shown = [f"{reason.what} ({reason.origin})" for reason in list(by_what.values())[:_MOST]]
    others = [name for name in list(by_what)[_MOST:] if not name.startswith(_CHANGED)]
    changed = [name for name in list(by_what)[_MOST:] if name.startswith(_CHANGED)]
    text = "; ".join([*shown, *([f"also {', '.join(others)}"] if others else [])])
    return text + (f"; {_CHANGED}{count_text(len(changed), 'more object')}" if changed else "")


def permissions_json(school: School, identities: Sequence[NeededPermissions]) -> Body:
    """Return the permissions that the playbooks need as JSON, with every reason."""
    return {
        "format": FORMAT,
        "school": school.name,
        "identities": [
            {
                "provider": needed.provider,
                "identity": str(needed.identity),
                "permissions": [_permission_json(need) for need in needed.needs],
                "steps": [{**row(step, "text", "paste"), "in": step.place} for step in needed.steps],
                "holds": [str(more) for more in needed.command_permissions.get(HOLD, ())],
                "besides": {
                    command: [_permission_columns(more) for more in some]
                    for command, some in needed.command_permissions.items()
                },
            }
            for needed in identities
        ],
    }


def _permission_json(need: PermissionNeed) -> Body:
    return {
        **_permission_columns(need.permission),
        "reasons": rows(need.reasons, "what", "path=origin.path", "line=origin.line"),
    }


def _permission_columns(permission: Permission) -> Body:
    return {
        **row(permission, "name", "sort", "of?", "writes", "membership?"),
        "instead": rows(permission.instead, "service", "role"),
    }
