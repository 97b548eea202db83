"""One playbook file: its head, its controls, its resources, and what two of them repeat."""

from collections.abc import Iterable, Sequence

from toolkit.catalogue.catalogue import Catalogue
from toolkit.errors import Problem
from toolkit.playbook.absences import find_absences
from toolkit.playbook.controls import read_controls
from toolkit.playbook.decisions import Decisions
from toolkit.playbook.entries import ControlEntry, Playbook, ResourceEntry, WaitingControl
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import PlaybookForm
from toolkit.playbook.resources import read_resources
from toolkit.playbook.text import Texts
from toolkit.playbook.vocabulary import Reading, Vocabulary
from toolkit.sdk.address import EVERY
from toolkit.sdk.resource import Mode, Origin
from toolkit.sdk.school import School
from toolkit.yaml.node import Items, Source


def read_playbook(
    source: Source,
    school: School | None,
    vocabulary: Vocabulary,
    texts: Texts,
    *,
    apps: Catalogue,
    decisions: Decisions,
    problems: list[Problem],
) -> Playbook | None:
    """Read a playbook as far as it can be; what is wrong goes to the problems, none where its head is wrong."""
    form = read_form(PlaybookForm, source, "the playbook", problems)
    by_default = school.mode if school else Mode.CHECK
    reading = Reading(
        source=source,
        slug=form.playbook if form else "",
        mode=(form.mode if form else None) or by_default,
        school=school,
        vocabulary=vocabulary,
        read_text=texts.beside(source.file),
        find_absences=lambda written: find_absences(written, folder=source.file.parent, root=texts.root),
        apps=apps,
        decisions=decisions,
        clauses=tuple(form.clauses or ()) if form else (),
        problems=problems,
    )
    controls = tuple(read_controls(_items(source, "controls"), reading))
    resources = tuple(read_resources(_items(source, "resources"), reading))
    if form is None:
        return None
    return Playbook(
        slug=form.playbook,
        title=form.title or form.playbook.replace("-", " ").capitalize(),
        owner=form.owner,
        clauses=tuple(form.clauses or ()),
        mode=reading.mode,
        path=source.path,
        controls=tuple(one for one in controls if isinstance(one, ControlEntry)),
        resources=resources,
        waiting=tuple(one for one in controls if isinstance(one, WaitingControl)),
        open_choices=tuple(reading.open_choices),
    )


def _items(source: Source, key: str) -> Items:
    """Give a list of the file, an empty one where it is missing or, as the form says, no list."""
    entry = source.root.entries.get(key)
    return entry.node if entry and isinstance(entry.node, Items) else Items(source.root.line, ())


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
            yield Problem(origin.path, origin.line, f"{what} is there twice, first at {first[identity]}: keep one")
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
