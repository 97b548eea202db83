"""Emulated schools for tests: a tenant with some people, playbooks, and the `toolkit` command that runs over them.

A fixture that needs a school of its own builds it with `schools`, or with `module_schools` if the tests of a module
share it. A test that only needs other people in `tenant`, `door`, `bare_door`, `google_door` or `wide_door` has a mark,
such as `pytestmark = few_people`.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.door import GOOGLE, MICROSOFT, Checkpoint, Door, open_door
from tests.emulated import FEW_PEOPLE, Emulator

TWENTY_PEOPLE: Mapping[str, int] = {"users": 20}
"""The people of a test that needs hardly anyone."""


def with_people(**people: object) -> pytest.MarkDecorator:
    """Return a mark that sets the people of the tenant of a test or of all tests of a module, as in `open_tenant`."""
    return pytest.mark.people(**people)


few_people = with_people(**FEW_PEOPLE)
twenty_people = with_people(**TWENTY_PEOPLE)


@dataclass(frozen=True)
class Schools:
    """Builds schools, each in a folder of `folders`, and closes their tenants at the end."""

    emulator: Emulator
    folders: Iterator[Path]
    _tenants: ExitStack = field(default_factory=ExitStack, repr=False)

    def build(
        self,
        people: Mapping[str, object] = FEW_PEOPLE,
        *,
        clouds: Collection[str] = (MICROSOFT, GOOGLE),
        samples: bool = False,
        files: Mapping[str, str] | None = None,
        own_snapshot: bool = False,
    ) -> Door:
        """Build a school with the sample playbooks or only a school file, and with `files` among its playbooks.

        With `own_snapshot`, its tenant can be restored to a checkpoint of the test.
        """
        lend = self.emulator.open_tenant if own_snapshot else self.emulator.borrow_tenant
        tenant = lend(**people)
        self._tenants.callback(tenant.close)
        door = open_door(tenant, next(self.folders), samples=samples, clouds=clouds)
        for name, text in (files or {}).items():
            door.write(name, text)
        return door

    def checkpoint(self, door: Door) -> Checkpoint:
        """Store the present state of a school that was built with `own_snapshot`."""
        return Checkpoint.take(door, next(self.folders))

    def close(self) -> None:
        """Close the tenants of all schools."""
        self._tenants.close()
