"""Read files of apps and sites that a school adds to the catalogue."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from toolkit.catalogue.form import AppForm, MoreForm
from toolkit.catalogue.guard import NeededHost, find_blocked_host, needed_hosts, school_hosts, shared_hosts
from toolkit.catalogue.naming import Catalogue, builtin, extend_app, unknown_app_message
from toolkit.errors import Problem
from toolkit.messages import quoted
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import FileForm, Slug
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.resource import Origin
from toolkit.yaml.node import Source, Step, line_of


class AppsForm(FileForm):
    """A file of apps and sites that the school adds to the catalogue."""

    apps: Slug = Field(description="A short name, such as more-chat.")
    add: list[AppForm] | None = Field(default=None, description="Apps and sites that the catalogue does not have.")
    extend: list[MoreForm] | None = Field(
        default=None, description="Extra hosts, pages and app packages for apps that are in the catalogue."
    )


@dataclass(frozen=True, slots=True)
class _AppEntry:
    """An app in a school's file of apps, with the app's line."""

    form: MoreForm
    source: Source
    path: tuple[Step, ...]

    def origin(self, *below: Step) -> Origin:
        return self.source.origin(line_of(self.source.root, (*self.path, *below), otherwise=self.source.root.line))

    def problem(self, message: str, *below: Step) -> Problem:
        return self.source.problem(self.origin(*below).line, message)


def read_apps(sources: Iterable[Source], school: School | None, problems: list[Problem]) -> Catalogue:
    """Return the catalogue with the apps of all files.

    Invalid entries are left out, and their problems are added to `problems`.
    """
    forms = [
        (source, form)
        for source in sources
        if (form := read_form(AppsForm, source, "the file of apps", problems)) is not None
    ]
    added = [
        _AppEntry(entry, source, ("add", place)) for source, form in forms for place, entry in enumerate(form.add or [])
    ]
    more = [
        _AppEntry(entry, source, ("extend", place))
        for source, form in forms
        for place, entry in enumerate(form.extend or [])
    ]
    catalogue = builtin()
    for written in added:
        catalogue = _add_app(written, catalogue, added, problems)
    for written in more:
        catalogue = _extend_app(written, catalogue, problems)
    problems += [
        problem for written in (*added, *more) for problem in _needed_host_problems(written, school, catalogue)
    ]
    return catalogue


def _add_app(
    written: _AppEntry, catalogue: Catalogue, entries: Sequence[_AppEntry], problems: list[Problem]
) -> Catalogue:
    name = written.form.name
    if name in builtin().apps:
        problems.append(written.problem(f"{quoted(name)} is already in the catalogue. Put it under `extend:`", "name"))
        return catalogue
    if name in catalogue.apps:
        first = next(entry for entry in entries if entry.form.name == name).origin("name")
        problems.append(written.problem(f"{quoted(name)} is added twice, first at {first}", "name"))
        return catalogue
    problems += _duplicate_problems(written, catalogue)
    return catalogue.with_apps([written.form.app()]) if isinstance(written.form, AppForm) else catalogue


def _extend_app(written: _AppEntry, catalogue: Catalogue, problems: list[Problem]) -> Catalogue:
    app = catalogue.apps.get(written.form.name)
    if app is None:
        problems.append(written.problem(unknown_app_message(written.form.name, catalogue), "name"))
        return catalogue
    problems += _duplicate_problems(written, catalogue)
    return catalogue.with_apps([extend_app(app, written.form)])


def _duplicate_problems(written: _AppEntry, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield a problem for each host, page or package that is in the catalogue already, or twice in the entry."""
    for part, values in written.form.parts().items():
        for position, value in enumerate(values):
            owner = catalogue.owner(part, value)
            shown = getattr(value, "bundle", value)
            if owner is not None:
                yield written.problem(f"{quoted(shown)} is already in {owner.name}. Delete it", part, position)
            elif value in values[:position]:
                yield written.problem(f"{quoted(shown)} is written twice. Delete it", part, position)


def _needed_host_problems(written: _AppEntry, school: School | None, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield a problem for each blocked host or page that a service that the school needs uses it."""
    needs = (*needed_hosts(), *(school_hosts(school.domains, school.website) if school else ()))
    host_needs = (*needs, *shared_hosts(catalogue))
    yield from _problems_of_part(written, "domains", written.form.domains, host_needs)
    yield from _problems_of_part(written, "pages", written.form.pages, needs)


def _problems_of_part(
    written: _AppEntry, part: str, entries: Sequence[str], needs: tuple[NeededHost, ...]
) -> Iterator[Problem]:
    for position, entry in enumerate(entries):
        if need := find_blocked_host(entry, needs):
            message = f"{quoted(entry)} would block {need}. Name only the app's own hosts and pages"
            yield written.problem(message, part, position)
