"""Load and validate a directory of playbooks, and report all problems at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from toolkit.catalogue.naming import Catalogue
from toolkit.errors import PlaybookError, Problem, UsageError
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.apps import read_apps
from toolkit.playbook.attestations import Attestation, Trial, overlap_problems, read_attestations, unused_entry_warnings
from toolkit.playbook.canaries import read_canaries
from toolkit.playbook.checklists import read_checklists
from toolkit.playbook.decisions import Decisions, read_decisions
from toolkit.playbook.entries import Acceptance, Departure, Playbook, Playbooks
from toolkit.playbook.exceptions import duplicate_departures, read_acceptances, read_departures, read_exceptions
from toolkit.playbook.file_format import earlier_keys, refuse_newer, rename_earlier_keys
from toolkit.playbook.files import SCHOOL_FILE, Files, digest_of_files, find_files, is_trust
from toolkit.playbook.playbook_file import duplicate_problems, read_playbook
from toolkit.playbook.policy import read_policy, unknown_clauses
from toolkit.playbook.registers import read_registers
from toolkit.playbook.school import read_school
from toolkit.playbook.school_domains import foreign_domains
from toolkit.playbook.text import Texts
from toolkit.playbook.vocabulary import Vocabulary, installed_vocabulary
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.yaml.node import Source
from toolkit.yaml.source import read_source

PLAYBOOK = "playbook"
SCHOOL = "school"
ATTESTATIONS = "attestations"
APPS = "apps"
EXCEPTIONS = "exceptions"
DECISIONS = "decisions"
POLICY = "policy"
REGISTERS = "registers"
CHECKLISTS = "checklists"
CANARIES = "canaries"
OTHERS = ("reporting",)
_Entry = TypeVar("_Entry", Attestation, Trial)
FIRST_KEYS = (
    PLAYBOOK, SCHOOL, ATTESTATIONS, APPS, EXCEPTIONS, DECISIONS, POLICY, REGISTERS, CHECKLISTS, CANARIES, *OTHERS
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Folder:
    """The parsed files of a directory by first key, with the problems found so far."""

    vocabulary: Vocabulary
    files: Files
    written: Sequence[Source]
    sources: Sequence[Source]  # with the current names of keys
    by_first_key: Mapping[str, Sequence[Source]]
    school: School | None
    problems: list[Problem]

    @classmethod
    def open(cls, path: Path, vocabulary: Vocabulary, school: School | None = None) -> "_Folder":
        if school is None:
            _refuse_trust(path)
        files, problems = find_files(path), list[Problem]()
        written = list(_read_sources(files, problems))
        sources = list(_replace_renamed_keys(written, vocabulary, problems))
        by_first_key: defaultdict[str, list[Source]] = defaultdict(list)
        for source in sources:
            by_first_key[source.first].append(source)
        return cls(
            vocabulary,
            files,
            written,
            sources,
            by_first_key,
            _school_of_trust(school, by_first_key[SCHOOL], problems)
            if school
            else _read_school(files, sources, vocabulary, problems),
            problems,
        )


def load(
    path: Path,
    vocabulary: Vocabulary | None = None,
    *,
    school: School | None = None,
    base: Sequence[Playbook] = (),
    instead: School | None = None,
) -> Playbooks:
    """Load a directory of playbooks, or one of its files.

    Raise PlaybookError with the problems of all files. The default vocabulary has all installed controls and kinds.
    A directory of a trust has no school file: its `school` is given. `base` are playbooks of another directory, to
    whose controls exceptions may refer. `instead` is a school for which the files are read in place of their own.
    """
    folder = _Folder.open(path, vocabulary or installed_vocabulary(), school)
    folder = replace(folder, school=instead or folder.school)
    by_first_key, school, problems = folder.by_first_key, folder.school, folder.problems
    texts = Texts(folder.files.root, school)
    apps = read_apps(by_first_key[APPS], school, problems)
    decisions = read_decisions(by_first_key[DECISIONS], problems)
    playbooks = _read_playbooks(folder, texts, apps, decisions)
    control_names = frozenset(name for playbook in playbooks for name in playbook.control_names)
    attestations, trials = _read_attestations(folder, control_names)
    policy = read_policy(by_first_key[POLICY], school, folder.vocabulary, apps, problems)
    registers = read_registers(by_first_key[REGISTERS], school, problems)
    checklists = read_checklists(by_first_key[CHECKLISTS], problems)
    canaries = read_canaries(by_first_key[CANARIES], school, problems)
    problems += unknown_clauses(policy, [s for s in folder.sources if s.first in {PLAYBOOK, EXCEPTIONS, REGISTERS}])
    departures, acceptances = _read_exceptions(folder, (*playbooks, *base))
    if problems or school is None:
        raise PlaybookError(problems)
    return Playbooks(
        school=school,
        playbooks=playbooks,
        attestations=attestations,
        trials=trials,
        departures=departures,
        acceptances=acceptances,
        apps=apps,
        decisions=decisions,
        policy=policy,
        registers=registers,
        checklists=checklists,
        canaries=tuple(canaries),
        digest=digest_of_files({**{source.relative: source.content for source in folder.sources}, **texts.used}),
        root=folder.files.root,
        file=path if path.is_file() else None,
        others={first: by_first_key[first] for first in OTHERS},
        earlier_keys=tuple(
            key.problem for source in folder.written for key in earlier_keys(source, folder.vocabulary.renamed)
        ),
        remarks=tuple(_find_warnings(school, by_first_key[SCHOOL], [*attestations, *trials], control_names)),
    )


def _read_playbooks(folder: _Folder, texts: Texts, apps: Catalogue, decisions: Decisions) -> tuple[Playbook, ...]:
    school, vocabulary, problems = folder.school, folder.vocabulary, folder.problems
    loaded = [
        read_playbook(source, school, vocabulary, texts, apps=apps, decisions=decisions, problems=problems)
        for source in folder.by_first_key[PLAYBOOK]
    ]
    playbooks = tuple(playbook for playbook in loaded if playbook)
    problems += duplicate_problems(playbooks)
    return playbooks


def _read_attestations(
    folder: _Folder, control_names: frozenset[str]
) -> tuple[tuple[Attestation, ...], tuple[Trial, ...]]:
    entries = [
        read_attestations(source, folder.school, folder.vocabulary, folder.problems)
        for source in folder.by_first_key[ATTESTATIONS]
    ]
    attestations = [attestation for attestations, _ in entries for attestation in attestations]
    folder.problems.extend(overlap_problems(attestations))
    trials = [trial for _, trials in entries for trial in trials]
    return _relevant_entries(attestations, folder.files, control_names), _relevant_entries(
        trials, folder.files, control_names
    )


def _refuse_trust(path: Path) -> None:
    if is_trust(path):
        raise UsageError(
            f"{path} is the folder of a trust, and this command needs the playbooks of a single school. "
            "Name a folder with a school file"
        )


def load_school(path: Path) -> Playbooks:
    """Load only the school file, even if its playbooks are invalid. Raise PlaybookError if it cannot be read."""
    _refuse_trust(path)
    files = find_files(path)
    problems: list[Problem] = []
    vocabulary = installed_vocabulary()
    wrong: list[Problem] = []
    written = [source for source in _read_sources(files, problems) if source.first == SCHOOL]
    sources = list(_replace_renamed_keys(written, vocabulary, wrong))
    school = _read_school(files, sources, vocabulary, wrong)
    if school is None or wrong:
        raise PlaybookError(wrong or problems)
    contents = {source.relative: source.content for source in sources}
    return Playbooks(
        school=school,
        playbooks=(),
        attestations=(),
        digest=digest_of_files(contents),
        root=files.root,
        file=path if path.is_file() else None,
        others={},
    )


def _read_exceptions(
    folder: _Folder, playbooks: Sequence[Playbook]
) -> tuple[tuple[Departure, ...], tuple[Acceptance, ...]]:
    """Return the exceptions and acceptances, or none if other files have problems.

    If a single file is loaded, only exceptions from its controls are returned.
    """
    school, problems = folder.school, folder.problems
    if problems or school is None:
        return (), ()
    forms_or_none = ((source, read_exceptions(source, school, problems)) for source in folder.by_first_key[EXCEPTIONS])
    forms = [(source, form) for source, form in forms_or_none if form is not None]
    partial_paths = {str(file) for file in folder.files.beside} if playbooks else {source.path for source, _ in forms}
    departures = [
        departure
        for source, form in forms
        for departure in read_departures(
            source,
            form,
            school,
            playbooks,
            problems,
            words=folder.vocabulary,
            has_unread_playbooks=source.path in partial_paths,
        )
    ]
    problems += duplicate_departures(departures)
    accepted = [
        acceptance
        for source, form in forms
        for acceptance in read_acceptances(source, form.accepted or [], school, folder.vocabulary, problems)
    ]
    return tuple(departures), tuple(accepted)


def _read_sources(files: Files, problems: list[Problem]) -> Iterator[Source]:
    problems += files.refused
    for file in files.chosen:
        try:
            source = _read_file(file, files.root)
        except PlaybookError as error:
            problems += error.problems
            continue
        if source.first in FIRST_KEYS:
            yield source
        else:
            suggestion = did_you_mean(source.first, FIRST_KEYS)
            message = f"{quoted(source.first)} is not a known first key of a file{suggestion}"
            problems.append(source.problem(source.root.line, message))
    yield from _read_other_files(files)


def _replace_renamed_keys(
    written: Sequence[Source], vocabulary: Vocabulary, problems: list[Problem]
) -> Iterator[Source]:
    """Yield the files in which renamed keys have their new names. Raise PlaybookError if a file's format is too new."""
    for source in written:
        if source.first == SCHOOL:
            refuse_newer(source)
    for source in written:
        yield rename_earlier_keys(source, vocabulary.renamed, problems)


