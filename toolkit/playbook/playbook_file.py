"""Read a playbook file with its controls and resources, and find duplicates among playbooks."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from toolkit.catalogue.naming import Catalogue
from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted, sentence
from toolkit.playbook.absences import find_absences
from toolkit.playbook.controls import read_controls
from toolkit.playbook.decisions import Decisions
from toolkit.playbook.entries import ControlEntry, Playbook, ResourceEntry, WaitingControl
from toolkit.playbook.error_messages import SettingsPlace, problems_of, read_form
from toolkit.playbook.playbook_schema import PlaybookForm, ResourceWords
from toolkit.playbook.text import Texts
from toolkit.playbook.vocabulary import Reading, Vocabulary, contradiction
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind, Renaming
from toolkit.sdk.resource import EVERY, Handling, Mode, Origin
from toolkit.yaml.node import Items, MappingItem, MappingNode, Node, Scalar, Source, plain_table

RESERVED = tuple(ResourceWords.model_fields)
_LONGEST_NAME = 256
_FORM = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")


def read_resources(items: Items, reading: Reading) -> Iterator[ResourceEntry]:
    """Yield the resources in a list. Entries with problems are reported and left out."""
    for node in items.nodes:
        match node:
            case MappingNode(entries={**entries}) if entries:
                written, first = next(iter(entries.items()))
                provider_kind = reading.vocabulary.kind(written)
                if provider_kind is None and (broken := reading.vocabulary.find_broken_module(written)):
                    reading.add_problem(first.line, f"{quoted(written)} cannot be used. {broken}")
                elif provider_kind is None:
                    reading.add_problem(first.line, _unknown_kind_error(written, entries, reading))
                elif (entry := _read_resource(provider_kind, first, node, reading)) is not None:
                    yield entry
            case _:
                message = "a resource begins with its kind and name, such as `microsoft365.transport_rule: NAME`"
                reading.add_problem(node.line, message)


def _unknown_kind_error(written: str, entries: Mapping[str, MappingItem], reading: Reading) -> str:
    kinds = reading.vocabulary.kind_names()
    if later := next((key for key in entries if key in kinds), None):
        return f"the first key of a resource must be its kind. Put {quoted(later)} before {quoted(written)}"
    if written in reading.vocabulary.controls:
        return f"{quoted(written)} is a control. Put it under `controls:`"
    if not _FORM.fullmatch(written):
        return (
            f"{quoted(written)} is not a kind. The first key must be a kind, such as `microsoft365.transport_rule: "
            "NAME`"
        )
    return f"unknown kind {quoted(written)}{did_you_mean(written, kinds)}"


def _read_resource(
    provider_kind: tuple[str, Kind[Connection]], first: MappingItem, node: MappingNode, reading: Reading
) -> ResourceEntry | None:
    provider, kind = provider_kind
    before = len(reading.problems)
    if reading.school is not None and provider not in reading.school.tenants:
        reading.add_problem(first.line, f"{reading.school.origin.path} does not have a tenant of {provider}")
    name = _read_name(kind, f"{provider}.{kind.name}", first, reading)
    entries = list(node.entries.items())[1:]
    settings = MappingNode(first.line, {key: entry for key, entry in entries if key not in RESERVED})
    words = _read_words(MappingNode(first.line, {key: entry for key, entry in entries if key in RESERVED}), reading)
    _check_settings(provider_kind, settings, reading)
    if name is not None:
        _check_belonging(kind, name, settings, reading)
    if words is not None and (wrong := contradiction(words)):
        reading.add_problem(first.line, wrong)
    if words is not None and words.renamed_from is not None and words.renamed_from == name:
        reading.add_problem(
            node.entries["renamed_from"].line, "`renamed_from` is the same as the current name. Delete the line"
        )
    if words is not None and kind.renaming is Renaming.NEVER and name != EVERY:
        for word, other in (("renamed_from", words.renamed_from), ("adopt", words.adopt)):
            if other not in {None, name}:
                about = (
                    f"the name of a {provider}.{kind.name} identifies its object, so an entry cannot take over an "
                    "object with another name"
                )
                reading.add_problem(node.entries[word].line, f"`{word}`: {about}: delete the line")
    if name is None or words is None or len(reading.problems) > before:
        return None
    return ResourceEntry(
        provider=provider,
        kind=kind.name,
        name=name,
        written=plain_table(settings),
        lines={**settings.nested_key_lines(), **settings.lines()},
        origin=reading.source.origin(first.line),
        mode=words.mode or reading.mode,
        handling=Handling(adopt=words.adopt, beside=words.beside, leave=words.leave, ours=words.ours),
        renamed_from=words.renamed_from,
        playbook=reading.slug,
        unmanaged_properties=words.unmanaged_properties,
    )


def _read_name(kind: Kind[Connection], of_kind: str, first: MappingItem, reading: Reading) -> str | None:
    written = first.node.value if isinstance(first.node, Scalar) else ""
    if kind.names.only is not None and written in {None, kind.names.only}:
        return kind.names.only
    if wrong := _name_error(kind, of_kind, first.node):
        reading.add_problem(first.line, wrong)
        return None
    return str(written)


def _name_error(kind: Kind[Connection], of_kind: str, node: Node) -> str | None:
    if kind.names.only is not None:
        return f"a tenant has only one {of_kind}. Leave its name out"
    match node:
        case Scalar(value=None | ""):
            return f"{of_kind} needs a name: `{of_kind}: NAME`"
        case Scalar(value=str() as name):
            return _name_text_error(kind, of_kind, name)
        case Scalar():
            return "a name must be text. Put it in quotes"
        case _:
            return f"write the name after the colon, `{of_kind}: NAME`, and settings below it, not indented further"


def _name_text_error(kind: Kind[Connection], of_kind: str, name: str) -> str | None:
    if name == EVERY and kind.per_person:
        return f"{of_kind} cannot be managed for everyone (*). Use a control with `for: everyone`"
    if name == EVERY and not kind.fixed:
        return f"{of_kind} cannot be managed for all objects (*). Write an entry for each object"
    if name != name.strip() or not name.isprintable():
        return "a name is one line of text, without spaces around it"
    if len(name) > _LONGEST_NAME:
        return f"a name can have at most {_LONGEST_NAME} characters"
    return None


def _read_words(table: MappingNode, reading: Reading) -> ResourceWords | None:
    try:
        return ResourceWords.model_validate(plain_table(table))
    except ValidationError as error:
        place = SettingsPlace(source=reading.source, table=table, line=table.line, subject="it", model=ResourceWords)
        reading.problems.extend(problems_of(error, place))
        return None


def _check_settings(provider_kind: tuple[str, Kind[Connection]], table: MappingNode, reading: Reading) -> None:
    provider, kind = provider_kind
    try:
        kind.spec.desired(plain_table(table))
    except ValidationError as error:
        place = SettingsPlace(
            source=reading.source,
            table=table,
            line=table.line,
            subject=f"{provider}.{kind.name}",
            model=kind.spec,
            also=RESERVED,
        )
        reading.problems.extend(problems_of(error, place))
    except (ValueError, ArithmeticError) as error:
        _report_unreadable_settings(kind, table, reading, error)


def _check_belonging(kind: Kind[Connection], name: str, table: MappingNode, reading: Reading) -> None:
    """Report each setting that the object with this name does not have, although its kind has the setting."""
    for key, entry in table.entries.items():
        if key in kind.spec.table() and (wrong := kind.names.check_setting(name, key)):
            reading.add_problem(entry.line, wrong)


def _report_unreadable_settings(
    kind: Kind[Connection], table: MappingNode, reading: Reading, error: ValueError | ArithmeticError
) -> None:
    """Report each setting whose value is invalid, or the whole table if only the combination of values is invalid."""
    alone = [(key, wrong) for key, entry in table.entries.items() if (wrong := _value_error(kind, key, entry))]
    for key, wrong in alone:
        reading.add_problem(table.entries[key].line, f"{quoted(key)}: {wrong}")
    if not alone:
        reading.add_problem(table.line, sentence(error))


def _value_error(kind: Kind[Connection], key: str, entry: MappingItem) -> str | None:
    try:
        kind.spec.desired(plain_table(MappingNode(entry.line, {key: entry})))
    except ValidationError:  # the setting is valid only together with others, which are present
        return None
    except (ValueError, ArithmeticError) as error:
        return sentence(error)
    return None


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
    """Read as much of a playbook as possible, and add its problems to `problems`.

    Return None if its top-level keys are invalid.
    """
    form = read_form(PlaybookForm, source, "the playbook", problems)
    by_default = school.mode if school else Mode.CHECK
    reading = Reading(
        source=source,
        slug=form.playbook if form else "",
        mode=(form.mode if form else None) or by_default,
        school=school,
        vocabulary=vocabulary,
        read_text=texts.create_reader(source.file),
        find_absences=lambda written: find_absences(written, folder=source.file.parent, root=texts.root),
        apps=apps,
        decisions=decisions,
        clauses=tuple(form.clauses or ()) if form else (),
        problems=problems,
    )
    controls = tuple(read_controls(_items_under(source, "controls"), reading))
    resources = tuple(read_resources(_items_under(source, "resources"), reading))
    if form is None:
        return None
    return Playbook(
        slug=form.playbook,
        title=form.title or form.playbook.replace("-", " ").capitalize(),
        owner=form.owner,
        clauses=tuple(form.clauses or ()),
        mode=reading.mode,
        path=source.path,
        controls=tuple(entry for entry in controls if isinstance(entry, ControlEntry)),
        resources=resources,
        waiting=tuple(entry for entry in controls if isinstance(entry, WaitingControl)),
        open_choices=tuple(reading.open_choices),
    )


def _items_under(source: Source, key: str) -> Items:
    """Return the list under a key of the file, or an empty list if there is no list under the key."""
    entry = source.root.entries.get(key)
    return entry.node if entry and isinstance(entry.node, Items) else Items(source.root.line, ())


def duplicate_problems(playbooks: Sequence[Playbook]) -> Iterable[Problem]:
    """Yield a problem for each entry that an earlier entry repeats. The message has the place of the earlier entry."""
    resources = [resource for playbook in playbooks for resource in playbook.resources]
    yield from _problems_of_duplicates([(p.slug, f"`playbook: {p.slug}`", Origin(p.path, 1)) for p in playbooks])
    yield from _problems_of_duplicates([(_case_insensitive_address(r), str(r.address), r.origin) for r in resources])
    yield from _problems_of_duplicates(
        [
            (control.identity, f"{control.name} for the same people", control.origin)
            for playbook in playbooks
            for control in playbook.controls
        ]
    )
    yield from _rename_problems(resources)


def _case_insensitive_address(resource: ResourceEntry) -> str:
    """Return a key for finding duplicates: the address in lower case, because most services ignore case in names."""
    return str(resource.address).casefold()


def _problems_of_duplicates(entries: Iterable[tuple[Hashable, str, Origin]]) -> Iterable[Problem]:
    first: dict[Hashable, Origin] = {}
    for identity, title, origin in entries:
        if identity in first:
            yield Problem(origin.path, origin.line, f"{title} is also at {first[identity]}. Keep one of them")
        else:
            first[identity] = origin


def _rename_problems(resources: Sequence[ResourceEntry]) -> Iterable[Problem]:
    named = {str(resource.address): resource.origin for resource in resources}
    for resource in resources:
        before = f"{resource.provider}.{resource.kind}[{resource.renamed_from}]"
        if resource.renamed_from is not None and before in named:
            message = f"`renamed_from` names {before}, which {named[before]} still uses"
            yield Problem(resource.origin.path, resource.origin.line, message)
        if resource.name == EVERY and (resource.renamed_from or resource.handling.adopt):
            message = "an entry for all (*) can neither be renamed nor adopt an object"
            yield Problem(resource.origin.path, resource.origin.line, message)
