"""A trust of ten schools that share an emulated Microsoft tenant and Google customer, from the seed `trust`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.door import CommandResult, ask
from tests.emulated import FEW_PEOPLE, Emulator, Tenant

TREES = ("oak", "elm", "ash", "beech", "birch", "cedar", "hazel", "larch", "maple", "rowan")
_HEAD = """\
trust: Harbour Learning Trust
id: k4v7m2qd
tenants:
  main:
    microsoft365: {{tenant_id: {tenant_id}, domain: harbour.example}}
    google_workspace: {{customer_id: {customer_id}, domain: harbour.example}}
{others}base: base/
mode: enforce
people: home.csv
decides:
  school: [mail.attachment_block]
  school_may_tighten: [device.compliance]
schools:
  HQ: {{name: Central team, central: true, microsoft365: {{everyone: hq-all@harbour.example}}}}
"""
_OTHER = """\
  {name}:
    google_workspace: {{customer_id: {customer_id}, domain: {domain}}}
"""
_SCHOOL = """\
  {name}:
    name: {title} Primary School
    domains: [{tree}.example]
    owner: Head Teacher
    microsoft365: {{everyone: {tree}-all@harbour.example, staff: {staff}@harbour.example}}
    google_workspace: {{{google}}}
{folder}"""
RULES = """\
playbook: rules
title: Rules
owner: Chief Executive
controls:
"""


@dataclass(frozen=True)
class TenSchools:
    """The folder of a trust, and the `toolkit` command that runs over it."""

    tenant: Tenant
    folder: Path
    own_google: Mapping[str, Tenant]  # by school, a Google customer of its own

    @property
    def state(self) -> Path:
        return self.folder.parent / "state"

    def __call__(self, *words: str | Path, **variables: str) -> CommandResult:
        """Run `toolkit WORDS`, with the trust's state folder."""
        return ask(*words, **{"TOOLKIT_STATE": str(self.state), "TOOLKIT_PATIENCE": "5", **variables})

    def close(self) -> None:
        """Close the tenants."""
        for tenant in (self.tenant, *self.own_google.values()):
            tenant.close()

    def write(self, name: str, text: str) -> None:
        """Write a file of the trust."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_trust(self, folders: Sequence[str] = ()) -> None:
        """Write trust.yaml, in which some schools have a folder, and the homes of people in two schools."""
        others = "".join(
            _OTHER.format(name=tree, customer_id=tenant.customer_id, domain=tenant.domain)
            for tree, tenant in self.own_google.items()
        )
        head = _HEAD.format(tenant_id=self.tenant.tenant_id, customer_id=self.tenant.customer_id, others=others)
        self.write("trust.yaml", head + "".join(self._schools(folders)))
        self.write("home.csv", "\n".join(["address,school", *self._homes()]) + "\n")

    def _schools(self, folders: Sequence[str]) -> Iterator[str]:
        for tree in TREES:
            unit = "tenant: main, " if self.own_google else ""
            yield _SCHOOL.format(
                name=tree.upper(),
                title=tree.title(),
                tree=tree,
                staff="ash-colleagues" if tree == "ash" else f"{tree}-staff",
                google=f"tenant: {tree}, staff: /Staff" if tree in self.own_google else f"{unit}unit: /{tree.title()}",
                folder=f"    folder: schools/{tree}\n" if tree in folders else "",
            )

    def _homes(self) -> Iterator[str]:
        """Yield a row for each person who is in the groups of two schools."""
        groups = {group["mail"]: key for key, group in self.tenant.objects("groups").items() if group["mail"]}
        people = self.tenant.objects("users")
        for home, host in (("oak", "elm"), ("larch", "maple")):
            first, second = (
                set(self.tenant.read_object("members", groups[f"{tree}-all@harbour.example"])["members"])
                for tree in (home, host)
            )
            yield from (f"{people[person]['mail']},{home.upper()}" for person in first & second)


def build_ten_schools(emulator: Emulator, root: Path, *, own_google: Sequence[str] = ()) -> TenSchools:
    """Build the trust. Each school in `own_google` has a Google customer of its own, which is another tenant."""
    tenant = emulator.borrow_tenant(seed="trust")
    own = {tree: emulator.borrow_tenant(**FEW_PEOPLE) for tree in own_google}
    trust = TenSchools(tenant, root / "trust", own)
    (trust.state / "emulator").mkdir(parents=True)
    (trust.state / "emulator" / "serve.json").write_text(json.dumps(dict(emulator.line)))
    (trust.folder / "base").mkdir(parents=True)
    trust.write_trust()
    return trust
