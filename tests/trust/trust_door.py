"""A trust for tests: schools that each have a tenant, and the `toolkit trust` command that runs over them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cases import playbook, resource
from tests.door import CommandResult, ask
from tests.emulated import Emulator, Tenant

_HEAD = "trust: Harbour Learning Trust\nbase: base\nmode: enforce\n{waves}tenants:\n"
_TENANT = """\
  {name}:
    microsoft365: {{tenant_id: {tenant}, domain: example-primary.example}}
    google_workspace: {{customer_id: {customer}, domain: example-primary.example}}
    {env}
"""
_SCHOOL = """\
  {name}:
    name: {title} Primary School
    domains: [{tenant}.example]
    microsoft365: {{tenant: {tenant}}}
    google_workspace: {{tenant: {tenant}}}
"""
OFFICE = "office@example-primary.example"


@dataclass(frozen=True)
class TrustDoor:
    """A trust whose schools each have a tenant, and the `toolkit trust` command that runs over it."""

    root: Path
    tenants: Mapping[str, Tenant]

    @property
    def state(self) -> Path:
        return self.root / ".toolkit"

    def __call__(self, command: str, *options: str) -> CommandResult:
        """Run `toolkit trust COMMAND` in this process. Each tenant runs in a process of its own."""
        trust = ("--trust", str(self.root)) if command in {"freeze", "take-back"} else (str(self.root),)
        return ask("trust", command, *trust, *options)

    def set_now(self, instant: str) -> None:
        """Move the time of all tenants."""
        for tenant in self.tenants.values():
            tenant.set_now(instant)

    def env_file(self, name: str) -> Path:
        """Return the settings of a tenant."""
        return self.root / "secrets" / f"{name}.env"

    def write(self, *, waves: str = "", envs: Mapping[str, str] | None = None) -> None:
        """Write trust.yaml, with other settings for some tenants."""
        lines = [_HEAD.format(waves=waves)]
        for name, tenant in self.tenants.items():
            env = (envs or {}).get(name, f"env: secrets/{name}.env")
            lines.append(_TENANT.format(name=name, tenant=tenant.tenant_id, customer=tenant.customer_id, env=env))
        lines.append("schools:\n")
        lines += [_SCHOOL.format(name=name.upper(), title=name.title(), tenant=name) for name in self.tenants]
        (self.root / "trust.yaml").write_text("".join(lines))

    def close(self) -> None:
        """Close all tenants."""
        for tenant in self.tenants.values():
            tenant.close()


def build_trust(emulator: Emulator, root: Path, names: Sequence[str], people: Mapping[str, int]) -> TrustDoor:
    """Build a trust whose schools have the given names, with a playbook that sets one footer."""
    door = TrustDoor(root, {name: emulator.borrow_tenant(**people) for name in names})
    for folder in ("base", "secrets", ".toolkit"):
        (root / folder).mkdir()
    (root / "base" / "10-footer.yaml").write_text(
        playbook(resource("google_workspace.group_footer", OFFICE, {"text": "Sent by the office"}))
    )
    (door.state / "emulator").mkdir(mode=0o700)
    (door.state / "emulator" / "serve.json").write_text(json.dumps(dict(emulator.line)))
    for name in door.tenants:
        door.env_file(name).write_text("TOOLKIT_TARGET=emulator\nTOOLKIT_PATIENCE=5\n")
        door.env_file(name).chmod(0o600)
    door.write()
    return door
