"""The shell steps of docs/ci.md, run word for word over the emulator with a program in place of the forge's `gh`."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.door import Door

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
HEAD = "5f2c1e0"
FORGE = """\
#!/usr/bin/env bash
# The forge: pull requests, runs and their files, as `gh` of the workflow reads them.
set -e
echo "gh $*" >> "$FORGE/calls"
case "$1 $2" in
  "pr comment") cp "${@: -1}" "$FORGE/comment.md" ;;
  "api repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls") echo "$HEAD" ;;
  "run list") [[ "$*" == *"--commit $HEAD "* ]] && echo 42 ;;
  "run download") [ "$3 $5" = "42 plan-$HEAD" ] && cp "$FORGE/policy.plan" . ;;
  *) exit 64 ;;
esac
"""


def _workflow() -> Mapping[str, Any]:
    block = re.search(r"```yaml\n(.*?)```\n\n`toolkit", PAGE, re.DOTALL)
    assert block
    workflow: Mapping[str, Any] = YAML(typ="safe").load(block[1])
    return workflow


def _shell_step(job: str) -> str:
    """Return the text of the step of a job that runs toolkit."""
    (step,) = [step["run"] for step in _workflow()["jobs"][job]["steps"] if "toolkit " in step.get("run", "")]
    assert isinstance(step, str)
    return step


@dataclass
class Repository:
    """A repository of playbooks on a forge, whose jobs run on this computer."""

    door: Door
    folder: Path
    forge: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, job: str) -> subprocess.CompletedProcess[str]:
        """Run the shell step of a job in a fresh checkout, as the forge does: bash that stops at the first error."""
        checkout = self.folder / job
        shutil.rmtree(checkout, ignore_errors=True)
        shutil.copytree(self.door.playbooks, checkout / "playbooks")
        others = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
        paths = f"{self.forge}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{others['PATH']}"
        step = {"PULL": "https://forge.example/pull/7", "GITHUB_REPOSITORY": "school/policy", "GITHUB_SHA": "merged"}
        environment = {**others, **self.door.variables, **step, "PATH": paths, "FORGE": str(self.forge), "HEAD": HEAD}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", _shell_step(job)],
            cwd=checkout, env=environment, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        if (plan := checkout / "policy.plan").is_file() and job == "plan":
            shutil.copy(plan, self.forge)
        return done

    @property
    def comment(self) -> str:
        return (self.forge / "comment.md").read_text(encoding="utf-8")


@pytest.fixture
def repository(bare_door: Door, tmp_path: Path) -> Repository:
    (tmp_path / "forge").mkdir()
    program = tmp_path / "forge" / "gh"
    program.write_text(FORGE)
    program.chmod(0o755)
    bare_door.write("10-mail.yaml", MAIL)
    return Repository(bare_door, tmp_path, tmp_path / "forge")


MAIL = """\
playbook: mail
title: Mail
owner: Head Teacher
mode: enforce
resources:
  - microsoft365.remote_domain: Default
    auto_forward_enabled: false
"""


def test_the_plan_of_a_pull_request_is_a_comment_and_exactly_it_is_applied_after_the_merge(
    repository: Repository,
) -> None:
    planned = repository.run("plan")
    applied = repository.run("apply")
    again = repository.run("plan")

    assert planned.returncode == 0, planned.stderr
    assert "auto_forward_enabled" in applied.stdout
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert again.returncode == 0, again.stderr
    assert "nothing to do" in repository.comment
    assert repository.run("apply").returncode == 0, "a plan without changes is a file too, and is applied"
    assert repository.comment.startswith("```\n")
    assert repository.comment.endswith("```\n")


def test_a_plan_is_refused_if_the_playbooks_changed_after_it_was_made(repository: Repository) -> None:
    assert repository.run("plan").returncode == 0
    repository.door.write("10-mail.yaml", MAIL.replace("false", "true"))

    refused = repository.run("apply")

    assert refused.returncode == 5, refused.stderr


def test_a_plan_that_could_not_read_everything_fails_the_job_and_is_shown(repository: Repository) -> None:
    repository.door.tenant.fault("refused", "Get-RemoteDomain", times=999)

    failed = repository.run("plan")

    assert failed.returncode == 1
    assert "could not be read" in repository.comment


def test_each_variable_of_the_workflow_is_a_setting_of_toolkit() -> None:
    known = set(re.findall(r"^#?(TOOLKIT_\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    workflow = _workflow()
    named = {*workflow["env"]}
    for job in workflow["jobs"].values():
        named |= {name for step in job["steps"] for name in step.get("env", {}) if name.startswith("TOOLKIT_")}

    assert len(named) > 8
    assert named - known == set()
