"""The form of `signers:` in the school file, and its conversion to keys that may sign."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from toolkit.errors import Problem
from toolkit.messages import quoted, shown
from toolkit.playbook.playbook_schema import FileForm, Line
from toolkit.school.signers import FileSigner, ReviewSettings, SignedContent
from toolkit.yaml.node import Source, line_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 @._-]*")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_TYPES = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)


def _check_signer_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"{shown(text)} is not a name for a signer, such as Office computer. Use letters, digits, spaces and @._-"
        )
    return text


def _check_repository(text: str) -> str:
    if not _REPOSITORY.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a repository. Write its owner and its name: example-primary/policy")
    return text


def _check_public_key(text: str) -> str:
    """Return a public key without its comment. Raise ValueError if the text is not one line of a .pub file."""
    key_type, blob, *_ = [*text.split(), "", ""]
    try:
        content = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if key_type not in _TYPES or content[4 : 4 + len(key_type)] != key_type.encode():
        raise ValueError(
            f"{shown(text)} is not a public SSH key, such as ssh-ed25519 AAAA... It is the line in the .pub file that "
            "`ssh-keygen -t ed25519` writes"
        )
    return f"{key_type} {blob}"


class SignerForm(FileForm):
    """A public key that may sign reports, plans or approvals."""

    name: Annotated[Line, AfterValidator(_check_signer_name)] = Field(
        description="The role or the computer that has the private key, such as Office computer or Head Teacher."
    )
    key: Annotated[Line, AfterValidator(_check_public_key)] = Field(
        description="The public SSH key: the line in the .pub file that `ssh-keygen -t ed25519` writes."
    )
    may: list[Literal["reports", "plans", "approvals"]] = Field(
        min_length=1, description="The files that the key may sign: reports, plans, or approvals of plans."
    )


class ReviewerForm(FileForm):
    """A person whose review on the forge can be an approval."""

    login: Annotated[Line, AfterValidator(_check_signer_name)] = Field(description="The login at GitHub.")
    name: Annotated[Line, AfterValidator(_check_signer_name)] = Field(
        description="The role of the person, such as Head Teacher, which the ledger records."
    )


class ReviewsForm(FileForm):
    """The repository whose reviews can be approvals, and the people who may approve."""

    repository: Annotated[Line, AfterValidator(_check_repository)] = Field(
        description="The repository of the playbooks at GitHub.", examples=["example-primary/policy"]
    )
    reviewers: list[ReviewerForm] = Field(min_length=1, description="The people whose review is an approval.")


def to_review_settings(written: ReviewsForm | None) -> ReviewSettings | None:
    """Return the repository and the reviewers of the school file, or None if it has none."""
    if written is None:
        return None
    return ReviewSettings(written.repository, {form.login: form.name for form in written.reviewers})


def to_signers(written: Sequence[SignerForm]) -> tuple[FileSigner, ...]:
    """Return the keys of the school file."""
    return tuple(FileSigner(form.name, form.key, frozenset(map(SignedContent, form.may))) for form in written)


def signer_problems(
    written: Sequence[SignerForm], approval: Sequence[str], source: Source, *, has_reviews: bool
) -> Iterator[Problem]:
    """Yield a problem for each name or key that is listed twice, because a signature would then name two signers.

    If changes need an approval, one key must be able to sign plans, and another key approvals, unless a review on a
    forge can be the approval.
    """
    makers = [form.name for form in written if "plans" in form.may]
    approvers = [form.name for form in written if "approvals" in form.may]
    approvable = makers if has_reviews else any(maker != approver for maker in makers for approver in approvers)
    if approval and not approvable:
        line = line_of(source.root, ("approval",), otherwise=source.root.line)
        yield source.problem(
            line,
            "`approval` needs a key under `signers` that may sign plans, and another key that may sign approvals "
            "(or `reviews`)",
        )
    for index, form in enumerate(written):
        line = line_of(source.root, ("signers", index), otherwise=source.root.line)
        earlier = written[:index]
        if any(other.name == form.name for other in earlier):
            yield source.problem(line, f"two signers are called {quoted(form.name)}: give each key its own name")
        if same := next((other for other in earlier if other.key == form.key), None):
            yield source.problem(
                line,
                f"{quoted(form.name)} has the key of {quoted(same.name)}: list each key once",
            )
