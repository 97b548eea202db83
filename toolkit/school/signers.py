"""The keys that may sign reports, plans and approvals, as the school file lists them."""

import base64
import hashlib
from collections.abc import Mapping
from enum import StrEnum

from toolkit.records import dataclass


class SignedContent(StrEnum):
    """The types of file that a key may sign. A signature on one type does not count for another type."""

    REPORTS = "reports"
    PLANS = "plans"
    APPROVALS = "approvals"

    @property
    def namespace(self) -> str:
        """Return the namespace of the SSH signature, which ssh-keygen takes as its option -n."""
        return f"toolkit-{self}"


class ChangeClass(StrEnum):
    """The classes of change for which a school may ask for the approval of a second person."""

    STOPS_MAIL = "stops mail"
    DELETES = "deletes"
    OVER_HALF = "over half"


@dataclass(frozen=True, slots=True)
class PlanApproval:
    """The approval of a saved plan: the signer's name, the key's fingerprint, and the SHA-256 of the plan file.

    If a forge says that a person approved the pull request, `key` is the address of the review.
    """

    by: str
    key: str
    plan: str


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """The repository of the playbooks on a forge, and the role of each reviewer by login."""

    repository: str
    reviewers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FileSigner:
    """A role or a computer with a public SSH key ("ssh-ed25519 AAAA..."), and the types of file that it may sign."""

    name: str
    key: str
    may: frozenset[SignedContent]

    @property
    def fingerprint(self) -> str:
        """Return the key's fingerprint as ssh-keygen prints it, such as SHA256:oXJw8I23..."""
        digest = hashlib.sha256(base64.b64decode(self.key.split()[1])).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    @property
    def allowed_signers_line(self) -> str:
        """Return the line of the key in a file of allowed signers. See ssh-keygen(1), ALLOWED SIGNERS."""
        namespaces = ",".join(content.namespace for content in SignedContent if content in self.may)
        return f'"{self.name}" namespaces="{namespaces}" {self.key}'
