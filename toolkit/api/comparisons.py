"""Functions that plan a school's playbooks against another school's tenants. Nothing is applied."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.engine.selection import Selection
from toolkit.errors import UsageError
from toolkit.messages import did_you_mean
from toolkit.playbook.entries import ControlEntry, Playbooks
from toolkit.playbook.files import is_trust
from toolkit.playbook.load import load
from toolkit.playbook.load import load_school as load_school_file
from toolkit.school.school import Role
from toolkit.sdk.directory import EVERYONE


def load_comparison(first: Path, second: Path) -> tuple[Playbooks, Sequence[str]]:
    """Return the playbooks of a school's folder, for the tenants, people and names of another school.

    Confirmations, exceptions and accepted differences are left out, because they are about the first school. Controls
    for a role that the other school lacks are left out too, and a sentence about each is returned. Raise PlaybookError
    with every problem.
    """
    for folder in (first, second):
        if is_trust(folder):
            raise UsageError(f"{folder} is the folder of a trust. Compare two of its schools by their short names")
    own, other = load_school_file(first).school, load_school_file(second).school
    missing = {name: Role(name) for name in own.roles if name not in other.roles}
    school = replace(other, roles={**other.roles, **missing}, mode=own.mode)
    playbooks = _without_statements(load(first, instead=school))
    left_out = [entry for playbook in playbooks.playbooks for entry in playbook.controls if _role_of(entry) in missing]
    kept = [
        replace(playbook, controls=tuple(entry for entry in playbook.controls if _role_of(entry) not in missing))
        for playbook in playbooks.playbooks
    ]
    texts = [
        f"{entry.origin}: {entry.name} is not compared, because the other school has no role {_role_of(entry)}"
        for entry in left_out
    ]
    return replace(playbooks, playbooks=tuple(kept)), texts


def _role_of(entry: ControlEntry) -> str:
    return entry.settings.audience or EVERYONE


def load_comparison_in_trust(trust: Path, first: str, second: str, tenant: str | None) -> tuple[Playbooks, Selection]:
    """Return the playbooks of a trust in which a school has another school's own values, and the slice to plan.

    `tenant` is optional if the second school is in only one tenant. Raise UsageError for an unknown school.
    """
    from toolkit.trust.load import load_trust
    from toolkit.trust.slices import choose_tenant, load_tenant

    loaded = load_trust(trust)
    for name in (first, second):
        if name not in loaded.schools:
            raise UsageError(
                f"{name} is neither a folder nor a school of the trust{did_you_mean(name, loaded.schools)}"
            )
    swapped = replace(loaded.schools[second], folder=loaded.schools[first].folder)
    compared = replace(loaded, schools={**loaded.schools, second: swapped})
    selection = Selection(schools=(second,), tenant=choose_tenant(loaded, tenant, [second]))
    return _without_statements(load_tenant(compared, selection.tenant, selection.schools)), selection


def _without_statements(playbooks: Playbooks) -> Playbooks:
    """Return playbooks without the statements of people that hold only for their own school."""
    return replace(playbooks, attestations=(), trials=(), departures=(), acceptances=())
