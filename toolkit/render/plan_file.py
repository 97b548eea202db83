"""Write and read a saved plan, whose paths are relative.

An apply makes exactly the changes that the plan showed, or no change at all.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

import toolkit
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.run_report import Report
from toolkit.engine.selection import Selection
from toolkit.errors import StalePlan, UsageError
from toolkit.ledger.redact import Redactor
from toolkit.planning.plan import Plan
from toolkit.private_files import write_private_file
from toolkit.records import dataclass
from toolkit.render.answer import changes_json, report_json
from toolkit.render.line import FORMAT
from toolkit.render.plan_comparison import (
    changed_objects_json,
    describe_plan_differences,
    has_reach_keys,
    lacks_reach,
    leave_out_newer_keys,
)
from toolkit.school.signers import SignedContent
from toolkit.signatures import APPROVAL_SUFFIX, sign
from toolkit.signatures import SUFFIX as SIGNATURE_SUFFIX
from toolkit.values import Body, Json, canonical_text, digest_of

SUFFIX = "plan"
CONTENT_DIGEST = "content_digest"
REVISION = 2
"""The revision of a plan's changes. Revision 2 added their reach. A plan without a revision has revision 1."""
_MAKE_NEW = "Make and review a new plan: `toolkit plan PLAYBOOKS -o FILE`"


class WrittenPlan(BaseModel):
    """The keys of a plan file that an apply reads. The file's digest covers the whole file."""

    model_config = ConfigDict(strict=True, frozen=True)

    toolkit: Literal["plan"]
    format: int
    revision: int = 1
    version: str
    target: str
    playbooks: str
    playbooks_digest: str
    digest: str
    only: list[str]
    provider: str | None
    prune: bool
    command: str = "apply"  # the command that applies it
    now: str = ""  # when it was made
    school: str
    tenants: dict[str, Any]
    changes: list[dict[str, Any]]
    objects: list[dict[str, Any]]
    stops: list[dict[str, Any]] = []


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A saved plan, whose digest was checked when it was read."""

    path: Path
    content: WrittenPlan = field(repr=False)
    raw: bytes = field(repr=False, default=b"")  # the bytes of the file, which its signatures are about

    def find_playbooks(self, school: Path, given_playbooks: Path | None = None) -> Path:
        """Return the folder of the given playbooks or, if none are given, of the plan's playbooks.

        The plan's playbooks are searched in the school's folder, then in the folder of the plan.
        """
        if given_playbooks:
            return given_playbooks
        written = self.content.playbooks
        for folder in (school, self.path.parent):
            if (candidate := folder / written).exists():
                return Path(os.path.relpath(candidate))
        option = ", or name their folder with --playbooks PLAYBOOKS" if self.content.command == "apply" else ""
        raise UsageError(
            f"{self.path} was made from the playbooks {written}, which are neither in {school} nor next to the file. "
            f"Run it in the school's folder{option}"
        )

    def check(self, target: str, playbooks_digest: str) -> None:
        """Raise StalePlan if the target, the playbooks or the version of toolkit differ from the saved plan."""
        written = self.content
        if target != written.target:
            raise StalePlan(f"{self.path} was made for the {written.target} target, but this run uses {target}")
        if written.version != toolkit.__version__:
            made = f"{self.path} was made by toolkit {written.version}, and this is {toolkit.__version__}"
            raise StalePlan(f"{made}. {_MAKE_NEW}")
        if playbooks_digest != written.playbooks_digest:
            raise StalePlan(f"the playbooks changed since {self.path} was made. {_MAKE_NEW}")

    def narrow_selection(self, selection: Selection) -> Selection:
        """Return the selection of a run, limited to the playbooks and controls of the saved plan."""
        return selection._replace(only=tuple(self.content.only), provider=self.content.provider)

    @property
    def describe_missing_reach(self) -> str:
        """Return a sentence about changes whose reach an earlier version did not save, or "" if the reach of
        every change is saved.
        """
        lacking = sum(map(lacks_reach, self.content.changes))
        if self.content.revision >= REVISION or not lacking:
            return ""
        changes = "1 change" if lacking == 1 else f"{lacking} changes"
        made = f"{self.path} was made by an earlier version"
        return f"{made}. It does not contain the reach of {changes}, so the reach is not compared"

    def review(self, survey: TenantSurvey, redactor: Redactor) -> None:
        """Compare a saved plan with a plan that is made now. Raise StalePlan with every difference."""
        written, playbooks = self.content, survey.playbooks
        shown: Body = {name: getattr(written, name) for name in ("school", "tenants", "changes", "objects")}
        present = _without_secrets(
            {
                "school": playbooks.school.name,
                "tenants": dict(survey.tenants),
                **_part_to_compare(survey.plan, playbooks.root, redactor),
            },
            redactor,
        )
        now: Any = present["changes"]
        if written.revision < REVISION:
            present = {**present, "changes": leave_out_newer_keys(written.changes, now)}
        if canonical_text(shown) == canonical_text(present) and written.digest == survey.plan.digest:
            return
        named = (
            describe_plan_differences(shown, present)
            or "something that a plan does not show completely, such as a hidden text"
        )
        raise StalePlan(f"{self.path} is not the plan that would be applied now: {named}. {_MAKE_NEW}")


def save_plan(
    report: Report, path: Path, playbooks: Path, *, school: Path, redactor: Redactor, signing_key: Path | None = None
) -> None:
    """Write a plan to a file that only its owner can read, without secrets and absolute paths.

    With a signing key, its signature is written too.
    """
    if path.exists() and not (path.is_file() and (is_plan_file(path) or not path.stat().st_size)):
        raise UsageError(f"{path} exists and is not a saved plan, so it is not overwritten. Choose another name")
    context = report.context
    shown = report_json(report)
    full_content = {
        "toolkit": SUFFIX,
        "revision": REVISION,
        "version": toolkit.__version__,
        "playbooks": stored_path(playbooks, school, path.parent),
        "playbooks_digest": report.playbooks.digest,
        "digest": report.plan.digest,
        "only": list(context.only),
        "provider": context.provider,
        "prune": context.prune,
        **({"command": "withdraw"} if context.withdraws_everything else {}),
        **{name: value for name, value in shown.items() if name != "settings"},
        **_part_to_compare(report.plan, report.playbooks.root, redactor),
    }
    content = _without_secrets(make_paths_relative(full_content, report.playbooks.root), redactor)
    text = json.dumps({**content, CONTENT_DIGEST: content_digest(content)}, indent=2) + "\n"
    signature = sign(text.encode(), signing_key, SignedContent.PLANS) if signing_key else None
    for suffix in (SIGNATURE_SUFFIX, APPROVAL_SUFFIX):  # of an earlier plan with this name
        add_suffix(path, suffix).unlink(missing_ok=True)
    write_private_file(path, text)
    if signature:
        write_private_file(add_suffix(path, SIGNATURE_SUFFIX), signature.decode())


def content_digest(content: Mapping[str, Json]) -> str:
    """Return the digest of a plan file's content, without the digest in it."""
    rest = {name: value for name, value in content.items() if name != CONTENT_DIGEST}
    return digest_of(rest)


