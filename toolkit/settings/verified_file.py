"""Read and write `verified.yaml` in a school's folder: facts that its live tenants have confirmed, with the dates."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import PlaybookError, UsageError
from toolkit.records import dataclass
from toolkit.values import Body, digest_of
from toolkit.yaml.node import line_of, plain_table
from toolkit.yaml.source import read_source

if TYPE_CHECKING:
    from pydantic import TypeAdapter

NAME = "verified.yaml"
_FORMAT = 1
_AGAIN = "delete the file and run `toolkit doctor --first-run` again"
_HEADING = (
    "# Facts about the vendors' services that this school's tenants have confirmed. `toolkit doctor --first-run`\n"
    "# and the first write with `toolkit apply --unverified` write this file. An edited file is refused, and a copy\n"
    "# for another tenant has no effect.\n"
)


@dataclass(frozen=True, slots=True)
class Verification:
    """A tenant's confirmation of a fact about a vendor's service."""

    on: date
    by: str  # read | write
    run: str


Verified = Mapping[str, Mapping[str, Verification]]
"""The verified facts, by tenant and then by fact."""


def tenant_key(target: str, tenant: str) -> str:
    """Return the key of a tenant in the file.

    It contains the target, because emulated facts do not apply to live tenants.
    """
    return f"{target} {tenant}"


def read_verified(folder: Path) -> Verified:
    """Return the verified facts in a school's folder. Raise UsageError if the file was edited or has another format."""
    file = folder / NAME
    if not file.is_file():
        return {}
    try:
        source = read_source(file, relative=NAME)
        body = plain_table(source.root)
    except PlaybookError as wrong:
        raise UsageError(f"{wrong}: {_AGAIN}") from wrong
    line = line_of(source.root, ("verified",), otherwise=1)
    if body.get("verified") != _FORMAT:
        file_format = body.get("verified", "none")
        raise UsageError(f"{file}:{line}: its format is {file_format}, and this toolkit reads {_FORMAT}: {_AGAIN}")
    if body.get("seal") != digest_of(body.get("tenants")):
        line = line_of(source.root, ("seal",), otherwise=1)
        raise UsageError(f"{file}:{line}: the file was edited after toolkit wrote it: {_AGAIN}")
    from pydantic import ValidationError

    try:
        return _verified_adapter().validate_python(body.get("tenants"))
    except ValidationError as wrong:
        line = line_of(source.root, ("tenants",), otherwise=1)
        raise UsageError(f"{file}:{line}: it is not a list of tenants with their facts: {_AGAIN}") from wrong


@cache
def _verified_adapter() -> "TypeAdapter[Verified]":
    from pydantic import TypeAdapter

    return TypeAdapter(Verified)


def write_verified(folder: Path, verified: Verified) -> Path:
    """Write all verified facts to the file and return its path. Raise UsageError if it cannot be written."""
    tenants: Body = {
        key: {
            name: {"on": verification.on.isoformat(), "by": verification.by, "run": verification.run}
            for name, verification in facts.items()
        }
        for key, facts in verified.items()
        if facts
    }
    lines = [f"verified: {_FORMAT}", f"seal: {digest_of(tenants)}", "tenants:" if tenants else "tenants: {}"]
    for key, facts in verified.items():
        lines += [f'  "{key}":'] if facts else []
        lines += [
            f'    {name}: {{on: "{verification.on}", by: {verification.by}, run: "{verification.run}"}}'
            for name, verification in facts.items()
        ]
    return replace_file(folder / NAME, _HEADING + "\n".join(lines) + "\n")


def replace_file(file: Path, text: str) -> Path:
    """Replace a file of a school's folder atomically. Raise UsageError if it cannot be written."""
    new = file.with_name(f".{file.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    return file
