"""Writes a school's first playbooks into a folder, and lists the next commands."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

from toolkit.engine.desired_state import validate
from toolkit.errors import UsageError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.school_domains import intended_domain
from toolkit.real_path import real_path
from toolkit.render.import_yaml import write_new_files
from toolkit.school.school import School
from toolkit.sdk.providers import EMULATED
from toolkit.settings.school_folder import find_school_around
from toolkit.starter.answers import NUMBERS, QUESTIONS, Question, SchoolAnswers, read_answers
from toolkit.starter.files import check_packs, pack_files, starter_files, unratified_page
from toolkit.starter.gitignore import add_to_gitignore
from toolkit.starter.never_touch import Proposal

_PLAYBOOKS = "playbooks"
_SCHOOL = "00-school.yaml"
_EXAMPLE = ".env.example"
_DOCUMENT = "policy/00-document.yaml"
_SAMPLES = ("*.yaml", "policy/*.yaml", "text/*")
_DEMO_PRIVATE = {
    "private/absences.csv": "person,from,to\namara.ashdown@example-primary.example,2026-11-11,2026-11-13\n",
}
"""Sample files that would contain names of people in a real school, so they are not in the repository or the wheel."""


def refuse_inside_a_school(directory: Path) -> None:
    """Raise UsageError if a new school's folder is inside another school's folder, which would mix their state."""
    if not has_school(directory) and (outer := find_school_around(directory)):
        place = outer.parent / real_path(directory).name
        where = f"such as in {place}" if not place.exists() else "in a folder with another name"
        raise UsageError(
            f"{directory} is inside {outer}, which already belongs to a school. That school does not need `toolkit "
            f"init`. Create a new school outside this folder, {where}"
        )


def check_before_asking(directory: Path, chosen: Sequence[str], texts: Mapping[str, str | None]) -> None:
    """Raise UsageError if a pack cannot be written or the folder already has a school. Runs before the questions."""
    check_packs(chosen, texts)
    if (school_file := directory / _PLAYBOOKS / _SCHOOL).exists():
        raise UsageError(
            f"{school_file} exists, and init never overwrites a file. Choose another folder, or use only --pack and "
            "--template to add to this school"
        )


def write_starter(
    directory: Path,
    chosen: Sequence[str],
    texts: Mapping[str, str],
    *,
    template: str | None = None,
    proposed: Sequence[Proposal] = (),
) -> None:
    """Write a school file, starter packs and a policy. Raise UsageError for an invalid answer or an existing file."""
    answers = check_answers(texts, template)._replace(proposed=proposed)
    policy = _policy_files(answers.name) if template else {}
    playbooks = {**starter_files(answers, list(dict.fromkeys(chosen))), **policy}
    write_new_files(
        {**{f"{_PLAYBOOKS}/{path}": text for path, text in playbooks.items()}, **_env_file(directory)}, directory
    )
    add_to_gitignore(directory)


def missing_questions(answered: Collection[str]) -> Sequence[Question]:
    """Return the required questions that have not been answered."""
    return [question for question in QUESTIONS if question.default is None and question.name not in answered]


def check_answers(texts: Mapping[str, str], template: str | None = None) -> SchoolAnswers:
    """Parse all answers. Raise UsageError if an answer is invalid or missing, or contradicts another answer."""
    if missing := missing_questions(texts):
        needed = ", ".join(question.option for question in missing)
        raise UsageError(f"required options are missing: {needed}. In a terminal, `toolkit init` asks for them")
    answers = read_answers(texts)
    _refuse_contradictions(answers)
    if template and "staff" not in answers.groups:
        raise UsageError(
            f"--template {template}: its clauses apply to the role staff. Name the group of staff with --groups"
        )
    return answers


def check_answer(question: Question, text: str, earlier: Mapping[str, str]) -> None:
    """Raise UsageError if an answer is invalid or contradicts an earlier answer."""
    question.answer(text)
    texts = {**earlier, question.name: text}
    read = {answered.name: answered.answer(texts[answered.name]) for answered in QUESTIONS if answered.name in texts}
    nothing = SchoolAnswers("", "", "", {}, ())
    _refuse_contradictions(nothing._replace(**read))  # type: ignore[arg-type]  # each reader gives its field's type


def _refuse_contradictions(answers: SchoolAnswers) -> None:
    for role, places in answers.groups.items():
        if "google_workspace" not in answers.tenants and all(place.startswith("/") for place in places):
            raise UsageError(f"--groups {role}={places[0]}: only Google has units. Write a group's address")
    for address in answers.never_touch:
        _, _, domain = address.rpartition("@")
        if meant := intended_domain(domain, answers.domains):
            raise UsageError(f"--never-touch: {address} is not in one of the school's domains: did you mean {meant}?")


def _env_file(directory: Path) -> Mapping[str, str]:
    """Return the example `.env` file, unless the folder already has one."""
    example = (files("toolkit.starter") / "env.example.txt").read_text(encoding="utf-8")
    return {} if (directory / _EXAMPLE).exists() else {_EXAMPLE: example}


def has_school(directory: Path) -> bool:
    """Return whether the folder has a school file with the name that `toolkit init` gives it."""
    return (directory / _PLAYBOOKS / _SCHOOL).exists()


def write_additions(
    directory: Path, chosen: Sequence[str], template: str | None, texts: Mapping[str, str | None]
) -> None:
    """Add starter packs and a policy to a school. Leaves out controls that the school already has.

    Raise UsageError if a file exists.
    """
    check_packs(chosen, texts)
    loaded = load(directory / _PLAYBOOKS)
    school = loaded.school
    if template and "staff" not in school.roles:
        raise UsageError(
            f"{school.origin}: --template {template}: its clauses apply to staff. Add staff under `roles:`, such as "
            f"`roles: {{staff: {{{_staff_example(school)}}}}}`"
        )
    chosen = list(dict.fromkeys(chosen))
    numbers = {number.name: number.answer(texts.get(number.name) or "") for number in NUMBERS}
    answers = SchoolAnswers(school.name, "", "", {}, school.domains, dict.fromkeys(school.roles, ()), **numbers)  # type: ignore[arg-type]
    there = _existing_controls(loaded)
    there |= _existing_objects(directory / _PLAYBOOKS, pack_files(answers, chosen, there))
    policy = _policy_files(school.name) if template else {}
    write_new_files({**pack_files(answers, chosen, there), **policy}, directory / _PLAYBOOKS)


def _existing_controls(loaded: Playbooks) -> dict[str, str]:
    """Return the path of the playbook of each control that the school already has."""
    origins = [(control.name, control.origin) for playbook in loaded.playbooks for control in playbook.controls]
    origins += [(control.name, control.origin) for playbook in loaded.playbooks for control in playbook.waiting]
    return {name: f"is in {Path(origin.path).name}" for name, origin in origins}


def _existing_objects(playbooks: Path, added: Mapping[str, str]) -> Mapping[str, str]:
    """Return the new controls to leave out because their object is already a resource in a playbook, with the reason.

    `toolkit import` writes such resources if no control fits the tenant's state.
    """
    _, present = validate(playbooks)
    files = {desired.address: Path(desired.origin.path).name for desired in present.wanted if not desired.made_by}
    with TemporaryDirectory() as scratch:
        write_new_files({_SCHOOL: (playbooks / _SCHOOL).read_text(encoding="utf-8"), **added}, Path(scratch))
        _, alone = validate(Path(scratch))
    return {
        control: f"is left out because {files[desired.address]} already has the resource {desired.address}"
        for desired in alone.wanted
        if desired.address in files
        for control in desired.made_by
    }


def _staff_example(school: School) -> str:
    places = {"microsoft365": f"all-staff@{school.domains[0]}", "google_workspace": "/Staff"}
    return ", ".join(f"{provider}: {places[provider]}" for provider in school.tenants)


def _policy_files(school: str) -> Mapping[str, str]:
    """Return the files of the sample policy, which is marked as not adopted by the governors."""
    folder = Path(str(files("toolkit") / "samples")) / "policy"
    written = {f"policy/{path.name}": path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
    return {**written, _DOCUMENT: unratified_page(written[_DOCUMENT], school)}


def write_demo(directory: Path) -> None:
    """Write a sample school for emulated tenants, with `.env.example` and an absence for practising replies."""
    samples = Path(str(files("toolkit") / "samples"))
    paths = [path for pattern in _SAMPLES for path in sorted(samples.glob(pattern))]
    texts = {str(path.relative_to(samples)): path.read_text(encoding="utf-8") for path in paths} | _DEMO_PRIVATE
    write_new_files(
        {**{f"{_PLAYBOOKS}/{path}": text for path, text in texts.items()}, **_env_file(directory)}, directory
    )
    add_to_gitignore(directory)


_SETTINGS_STEP = "cp .env.example .env; chmod 600 .env"
_PERMISSIONS_STEP = "toolkit permissions --read"
_IMPORT_STEP, _DRIFT_STEP = "toolkit import {provider} -o playbooks", "toolkit drift"
_STEPS = {  # lines have at most 80 columns, so that each can be copied from a terminal
    _SETTINGS_STEP: "set TOOLKIT_TARGET=live, credentials",
    _PERMISSIONS_STEP: "lists the steps to create an identity",
    "toolkit doctor --read": "checks credentials, permissions and groups",
    "toolkit plan": "shows the differences, changes nothing",
    _DRIFT_STEP: "records the differences and lists up to five",
    "toolkit check": "shows due and overdue confirmations",
    _IMPORT_STEP: "writes rule files from the tenant",
}
_DEMO_STEPS = {
    "toolkit plan": "shows the changes to the emulated tenants",
    "toolkit apply": "makes the changes",
}


def next_steps(directory: Path, school: School, *, demo: bool, from_tenant: bool) -> Iterator[str]:
    """Yield the commands to run next, in order, each with a shell comment that explains the command."""
    if open_keys := ", ".join(school.unanswered_keys):
        yield (
            f"Not answered yet: {open_keys}. Until the school file answers them, apply does not write to a real tenant."
        )
    if not school.roles:
        yield "Controls for staff are left out because no group of staff is named. See `roles:` in the school file."
    if directory != Path():
        yield f"cd {quote(str(directory))}"
    steps = dict(_DEMO_STEPS if demo else _STEPS)
    if EMULATED in {tenant.id for tenant in school.tenants.values()}:
        steps.pop(_SETTINGS_STEP, None)
        steps.pop(_PERMISSIONS_STEP, None)
        steps.pop(_DRIFT_STEP, None)  # the list of five applies only to real tenants
    if from_tenant:
        steps.pop(_IMPORT_STEP, None)
    for command, what in steps.items():
        for line in dict.fromkeys(command.format(provider=provider) for provider in school.tenants):
            yield f"{line:20}  # {what}"
    if not demo:
        yield "Later, for one control at a time: write `mode: enforce` (set and report) under it"
        yield "toolkit apply --only CONTROL    applies the control and shows how to undo it"
