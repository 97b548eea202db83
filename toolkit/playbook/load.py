"""Loads a directory of playbooks: everything typed and checked, or every problem at once."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from toolkit.catalogue.naming import Catalogue
from toolkit.errors import PlaybookError, Problem
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.apps import read_apps
from toolkit.playbook.attestations import Attestation, Trial, overlapping, read_attestations, unasked
from toolkit.playbook.checklists import read_checklists
from toolkit.playbook.decisions import Decisions, read_decisions
from toolkit.playbook.entries import Acceptance, Departure, Playbook, Playbooks
from toolkit.playbook.exceptions import read_acceptances, read_departures, read_exceptions, twice
from toolkit.playbook.file_format import earlier_keys, refuse_newer, with_new_names
from toolkit.playbook.files import SCHOOL_FILE, Files, find_files
from toolkit.playbook.playbook_file import doubled, read_playbook
from toolkit.playbook.policy import read_policy, unknown_clauses
from toolkit.playbook.registers import read_registers
from toolkit.playbook.school import read_school
from toolkit.playbook.school_domains import foreign_domains
from toolkit.playbook.text import Texts
from toolkit.playbook.vocabulary import Vocabulary, found
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
OTHERS = ("reporting",)
_Word = TypeVar("_Word", Attestation, Trial)
FIRST_KEYS = (PLAYBOOK, SCHOOL, ATTESTATIONS, APPS, EXCEPTIONS, DECISIONS, POLICY, REGISTERS, CHECKLISTS, *OTHERS)


@dataclass(frozen=True, slots=True)
class _Folder:
    """The files of a directory by their first keys, with the words they may use, and what is wrong in them so far."""

    words: Vocabulary
    files: Files
    written: Sequence[Source]
    sources: Sequence[Source]  # with the new names of their keys
    of: Mapping[str, Sequence[Source]]
    school: School | None
    problems: list[Problem]

    @classmethod
    def open(cls, path: Path, words: Vocabulary) -> "_Folder":
        files, problems = find_files(path), list[Problem]()
        written = list(_sources(files, problems))
        sources = list(_current(written, words, problems))
        of: defaultdict[str, list[Source]] = defaultdict(list)
        for source in sources:
            of[source.first].append(source)
        return cls(words, files, written, sources, of, _school(files, sources, words, problems), problems)


def load(path: Path, vocabulary: Vocabulary | None = None) -> Playbooks:
    """Load a directory of playbooks, or one of its files; PlaybookError with all problems of all files.

    Without a vocabulary, every control and kind that is installed can be named.
    """
    folder = _Folder.open(path, vocabulary or found())
    of, school, problems = folder.of, folder.school, folder.problems
    texts = Texts(folder.files.root, school)
    apps = read_apps(of[APPS], school, problems)
    decisions = read_decisions(of[DECISIONS], problems)
    playbooks = _playbooks(folder, texts, apps, decisions)
    asked = frozenset(name for playbook in playbooks for name in playbook.asked)
    attestations, trials = _confirmed(folder, asked)
    policy = read_policy(of[POLICY], school, folder.words, apps, problems)
    registers = read_registers(of[REGISTERS], school, problems)
    checklists = read_checklists(of[CHECKLISTS], problems)
    problems += unknown_clauses(policy, [s for s in folder.sources if s.first in {PLAYBOOK, EXCEPTIONS, REGISTERS}])
    departures, acceptances = _exceptions(folder, playbooks)
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
        digest=_digest({**{source.relative: source.content for source in folder.sources}, **texts.used}),
        root=folder.files.root,
        file=path if path.is_file() else None,
        others={first: of[first] for first in OTHERS},
        earlier_keys=tuple(one.problem for each in folder.written for one in earlier_keys(each, folder.words.renamed)),
        remarks=tuple(_remarks(school, of[SCHOOL], [*attestations, *trials], asked)),
    )


def _playbooks(folder: _Folder, texts: Texts, apps: Catalogue, decisions: Decisions) -> tuple[Playbook, ...]:
    school, words, problems = folder.school, folder.words, folder.problems
    read = [
        read_playbook(source, school, words, texts, apps=apps, decisions=decisions, problems=problems)
        for source in folder.of[PLAYBOOK]
    ]
    playbooks = tuple(playbook for playbook in read if playbook)
    problems += doubled(playbooks)
    return playbooks


def _confirmed(folder: _Folder, asked: frozenset[str]) -> tuple[tuple[Attestation, ...], tuple[Trial, ...]]:
    given = [
        read_attestations(source, folder.school, folder.words, folder.problems) for source in folder.of[ATTESTATIONS]
    ]
    attestations = [attestation for attestations, _ in given for attestation in attestations]
    folder.problems.extend(overlapping(attestations))
    trials = [trial for _, trials in given for trial in trials]
    return _meant(attestations, folder.files, asked), _meant(trials, folder.files, asked)


def load_school(path: Path) -> Playbooks:
    """Load the school file alone, whatever is wrong in its playbooks; PlaybookError where it cannot be read."""
    files = find_files(path)
    problems: list[Problem] = []
    words = found()
    wrong: list[Problem] = []
    written = [source for source in _sources(files, problems) if source.first == SCHOOL]
    sources = list(_current(written, words, wrong))
    school = _school(files, sources, words, wrong)
    if school is None or wrong:
        raise PlaybookError(wrong or problems)
    contents = {source.relative: source.content for source in sources}
    return Playbooks(
        school=school,
        playbooks=(),
        attestations=(),
        digest=_digest(contents),
        root=files.root,
        file=path if path.is_file() else None,
        others={},
    )


def _exceptions(folder: _Folder, playbooks: Sequence[Playbook]) -> tuple[tuple[Departure, ...], tuple[Acceptance, ...]]:
    """Read the exceptions, once the rest is known to be in order; beside a single file, those from what is in it."""
    school, problems = folder.school, folder.problems
    if problems or school is None:
        return (), ()
    read = ((source, read_exceptions(source, school, problems)) for source in folder.of[EXCEPTIONS])
    forms = [(source, form) for source, form in read if form is not None]
    beside = {str(file) for file in folder.files.beside} if playbooks else {source.path for source, _ in forms}
    departures = [
        one
        for source, form in forms
        for one in read_departures(
            source, form, school, playbooks, problems, words=folder.words, of_others=source.path in beside
        )
    ]
    problems += twice(departures)
    accepted = [
        one
        for source, form in forms
        for one in read_acceptances(source, form.accepted or [], school, folder.words, problems)
    ]
    return tuple(departures), tuple(accepted)


def _sources(files: Files, problems: list[Problem]) -> Iterator[Source]:
    problems += files.refused
    for file in files.chosen:
        try:
            source = _read(file, files.root)
        except PlaybookError as error:
            problems += error.problems
            continue
        if source.first in FIRST_KEYS:
            yield source
        else:
            known = did_you_mean(source.first, FIRST_KEYS)
            message = f"the first key says what a file is, and {quoted(source.first)} is none of them{known}"
            problems.append(source.problem(source.root.line, message))
    yield from _beside(files)


def _current(written: Sequence[Source], vocabulary: Vocabulary, problems: list[Problem]) -> Iterator[Source]:
    """Return the files with the new names of their keys; PlaybookError where the school's are in a newer format."""
    for source in written:
        if source.first == SCHOOL:
            refuse_newer(source)
    for source in written:
        yield with_new_names(source, vocabulary.renamed, problems)


