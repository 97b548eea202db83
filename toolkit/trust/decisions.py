"""Refuse entries of a school's folder that the trust decides."""

from collections.abc import Iterator, Sequence

from toolkit.controls.control import Stricter
from toolkit.errors import Problem
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.trust.model import Trust


def is_of_tenant(entry: ControlEntry) -> bool:
    """Return whether a control is for the whole tenant and not for people, so that no school has its own."""
    return not entry.settings.audience or entry.settings.is_tenant_wide


def matching_entries(
    base: Sequence[Playbook], own: Sequence[Playbook]
) -> Iterator[tuple[ControlEntry, ControlEntry | None]]:
    """Yield each of a school's own entries, with the trust's entry that it replaces, or None."""
    for entry in (entry for playbook in own for entry in playbook.controls):
        same = [other for playbook in base for other in playbook.controls if other.name == entry.name]
        exact = [other for other in same if other.settings.audience == entry.settings.audience]
        replaced = exact or (same if len(same) == 1 else [])
        yield entry, replaced[0] if replaced else None


def find_refused_entries(
    trust: Trust, school: str, base: Sequence[Playbook], own: Playbooks | None
) -> Iterator[Problem]:
    """Yield a problem for each entry of a school's folder that the trust decides, with the lines of both."""
    for resource in (resource for playbook in (own.playbooks if own else ()) for resource in playbook.resources):
        text = f"the folder of {school} can have controls, but not resources: move this one into the trust's `base`"
        yield Problem(resource.origin.path, resource.origin.line, text)
    for entry, replaced in matching_entries(base, own.playbooks if own else ()):
        if is_of_tenant(entry):
            place = f" ({replaced.origin})" if replaced else ""
            text = (
                f"{entry.name} is a setting of the whole tenant, which the trust sets{place}. Delete {school}'s entry"
            )
            yield Problem(entry.origin.path, entry.origin.line, text)
            continue
        if entry.name in trust.decided_by_school:
            continue
        if entry.name in trust.may_tighten and replaced:
            yield from _loosened_settings(entry, replaced, school)
            continue
        at = replaced.origin if replaced else trust.origin
        text = (
            f"{school} asks for {entry.name}, which the trust decides ({at}). Delete the entry, record an exception, "
            f"or ask the trust to add it to `decides`"
        )
        yield Problem(entry.origin.path, entry.origin.line, text)


_KEYS = frozenset({"audience", "pilot", "asked"})  # for whom and since when, which have no order


def _loosened_settings(entry: ControlEntry, base: ControlEntry, school: str) -> Iterator[Problem]:
    """Yield a problem for each setting that differs from the trust's and is not stricter."""
    for name, field in type(entry.settings).model_fields.items():
        own, given = getattr(entry.settings, name), getattr(base.settings, name)
        if own == given or name in _KEYS:
            continue
        order = next((note for note in field.metadata if isinstance(note, Stricter)), None)
        if order and order.is_stricter(own, given):
            continue
        key = field.alias or name
        how = f"{order} is stricter" if order else "it has no order, so no value is stricter"
        text = f"{school} may only tighten {entry.name}, and `{key}` differs from the trust's ({base.origin}): {how}"
        yield Problem(entry.origin.path, entry.lines.get(key, entry.origin.line), text)
