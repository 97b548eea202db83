"""Check the maker and the approver of a saved plan, approve a plan, and show it to its approver."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.private_files import write_private_file
from toolkit.render.line import Line, Tone
from toolkit.render.plan_file import PlanFile, add_suffix
from toolkit.render.values_text import count_text
from toolkit.school.school import School
from toolkit.school.signers import FileSigner, PlanApproval, SignedContent
from toolkit.signatures import APPROVAL_SUFFIX, SUFFIX, WrongSignature, find_signer, sign

_MOST = 15  # changes that are shown with their settings, so that the summary fits on a screen
_LONGEST = 70  # characters of a value


def find_maker(saved: PlanFile, school: School) -> FileSigner | None:
    """Return the signer of a saved plan, or None if no key of the school may sign plans.

    Raise WrongSignature if the plan has no signature by one of these keys, because then its summary, notes and time may
    have been changed.
    """
    if not any(SignedContent.PLANS in signer.may for signer in school.signers):
        return None
    signature = _read_signature(saved.path, SUFFIX)
    if signature is None:
        raise WrongSignature(
            f"{saved.path} has no signature {add_suffix(saved.path, SUFFIX).name} next to it, and "
            f"{school.origin.path} has a key that signs plans. Copy the signature along with the plan, or make a new "
            "plan with TOOLKIT_SIGNING_KEY_FILE"
        )
    return _find_signer(saved, signature, SignedContent.PLANS, school)


def find_approval(saved: PlanFile, school: School) -> PlanApproval | None:
    """Return the approval of a saved plan, or None if it has none.

    Raise WrongSignature if its signature is wrong, or if the maker of the plan made it.
    """
    maker = find_maker(saved, school)
    signature = _read_signature(saved.path, APPROVAL_SUFFIX)
    return _check_approval(saved, signature, school, maker) if signature else None


def approve(saved: PlanFile, school: School, key: Path) -> PlanApproval:
    """Sign a saved plan as its approver, write the approval next to the plan, and return it.

    Raise WrongSignature if the key may not sign approvals, or if it made the plan.
    """
    maker = find_maker(saved, school)
    signature = sign(saved.raw, key, SignedContent.APPROVALS)
    approval = _check_approval(saved, signature, school, maker)
    write_private_file(add_suffix(saved.path, APPROVAL_SUFFIX), signature.decode())
    return approval


def _check_approval(saved: PlanFile, signature: bytes, school: School, maker: FileSigner | None) -> PlanApproval:
    approver = _find_signer(saved, signature, SignedContent.APPROVALS, school)
    if approver == maker:
        raise WrongSignature(f"{approver.name} made {saved.path}, so another person must approve it")
    return PlanApproval(approver.name, approver.fingerprint, hashlib.sha256(saved.raw).hexdigest())


def _find_signer(saved: PlanFile, signature: bytes, of: SignedContent, school: School) -> FileSigner:
    try:
        return find_signer(saved.raw, signature, of, school.signers)
    except WrongSignature as error:
        raise WrongSignature(f"{saved.path}: {error}. Keys are listed in {school.origin.path}") from error


def _read_signature(path: Path, suffix: str) -> bytes | None:
    signature = add_suffix(path, suffix)
    try:
        return signature.read_bytes() if signature.exists() else None
    except OSError as error:
        raise UsageError(f"{signature} cannot be read: {error.strerror}") from error


def approval_lines(saved: PlanFile, maker: FileSigner | None) -> Iterator[Line]:
    """Show a saved plan on one screen. An apply compares the changes with the tenants, so they cannot be hidden."""
    written = saved.content
    tenants = ", ".join(f"{provider} {tenant}" for provider, tenant in written.tenants.items())
    made_by = f" by {maker.name}" if maker else ""
    yield Line(f"{written.school}, {written.target} target", Tone.HEADING)
    yield Line(f"  {tenants or 'no tenant'}", Tone.QUIET)
    yield Line(f"  made{made_by} at {written.now}, for `toolkit {written.command}`", Tone.QUIET)
    if written.prune:
        yield Line("! It also removes orphaned objects, which no playbook asks for any more.", Tone.WARNING)
    counts = Counter((str(change["action"]), _kind(change)) for change in written.changes)
    for (action, kind), number in sorted(counts.items()):
        yield Line(f"{action} {number} {kind}{_most_people(saved, action, kind)}")
    for words in dict.fromkeys(str(stop.get("words")) for stop in written.stops):
        yield Line(f"! stops: {words}", Tone.WARNING)
    shown = written.changes[:_MOST]
    for change in sorted(shown, key=lambda change: change["action"] != "delete"):
        yield from _change_lines(change)
    if more := len(written.changes) - len(shown):
        yield Line(f"  and {count_text(more, 'more change')}, which {saved.path} lists under `changes`", Tone.QUIET)


def _kind(change: Mapping[str, Any]) -> str:
    return str(change["address"]).partition("[")[0]


def _most_people(saved: PlanFile, action: str, kind: str) -> str:
    reaches = [
        change.get("reach") or {}
        for change in saved.content.changes
        if (change["action"], _kind(change)) == (action, kind)
    ]
    people = max((reach.get("people") or 0 for reach in reaches), default=0)
    devices = max((reach.get("devices") or 0 for reach in reaches), default=0)
    reached = [
        *([count_text(people, "person", "people")] if people else []),
        *([count_text(devices, "device")] if devices else []),
    ]
    return f", each up to {' and '.join(reached)}" if reached else ""


def _change_lines(change: Mapping[str, Any]) -> Iterator[Line]:
    tone = Tone.REMOVED if change["action"] == "delete" else Tone.PLAIN
    yield Line(f"  {change['action']} {change['address']}", tone)
    for field in change.get("fields") or ():
        if field.get("after") is not None or field.get("before") is not None:
            before, after = _shorten(field.get("before")), _shorten(field.get("after"))
            yield Line(f"      {field.get('path')}: {f'{before} -> ' if before else ''}{after or '(unset)'}")


def _shorten(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            text = " ".join(value.split())
        case list():
            text = ", ".join(map(str, value))
        case _:
            text = json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
