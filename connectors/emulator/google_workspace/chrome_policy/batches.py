"""Reading a batch of changes: all of one namespace, on targets of one kind, none of them twice."""

from collections.abc import Sequence
from typing import NamedTuple

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.chrome_policy.checking import Problem, refusal, wrong_keys, wrong_value
from connectors.emulator.google_workspace.chrome_policy.known import SCHEMAS
from connectors.emulator.google_workspace.chrome_policy.schema import PolicySchema
from connectors.emulator.google_workspace.chrome_policy.stored import GROUP, Target, read_target
from connectors.emulator.google_workspace.values import mapping, sequence, text
from connectors.emulator.wire import Body


class Change(NamedTuple):
    """One policy of a batch that gets a value."""

    target: Target
    schema: PolicySchema
    value: Body
    mask: list[str]


class Removal(NamedTuple):
    """One policy of a batch that is taken away; all of a namespace where its schema ends with a star."""

    target: Target
    schema: str


def read_changes(asked: MethodCall, kind: str) -> list[Change]:
    """Read and check the changes of a batch; raises ApiError for the first that Google would not take."""
    changes = [_change(asked, mapping(one), kind) for one in sequence(asked.body.get("requests"))]
    _check_together([Removal(one.target, one.schema.name) for one in changes])
    return changes


def read_removals(asked: MethodCall, kind: str) -> list[Removal]:
    """Read and check the removals of a batch; raises ApiError for the first that Google would not take."""
    removals = [_removal(asked, mapping(one), kind) for one in sequence(asked.body.get("requests"))]
    _check_together(removals)
    return removals


def _change(asked: MethodCall, written: Body, kind: str) -> Change:
    value = mapping(written.get("policyValue"))
    target, name = read_target(asked, written.get("policyTargetKey"), (kind,)), text(value.get("policySchema"))
    schema = _known(target, name)
    mask = [one.strip() for one in text(written.get("updateMask")).split(",") if one.strip()]
    inside = mapping(value.get("value"))
    if problems := [*wrong_keys(schema, target), *wrong_value(schema, target, inside, mask)]:
        raise refusal(target, name, problems)
    return Change(target, schema, inside, mask)


def _removal(asked: MethodCall, written: Body, kind: str) -> Removal:
    target, name = read_target(asked, written.get("policyTargetKey"), (kind,)), text(written.get("policySchema"))
    if not name.endswith(".*"):
        if problems := list(wrong_keys(_known(target, name), target)):
            raise refusal(target, name, problems)
    elif not target.keys or not any(one.namespace == name[:-2] and one.keys for one in SCHEMAS.values()):
        raise refusal(target, name, [Problem("", f"Invalid policy schema: {name}")])
    return Removal(target, name)


def _known(target: Target, name: str) -> PolicySchema:
    schema = SCHEMAS.get(name)
    if schema is None:
        raise refusal(target, name, [Problem("", f"Invalid policy schema: {name}")])
    if target.resource.startswith(GROUP) and not schema.groups:
        raise refusal(target, name, [Problem("", f"{name} cannot be applied to a group.")])
    return schema


def _check_together(batch: Sequence[Removal]) -> None:
    if not batch:
        raise errors.invalid_argument("requests must not be empty.")
    if len({one.schema.rpartition(".")[0] for one in batch}) > 1:
        raise errors.invalid_argument("All policy schemas in a batch must have the same root namespace.")
    if len({tuple(name for name, _ in one.target.keys) for one in batch}) > 1:
        raise errors.invalid_argument(
            "All policy target keys in a batch must have the same additional target key names."
        )
    if len(set(batch)) < len(batch):
        raise errors.invalid_argument("A batch must not reference the same policy schema and policy target key twice.")