def _beside(files: Files) -> Iterator[Source]:
    """Find what a single file depends on: the school file and the files that are no playbooks."""
    for file in files.beside:
        try:
            source = _read(file, files.root)
        except PlaybookError:
            continue
        if source.first in {SCHOOL, ATTESTATIONS, APPS, EXCEPTIONS, DECISIONS}:
            yield source


def _read(file: Path, root: Path) -> Source:
    return read_source(file, relative=file.relative_to(root).as_posix())


def _school(files: Files, sources: Sequence[Source], vocabulary: Vocabulary, problems: list[Problem]) -> School | None:
    written = [source for source in sources if source.first == SCHOOL]
    if len(written) == 1:
        return read_school(written[0], vocabulary, problems)
    problems.extend(
        source.problem(source.root.line, f"a second school file, beside {written[0].path}") for source in written[1:]
    )
    if not written and not problems:  # a file that cannot be read may be the school's
        message = "there is no school file: write one that begins with `school:`"
        problems.append(Problem(str(files.root / SCHOOL_FILE), 1, message))
    return None


def _remarks(
    school: School, written: Sequence[Source], words: Iterable[Attestation | Trial], asked: frozenset[str]
) -> Iterator[Problem]:
    """Give what may be right, and what counts for nothing."""
    yield from (foreign.problem for source in written for foreign in foreign_domains(school, source))
    if asked:  # else a file of attestations is loaded alone
        yield from unasked(words, asked)


def _meant(words: Sequence[_Word], files: Files, asked: frozenset[str]) -> tuple[_Word, ...]:
    """Leave out what is beside a playbook that is loaded alone and is about controls of others."""
    beside = {str(file) for file in files.beside}
    return tuple(one for one in words if one.control in asked or one.origin.path not in beside)


def _digest(contents: Mapping[str, bytes]) -> str:
    """Take one digest over names and bytes, each with its length so that nothing can move between them."""
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
