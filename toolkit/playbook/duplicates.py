"""Finds what is said twice: one object, one control or one short name in two places."""

from collections.abc import Iterable, Sequence

from toolkit.errors import Problem
from toolkit.playbook.entries import Playbook, ResourceEntry
from toolkit.sdk.address import EVERY
from toolkit.sdk.resource import Origin


def doubled(playbooks: Sequence[Playbook]) -> Iterable[Problem]:
    """Give a problem for each second place, naming the first."""
    resources = [resource for playbook in playbooks for resource in playbook.resources]
    yield from _second([(p.slug, f"`playbook: {p.slug}`", Origin(p.path, 1)) for p in playbooks])
    yield from _second([(_identity(r), str(r.address), r.origin) for r in resources])
    yield from _second(
        [
            (f"{control.name} {control.settings.audience}", f"{control.name} for the same people", control.origin)
            for playbook in playbooks
            for control in playbook.controls
        ]
    )
    yield from _renamed(resources)


def _identity(resource: ResourceEntry) -> str:
    """Names that differ in letter case alone are one to most services, and a mistake to all readers."""
    return str(resource.address).casefold()


def _second(said: Iterable[tuple[str, str, Origin]]) -> Iterable[Problem]:
    first: dict[str, Origin] = {}
    for identity, what, origin in said:
        if identity in first:
            yield Problem(origin.path, origin.line, f"{what} stands twice, first at {first[identity]}")
        else:
            first[identity] = origin


def _renamed(resources: Sequence[ResourceEntry]) -> Iterable[Problem]:
    named = {str(resource.address): resource.origin for resource in resources}
    for resource in resources:
        before = f"{resource.provider}.{resource.kind}[{resource.renamed_from}]"
        if resource.renamed_from is not None and before in named:
            message = f"`renamed_from` names {before}, which {named[before]} still wants"
            yield Problem(resource.origin.path, resource.origin.line, message)
        if resource.name == EVERY and (resource.renamed_from or resource.handling.adopt):
            message = "an entry for all (*) can neither be renamed nor adopt one"
            yield Problem(resource.origin.path, resource.origin.line, message)
