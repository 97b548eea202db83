"""Identifies the user and the computer that run toolkit. The ledger stores only their pseudonyms."""

import getpass
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.records import dataclass

if TYPE_CHECKING:
    from toolkit.ledger.history import RunHistory
    from toolkit.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Operator:
    """The pseudonyms of a user and a computer. A pseudonym is "" if the operating system does not give the name."""

    user: str = ""
    host: str = ""


def current_operator(ledger: "Ledger") -> Operator:
    """Return the pseudonyms of this process's user and computer. The names are stored until someone removes them."""
    names, user, host = Pseudonyms(ledger), _user_name(), platform.node()
    return Operator(names.create_pseudonym(user) if user else "", names.create_pseudonym(host) if host else "")


def operator_names(ledger: "Ledger", runs: Iterable["RunHistory"]) -> Mapping[str, str]:
    """Return the names for the pseudonyms of operators and computers. Deleted names are left out."""
    pseudonyms = {name for run in runs for name in (run.began.operator, run.began.host) if name}
    stored_names = Pseudonyms(ledger) if pseudonyms else None
    return {name: address for name in sorted(pseudonyms) if stored_names and (address := stored_names.address(name))}


def _user_name() -> str:
    """Return the user name of the process.

    The name comes from the owner of a file, because environment variables can be set to anything. On Windows, which
    does not show the owner, the name comes from the environment.
    """
    try:
        with NamedTemporaryFile() as own:
            return _file_owner(Path(own.name))
    except (OSError, NotImplementedError):
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _file_owner(file: Path) -> str:
    try:
        return file.owner()
    except KeyError:  # the user has no name
        return f"user {file.stat().st_uid}"
