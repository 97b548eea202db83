"""Functions that read the school's files. No tenant is read."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from toolkit.engine.desired_state import expand_without_tenant, refuse_unreviewed_settings
from toolkit.engine.report_json import JsonReport, add_json_writer
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.errors import Exit, UsageError
from toolkit.part_modules import BrokenModule
from toolkit.planning.expand import Expansion
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.file_format import EarlierKey, write_new_names, write_school_id
from toolkit.playbook.files import TRUST_FILE, is_trust
from toolkit.playbook.load import load as load_playbooks
from toolkit.playbook.load import load_school as load_school_file
from toolkit.playbook.school_id import new_school_id
from toolkit.playbook.slices import Slices
from toolkit.playbook.vocabulary import installed_vocabulary
from toolkit.records import dataclass
from toolkit.render.validate_text import rewritten_line_text, validation_json
from toolkit.sdk.providers import load_every_part
from toolkit.settings.school_folder import find_school_folder
from toolkit.settings.settings import Settings, find_settings
from toolkit.settings.tracked_secrets import GitSearch, find_tracked_secrets
from toolkit.values import Body


def load(path: Path | str, selection: Selection = EVERYTHING) -> Playbooks:
    """Return the checked playbooks of a directory, or of a single file in it. No tenant is read.

    `school` is the school file, and `playbooks` holds the controls and resources with file and line. If there are
    problems, PlaybookError contains all of them.

    The path may be the folder of a trust, which has a trust.yaml. The result has the playbooks of a tenant, with a
    slice for each school. `selection.tenant` names the tenant, which is optional if the trust has only one, and
    `selection.schools` limits a run to the slices of some schools. UsageError for an unknown name.

        >>> api.load("playbooks").school.name
        'Example Primary School'
    """
    if is_trust(Path(path)):
        from toolkit.trust.load import load_trust
        from toolkit.trust.slices import load_tenant

        return load_tenant(load_trust(Path(path)), selection.tenant, selection.schools)
    if selection.schools or selection.tenant:
        raise UsageError(f"--school and --tenant need the folder of a trust, but {path} has no {TRUST_FILE}")
    return load_playbooks(Path(path))


def load_school(path: Path | str, selection: Selection = EVERYTHING) -> Playbooks:
    """Return only the school file of a directory, and ignore mistakes in its playbooks.

    The school file is enough for `read_objects`, `withdraw`, `rollback` and `forget`. PlaybookError if the school file
    itself is invalid. In the folder of a trust, the result is a whole tenant. UsageError if `selection.schools` are
    only a part of it, because the ledger and its runs are the tenant's.

        >>> api.load_school("playbooks").playbooks
        ()
    """
    if is_trust(Path(path)):
        tenant = load(path, selection)
        others = [name for name in tenant.slices.schools if not tenant.slices.covers(name)]
        if others:
            raise UsageError(
                f"--school {','.join(selection.schools)}: the tenant is also {', '.join(others)}'s, and this command "
                "is for a whole tenant. Leave out --school, or name all of its schools"
            )
        return replace(tenant, playbooks=(), departures=(), base=(), slices=Slices(names=tenant.slices.names))
    return load_school_file(Path(path))


def add_freezes(playbooks: Playbooks, settings: Settings, selection: Selection) -> Playbooks:
    """Return the playbooks of a run that writes. In a trust, the run waits for the freezes of the schools it covers."""
    if not is_trust(playbooks.root):
        return playbooks
    from toolkit.trust.freezes import with_freezes
    from toolkit.trust.load import load_trust
    from toolkit.trust.slices import choose_tenant

    trust = load_trust(playbooks.root)
    members = trust.schools_of(choose_tenant(trust, selection.tenant, selection.schools))
    covered = selection.schools or [school.short_name for school in members]
    return with_freezes(playbooks, settings, covered)


@dataclass(frozen=True, slots=True)
class ValidationReport(JsonReport):
    """The result of checking valid playbooks: their contents, and secrets that git tracks in the school's folder."""

    playbooks: Playbooks
    expansion: Expansion  # the objects that the playbooks ask for
    search: GitSearch
    renamed_keys: Sequence[EarlierKey] = ()  # that `fix` has rewritten
    broken_modules: Sequence[BrokenModule] = ()  # modules of kinds and controls that cannot be loaded

    @property
    def exit(self) -> Exit:
        """Return the exit code: 3 if git tracks a secret, 4 if git could not list its files."""
        return self.search.exit


def validate(
    path: Path | str,
    *,
    fix: bool = False,
    selection: Selection = EVERYTHING,
    settings: Settings | None = None,
    remark: Callable[[str], object] = lambda _: None,
) -> ValidationReport:
    """Check playbooks as `toolkit validate` does. No tenant is read.

    If there are problems, PlaybookError contains all of them. `report.search.secrets` holds passwords and keys that git
    tracks in the school's folder. `report.broken_modules` holds the modules of kinds and controls that cannot be loaded
    and that the playbooks do not need. With `fix`, old names of keys are replaced by the new names, and a school file
    without an `id` gets a new id. `remark` is called with a sentence for each of these changes.
    `selection.tenant` names a tenant of a trust.

        >>> api.validate("playbooks").to_dict()["objects"]
    """
    path = Path(path)
    renamed_keys = write_new_names(path, installed_vocabulary().renamed) if fix else ()
    for earlier in renamed_keys:
        remark(rewritten_line_text(earlier))
    if fix and (written := write_school_id(path, new_school_id())):
        remark(f"{written.path}:{written.line}: {written.message} was added. Do not change it from now on")
    playbooks = load(path, selection)
    expansion = expand_without_tenant(playbooks)
    settings = settings or find_settings(find_school_folder(path))
    if settings.target == "live":  # an emulated school has a clock of its own
        refuse_unreviewed_settings(playbooks, datetime.now(UTC), live=True)
    broken = load_every_part(with_checks=False)  # `check` reports a broken check, and loading all of them takes long
    report = ValidationReport(playbooks, expansion, find_tracked_secrets(settings), renamed_keys, broken)
    return add_json_writer(report, _validation_json, settings.redactor)


def _validation_json(report: ValidationReport) -> Body:
    return validation_json(
        report.playbooks,
        report.expansion,
        rewritten_keys=report.renamed_keys,
        secret_search=report.search,
        broken_modules=report.broken_modules,
    )