def _read_other_files(files: Files) -> Iterator[Source]:
    """Yield the files that a single loaded file needs: the school file and other files that are not playbooks."""
    for file in files.beside:
        try:
            source = _read_file(file, files.root)
        except PlaybookError:
            continue
        if source.first in {SCHOOL, ATTESTATIONS, APPS, EXCEPTIONS, DECISIONS}:
            yield source


def _read_file(file: Path, root: Path) -> Source:
    return read_source(file, relative=file.relative_to(root).as_posix())


def _read_school(
    files: Files, sources: Sequence[Source], vocabulary: Vocabulary, problems: list[Problem]
) -> School | None:
    written = [source for source in sources if source.first == SCHOOL]
    if len(written) == 1:
        return read_school(written[0], vocabulary, problems)
    problems.extend(
        source.problem(source.root.line, f"a second school file, in addition to {written[0].path}")
        for source in written[1:]
    )
    if not written and not problems:  # an unreadable file may be the school file
        message = "there is no school file. Write a file that begins with `school:`"
        problems.append(Problem(str(files.root / SCHOOL_FILE), 1, message))
    return None


def _school_of_trust(school: School, written: Sequence[Source], problems: list[Problem]) -> School:
    problems += [
        source.problem(source.root.line, "a trust has no school file: its schools are in trust.yaml")
        for source in written
    ]
    return school


def _find_warnings(
    school: School, written: Sequence[Source], entries: Iterable[Attestation | Trial], control_names: frozenset[str]
) -> Iterator[Problem]:
    """Yield warnings about unusual entries and entries without effect."""
    yield from (foreign.problem for source in written for foreign in foreign_domains(school, source))
    if control_names:  # without control names, only a file of attestations is loaded
        yield from unused_entry_warnings(entries, control_names)


def _relevant_entries(entries: Sequence[_Entry], files: Files, control_names: frozenset[str]) -> tuple[_Entry, ...]:
    """Return the entries that concern controls of the loaded playbook, or all entries if every file was loaded."""
    other_files = {str(file) for file in files.beside}
    return tuple(entry for entry in entries if entry.control in control_names or entry.origin.path not in other_files)
