"""Every command and every YAML block of the pages: commands run on emulated tenants, YAML validates."""

import json
import re
import shlex
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from ruamel.yaml import YAML

from tests.docs.blocks import PAGES, ROOT, Block, Command, blocks, commands, flat
from tests.door import SAMPLES, CommandResult, ask
from tests.emulated import FEW_PEOPLE, Tenant, running

ALL = [block for page in PAGES for block in blocks(page)]
NOT_RUN: Mapping[str, int] = {
    "README.md": 1,
    "docs/ci.md": 1,
    "docs/coming-from.md": 1,
    "docs/first-week.md": 2,
    "docs/recipes.md": 9,
    "docs/story.md": 3,
    "docs/windows.md": 1,
    "docs/workers.md": 1,
}
"""How many blocks of each page cannot run. Each has its reason in a comment before it. A new one needs a new count."""

ELSEWHERE = {
    "docs/api.md": "tests/api/test_page.py",
    "docs/for-the-dpo.md": "tests/dpo",
    "docs/own-policy.md": "tests/policy_draft/test_page.py",
    "docs/verify.md": "tests/cli/test_signatures.py",
    "docs/trust.md": "tests/trust/test_page.py",
    "docs/workers.md": "tests/workers/test_page.py",
    "docs/write-a-kind.md": "tests/docs/test_pages.py",
}
"""Pages whose blocks another test runs as they are."""

INSTALLERS = ("pipx install", "pipx ensurepath", "make ", ".venv/bin/python -m pytest", ".venv/bin/python -m toolkit")
"""What installs, or runs tests: what such a line names must be there, and is run by CI as a whole."""

REFUSAL = re.compile(r"toolkit: |\S+\.yaml:\d+: ")
"""How the output of a command begins that refuses what it was asked."""

LANGUAGES = {"yaml", "console", "python", "ini", "json", "sh", "powershell", "text", ""}


def test_every_block_has_a_language_and_blocks_that_do_not_run_are_counted() -> None:
    assert {block.language for block in ALL} <= LANGUAGES
    assert Counter(block.page for block in ALL if block.why) == NOT_RUN


YAML_BLOCKS = [block for block in ALL if block.language == "yaml" and not block.why and block.page not in ELSEWHERE]


@pytest.mark.parametrize("block", YAML_BLOCKS, ids=str)
def test_yaml_on_a_page_validates(block: Block, tmp_path: Path) -> None:
    playbooks = tmp_path / "playbooks"
    departs = block.text.startswith("exceptions:")  # from controls of the other playbooks
    others = "95-exceptions.yaml" if departs else "[1-9]*.yaml"
    copytree(SAMPLES, playbooks, ignore=ignore_patterns("private", others))
    (playbooks / "private").mkdir()
    (playbooks / "private" / "absences.csv").write_text("person,from,to\n")
    _put(block, playbooks)

    answered = ask("validate", playbooks)

    assert answered.exit == 0, answered.err


def _put(block: Block, playbooks: Path) -> None:
    """Write the block where its reader would: as a file of its own, in a playbook, or in the school file."""
    read = YAML(typ="safe", pure=True).load(block.text)
    keys = list(read)
    named = {"playbook", "exceptions", "attestations", "registers", "decisions", "checklists", "canaries"}
    if keys[0] in named:
        (playbooks / "50-page.yaml").write_text(block.text)
    elif keys[0] in {"controls", "resources"}:
        (playbooks / "50-page.yaml").write_text(f"playbook: page\ntitle: A page\nowner: Head Teacher\n{block.text}")
    else:
        written = (SAMPLES / "00-school.yaml").read_text()
        for key in keys:
            written = re.sub(rf"^{key}:.*\n(?:[ \n#].*\n|\n)*", "", written, flags=re.MULTILINE)
        (playbooks / "00-school.yaml").write_text(f"{written}\n{block.text}")


WITH_NUMBERS = {"docs/index.md", "docs/recipes.md"}
"""Pages that show how much the sample school has: a school of few people shows the same with other numbers."""
ALWAYS_WHOLE = {"docs/index.md"}
"""The page that everyone reads first: its numbers are compared in every run of the tests, the others' in the soak."""
_NUMBER = re.compile(r"\d+|(?<=point)s?(?= at the top)|(?<=need)s?(?= attention)")

ELSEWHERE_TOO = {
    **dict.fromkeys(WITH_NUMBERS, "audit export"),
    **dict.fromkeys(("README.md", "docs/real-tenant.md"), "doctor"),
    "docs/coming-from.md": "import",
}
"""What docs/for-governors.md or docs/first-week.md runs as well: the suite leaves it out, the soak runs every page."""


@pytest.fixture(scope="module")
def few_people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """Run an emulator whose first tenants are those of a school of few people, for one page after the other."""
    with running(tmp_path_factory.mktemp("emulator"), "--users", "1") as emulator:
        Tenant(emulator, emulator.control("GET", "/")["tenants"][0]).close()
        tenant = emulator.open_tenant(**FEW_PEOPLE)
        tenant.keep_snapshot()
        yield tenant