def find_plan(path: Path, command: str | None, playbooks: Path | None = None) -> PlanFile | None:
    """Read a saved plan for a command, or for any command if `command` is None.

    Return None if the path contains playbooks. Raise UsageError if `playbooks` is given and the path is not a saved
    plan.
    """
    if is_plan_file(path):
        return read_plan_file(path, command)
    if playbooks:
        raise UsageError(f"--playbooks is only for a saved plan, and {path} is not a saved plan")
    return None


def is_plan_file(path: Path) -> bool:
    """Return whether a file is a saved plan in JSON and not a playbook."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(1) == b"{"
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def read_plan_file(path: Path, command: str | None) -> PlanFile:
    """Read a saved plan for the command that applies it, or for any command if `command` is None.

    Raise UsageError if the file is not a plan, was edited, or is for another command. Raise StalePlan if an earlier
    version of toolkit wrote it.
    """
    try:
        raw = path.read_bytes()
        content: dict[str, Any] = json.loads(raw.decode(), object_pairs_hook=_refuse_repeated_keys)
        if content["toolkit"] != SUFFIX or content["format"] != FORMAT:
            raise UsageError(f"{path} has format {content['format']}; this toolkit reads plans of format {FORMAT}")
        if CONTENT_DIGEST not in content:
            raise StalePlan(f"{path} was saved by an earlier toolkit, without a digest of its content. {_MAKE_NEW}")
        if content_digest(content) != content[CONTENT_DIGEST]:
            raise UsageError(f"{path} was edited after it was saved: its content and its digest differ. {_MAKE_NEW}")
        written = WrittenPlan.model_validate(content)
        if command and written.command != command:
            raise UsageError(f"{path} is a plan for `toolkit {written.command} {path}`. Nothing was written")
        if written.revision < REVISION and any(map(has_reach_keys, written.changes)):
            raise UsageError(
                f"{path} has the reach of changes but no revision, so it was edited after it was saved. {_MAKE_NEW}"
            )
        return PlanFile(path, written, raw)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{path} is not a plan of toolkit. Make one: `toolkit plan PLAYBOOKS -o FILE`") from error


def _part_to_compare(plan: Plan, root: Path, redactor: Redactor) -> Body:
    """Return the part of a plan that an apply compares with a saved plan, as a plan file contains it."""
    return _without_secrets(
        make_paths_relative({"changes": changes_json(plan), "objects": changed_objects_json(plan)}, root), redactor
    )


def _without_secrets(content: Mapping[str, Json], redactor: Redactor) -> dict[str, Json]:
    """Return the content of a plan file without secrets, in the form that it has after it was written as JSON
    and read again.
    """
    read: dict[str, Json] = json.loads(json.dumps(redactor.json(content)))
    return read


def _refuse_repeated_keys(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    """Return a JSON object from its keys and values.

    Raise ValueError if a key occurs twice, because programs differ on which of its values counts.
    """
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key is written twice")
    return table


def add_suffix(path: Path, suffix: str) -> Path:
    """Return the path of a file with the same name and one more suffix, such as monday.plan.sig."""
    return path.with_name(f"{path.name}{suffix}")


def stored_path(playbooks: Path, school: Path, folder: Path) -> str:
    """Return the path of the playbooks, relative to the school's folder.

    If the playbooks are outside the school's folder, the path is relative to the plan's folder.
    """
    real, home = playbooks.resolve(), school.resolve()
    if real.is_relative_to(home):
        return real.relative_to(home).as_posix()
    return Path(os.path.relpath(real, folder.resolve())).as_posix()


def make_paths_relative(content: Mapping[str, Json], root: Path) -> dict[str, Json]:
    """Return the content of a plan file with the path of every playbook relative to the playbooks' folder."""
    return {name: _shorten_paths(value, root) for name, value in content.items()}


def _shorten_paths(value: Json, root: Path) -> Json:
    match value:
        case str():
            return value.replace(f"{root}/", "") if root.is_absolute() else value
        case Mapping():
            short = {key: _shorten_paths(entry, root) for key, entry in value.items()}
            path = value.get("path")
            return (
                {**short, "path": _relative_path(path, root)} if isinstance(path, str) and value.get("line") else short
            )
        case Sequence():
            return [_shorten_paths(entry, root) for entry in value]
        case _:
            return value


def _relative_path(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path
