"""Emulated tenants with the school's own domain: a fresh emulator takes it, and never one in use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.door import CommandResult, ask
from tests.emulated import Emulator, Tenant, running

OWN, OTHER = "oakfield.example", "elm.example"


@dataclass(frozen=True)
class PracticeSchool:
    """A school that practises with its own domain, and its emulator, which the first command started and filled."""

    playbooks: Path
    state: Path
    planned: CommandResult
    emulator: Emulator

    def __call__(self, *words: str | Path) -> CommandResult:
        return ask(*words, TOOLKIT_STATE=str(self.state))

    @property
    def tenant(self) -> Tenant:
        (tenant,) = self.emulator.control("GET", "/")["tenants"]
        return Tenant(self.emulator, tenant)

    @contextmanager
    def with_domain(self, domain: str, google: str | None = None) -> Iterator[None]:
        """Have another domain in the school file while the block lasts; `google` is the Google tenant's."""
        file = self.playbooks / "00-school.yaml"
        text = file.read_text()
        head, name, rest = text.replace(OWN, domain).partition("google_workspace:")
        file.write_text(f"{head}{name}{rest.replace(domain, google or domain, 1)}")
        yield
        file.write_text(text)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSchool]:
    folder = tmp_path_factory.mktemp("school")
    playbooks, state = folder / "playbooks", folder / "state"
    answers = {"--name": "Example Primary School", "--tenants": "emulated", "--domains": OWN}
    answers["--groups"] = f"staff=all-staff@{OWN}, staff=/Staff, pupils=all-pupils@{OWN}, pupils=/Pupils"
    made = ask("init", folder, "--pack", "phishing", *(word for answer in answers.items() for word in answer))
    assert made.exit == 0, made.err
    for file in playbooks.glob("*.yaml"):
        file.write_text(file.read_text().replace("\nmode: check", "\nmode: enforce"))
    planned = ask("plan", playbooks, TOOLKIT_STATE=str(state))
    with running(state / "emulator") as emulator:
        yield PracticeSchool(playbooks, state, planned, emulator)


def test_a_fresh_emulator_takes_the_domain_and_the_name_of_the_school(school: PracticeSchool) -> None:
    assert school.planned.exit == 3, school.planned.err
    stored = school.tenant.everything()
    assert f"all-staff@{OWN}" in str(stored)
    assert [key for key, body in stored.items() if "example-primary" in f"{key}{body}"] == []
    assert school.tenant.description["name"] == "Example Primary School"

    ends = [school(*command, school.playbooks).exit for command in (("apply", "--yes"), ("drift",), ("validate",))]
    again = school("apply", school.playbooks, "--yes")

    assert (ends, again.exit) == ([0, 0, 0], 0)
    assert "nothing to do" in again.out


def test_two_domains_for_the_emulated_tenants_are_refused_with_the_way_out(school: PracticeSchool) -> None:
    with school.with_domain(OWN, google=OTHER):
        refused = school("plan", school.playbooks)

    assert refused.exit == 2
    assert f"the emulated tenants must have the same domain, but `tenants` has {OTHER} and {OWN}" in refused.err


def test_emulated_tenants_of_another_domain_are_kept_until_a_reset(school: PracticeSchool) -> None:
    before = school.tenant.everything(), school("audit", "log", "--json").out

    with school.with_domain(OTHER):
        refused = school("apply", school.playbooks, "--yes")
        after = school.tenant.everything(), school("audit", "log", "--json").out
        reset = school("emulator", "reset", school.playbooks, "--yes")
        planned = school("plan", school.playbooks)

    assert (refused.exit, after == before) == (2, True)
    assert f"00-school.yaml:2: the playbooks are for {OTHER}, and the emulated" in refused.err
    assert f"`toolkit emulator reset {school.playbooks}` replaces the emulated tenants" in refused.err
    assert f"({OTHER}): a new school" in reset.out
    assert (planned.exit, OWN in str(school.tenant.everything())) == (3, False)