@pytest.fixture
def practice(
    request: pytest.FixtureRequest,
    whole: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Begin in an empty folder, with an emulator whose first tenants are those of the sample school."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    if whole:
        with running(tmp_path / "state" / "emulator"):
            yield
        return
    tenant: Tenant = request.getfixturevalue("few_people")
    tenant.restore_snapshot()
    (tmp_path / "state" / "emulator").mkdir(parents=True)
    (tmp_path / "state" / "emulator" / "serve.json").write_text(json.dumps(dict(tenant.emulator.line)))
    yield


CONSOLE_PAGES = sorted({block.page for block in ALL if block.language == "console"} - set(ELSEWHERE))


LONG = {"docs/story.md"}
"""Pages with a year of commands: the soak runs them, as it does the story that they tell."""


@pytest.mark.usefixtures("practice")
@pytest.mark.parametrize(
    ("page", "leave_out", "whole"),
    [
        *((page, ELSEWHERE_TOO.get(page, ""), page in ALWAYS_WHOLE) for page in CONSOLE_PAGES if page not in LONG),
        *(
            pytest.param(page, "", page in WITH_NUMBERS, marks=pytest.mark.soak)
            for page in sorted({*ELSEWHERE_TOO, *LONG, *WITH_NUMBERS})
        ),
    ],
)
def test_the_commands_of_a_page_run_one_after_the_other_and_print_what_it_shows(
    page: str,
    leave_out: str,
    whole: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong: list[str] = []
    shown = [block for block in blocks(page) if block.language == "console" and not block.why]
    if not any(command.words.startswith("toolkit init") for block in shown for command in commands(block)):
        ask("init", "--demo", "demo")
        monkeypatch.chdir("demo")
    for block in shown:
        for command in commands(block):
            if command.words.startswith("cd "):
                monkeypatch.chdir(command.words.removeprefix("cd "))
            elif leave_out and command.words.startswith(f"toolkit {leave_out}"):
                continue
            elif command.words.startswith("toolkit "):
                answered = _run(command, tmp_path / "state")
                wrong += _differences(block, command, answered, numbers=whole or page not in WITH_NUMBERS)
            elif command.words.startswith("sed "):
                subprocess.run(shlex.split(command.words), check=True)
            else:
                assert command.words.startswith(INSTALLERS), f"{block}: {command.words}"
                assert _is_there(command.words), f"{block}: {command.words}"
    assert wrong == []


def test_the_first_week_begins_where_start_here_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wrong: list[str] = []
    for block in (block for page in ("docs/index.md", "docs/first-week.md") for block in blocks(page)):
        for command in commands(block) if block.language == "console" and not block.why else ():
            folder, _, rest = command.words.partition(" ")
            if folder == "cd":
                monkeypatch.chdir(rest)
            elif rest in {"plan", "doctor"}:
                Path(".toolkit").mkdir(exist_ok=True)  # as a command that reads the tenants leaves its state
            elif rest.startswith("init") or (rest == "validate" and block.page == "docs/first-week.md"):
                answered = ask(*shlex.split(rest))
                wrong += _differences(block, command, answered, numbers=block.page not in WITH_NUMBERS)
    assert wrong == []


def test_every_page_names_the_wheel_where_make_builds_it_and_the_same_versions_of_python() -> None:
    texts = [(ROOT / page).read_text(encoding="utf-8") for page in PAGES]
    wheels = {wheel for text in texts for wheel in re.findall(r"[\w./]*school_policy_toolkit[\w.-]+whl", text)}

    assert wheels == {f"dist/school_policy_toolkit-{version('school-policy-toolkit')}-py3-none-any.whl"}
    assert {python for text in texts for python in re.findall(r"Python (3\.11 (?:to 3\.\d+|or \w+))", text)} == {
        "3.11 to 3.13"
    }


def _run(command: Command, state: Path) -> CommandResult:
    words = shlex.split(command.words, comments=True)[1:]
    if words[0] == "init" and not {"--demo", "--pack", "--template"} & set(words):
        words += _answers(words)
    return ask(*words, TOOLKIT_STATE=str(state))


def _answers(words: list[str]) -> list[str]:
    """Return the answers that a reader types to the questions of `toolkit init`."""
    told = {"--name": "Example Primary School", "--tenants": "emulated", "--domains": "example-primary.example"}
    rest = [word for option, answer in told.items() if option not in words for word in (option, answer)]
    return rest if "--no-questions" in words else [*rest, "--no-questions"]


def _differences(block: Block, command: Command, answered: CommandResult, *, numbers: bool) -> Iterator[str]:
    """Name an exit code that is unexpected, and what the page shows and the command did not print in this order."""
    refused = REFUSAL.match(command.output)
    expected = {2, 5} if refused else {0, 3, 4}
    if answered.exit not in expected:
        yield f"{block}: {command.words}: exit code {answered.exit}: {answered.err}"
    printed = flat(f"{answered.err}\n{answered.out}" if refused else answered.out)
    for piece in command.pieces:
        words, printed = (text if numbers else _NUMBER.sub("0", text) for text in (piece, printed))
        _, found, printed = printed.partition(words)
        if not found:
            yield f"{block}: {command.words} does not print {piece!r}"


def _is_there(words: str) -> bool:
    """Return whether the target of the Makefile that a line names exists; what else installs names the wheel."""
    target = re.fullmatch(r"make ([\w-]+)(?: .*)?", words.partition("#")[0].strip())
    if target is None:
        return True
    return bool(re.search(rf"^{target[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE))
