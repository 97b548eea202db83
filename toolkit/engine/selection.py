"""The part of the playbooks that a run covers, and the limits that the user lifts."""

from typing import NamedTuple

PART_FLAGS = _ONLY, _PROVIDER, _SCHOOL = "--only", "--provider", "--school"
"""The options that limit a run to a part of the playbooks."""


class Selection(NamedTuple):
    """The part of the playbooks that a run covers, and the limits that the user lifts.

    `only` contains addresses of objects and names of controls. `allow_changes` contains names of kinds.
    """

    only: tuple[str, ...] = ()
    provider: str | None = None
    allow_changes: tuple[str, ...] = ()
    allow_deletes: int | None = None
    reach: int | None = None
    enforce_at_once: bool = False
    prune: bool = False
    unverified: tuple[str, ...] = ()  # kinds whose first write may verify a vendor fact
    lose: int | None = None
    schools: tuple[str, ...] = ()  # the schools of a trust, or all of them
    tenant: str | None = None  # the name of a trust's tenant

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the selection as options of the command line, for the ledger."""
        return (
            *(f"{_ONLY} {word}" for word in self.only),
            *([f"{_PROVIDER} {self.provider}"] if self.provider else []),
            *(f"{_SCHOOL} {school}" for school in self.schools),
            *(f"--allow-changes {kind}" for kind in self.allow_changes),
            *([f"--allow-deletes {self.allow_deletes}"] if self.allow_deletes is not None else []),
            *([f"--reach {self.reach}"] if self.reach is not None else []),
            *([f"--lose {self.lose}"] if self.lose is not None else []),
            *(["--enforce-at-once"] if self.enforce_at_once else []),
            *(["--prune"] if self.prune else []),
            *(f"--unverified {kind}" for kind in self.unverified),
        )


EVERYTHING = Selection()
"""All playbooks, without a lifted limit."""
