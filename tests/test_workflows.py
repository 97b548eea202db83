"""The workflows of the public forge run the two commands of README.md. They are read here, and run only there."""

import re
from pathlib import Path
from tomllib import loads
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
WORKFLOW: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github/workflows/tests.yml")
RELEASE: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github/workflows/release.yml")
NEXT = "3.14"


def _supported() -> list[str]:
    project = loads((ROOT / "pyproject.toml").read_text())["project"]
    first = int(project["requires-python"].removeprefix(">=3."))
    last = int(max(re.findall(r"3\.(\d+)", (ROOT / "README.md").read_text().partition("with venv")[0]), key=int))
    return [f"3.{minor}" for minor in range(first, last + 1)]


def test_both_commands_run_on_each_system_and_python() -> None:
    jobs = [WORKFLOW["jobs"]["two-commands"], WORKFLOW["jobs"]["windows"]]

    for job in jobs:
        commands = " ".join(step.get("run", "") for step in job["steps"])
        assert commands.index("make apply") < commands.index("make test")
        assert job["strategy"]["matrix"]["python"] == [*_supported(), NEXT]
        assert job["continue-on-error"] == f"${{{{ matrix.python == '{NEXT}' }}}}"
    assert jobs[0]["strategy"]["matrix"]["system"] == ["ubuntu-latest", "macos-latest"]
    assert jobs[1]["runs-on"] == "windows-latest"


def test_no_job_can_write_to_the_repository() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in WORKFLOW["jobs"].values())


def test_a_release_builds_without_rights_and_publishes_the_pages_in_a_folder_of_their_version() -> None:
    build, publish = RELEASE["jobs"]["build"], RELEASE["jobs"]["publish"]
    steps = " ".join(step.get("run", "") for step in publish["steps"])

    assert build["permissions"] == {"contents": "read"}
    assert publish["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"}
    assert (RELEASE["permissions"], publish["needs"]) == ({}, "build")
    assert 'cp -r site "pages/$version"' in steps
    assert "make " not in steps, "the job that may write runs no code of the repository"


def test_a_release_holds_the_list_of_components_and_a_statement_of_its_build() -> None:
    build = " ".join(step.get("run", "") for step in RELEASE["jobs"]["build"]["steps"])
    publish = RELEASE["jobs"]["publish"]["steps"]
    uses = [step.get("uses", "").partition("@")[0] for step in publish]
    upload = next(number for number, step in enumerate(publish) if "gh release create" in step.get("run", ""))

    assert "make audit release" in build
    assert "-o dist/components.cdx.json" in (ROOT / "Makefile").read_text()
    assert uses.index("actions/attest-build-provenance") < upload
    assert "release/*" in publish[upload]["run"]


def test_each_target_that_a_workflow_makes_exists() -> None:
    jobs = [*WORKFLOW["jobs"].values(), *RELEASE["jobs"].values()]
    steps = [step.get("run", "") for job in jobs for step in job["steps"]]
    targets = {word for step in steps for made in re.findall(r"make ([a-z -]+)", step) for word in made.split()}

    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
    assert "apply" in targets


def test_the_workflow_on_the_page_is_yaml_with_a_plan_and_an_apply() -> None:
    block = re.search(r"```yaml\n(.*?)```\n\n`toolkit", (ROOT / "docs/ci.md").read_text(), re.DOTALL)
    assert block
    jobs = YAML(typ="safe").load(block[1])["jobs"]

    commands = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert "toolkit plan playbooks -o policy.plan" in commands["plan"]
    assert "toolkit apply policy.plan --playbooks playbooks --yes" in commands["apply"]
    assert jobs["apply"]["environment"] == "school"
