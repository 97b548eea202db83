"""A school with 30 changes to apply, which can be restored to the state before them."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.door import CommandResult, Door
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.redact import Redactor
from toolkit.ledger.verify import LedgerCheck, verify

SETTLES = 0.2
"""Seconds until this emulator's reads show every write. A look-up after a crash waits as long."""

WRITE = "[DENRS]*-*"
"""Matches the cmdlets that write (Disable, Enable, New, Remove and Set) and no request of another service."""

_KEPT = (
    "exchange.externalInOutlook",
    "exchange.malwareFilterPolicies",
    "exchange.outboundSpamPolicies",
    "exchange.remoteDomains",
    "exchange.transportRules",
)
_OLD = [f"Rule {number:02}" for number in range(1, 21)]
_NEW = [f"New {number:02}" for number in range(1, 11)]
_MOVED = ["Rule 18", "Rule 03", "Rule 07", "Rule 20", "Rule 11", "Rule 01"]
_UPDATED = [f"Rule {number:02}" for number in (2, 4, 5, 8, 9, 12, 13, 16, 17)]

# Each moved rule has a new place. New rules are first, last, single and several in a row.
WANTED = [
    *_NEW[:2], "Rule 02", "Rule 18", "Rule 04", _NEW[2], "Rule 05", "Rule 06", "Rule 03", "Rule 08", "Rule 09",
    *_NEW[3:7], "Rule 10", "Rule 12", "Rule 07", "Rule 13", "Rule 20", "Rule 14", _NEW[7], "Rule 15", "Rule 16",
    "Rule 17", "Rule 11", "Rule 19", _NEW[8], "Rule 01", _NEW[9],
]  # fmt: skip

WRITES = 30
ENTRIES = 2 * WRITES + 2  # each change before and after, the run's begin and its end

_FIXED = """\
  - microsoft365.external_in_outlook: organisation
    enabled: true
  - microsoft365.malware_filter_policy: Default
    zap_enabled: true
    admin_display_name: Set by the mail policy
  - microsoft365.outbound_spam_policy: Default
    recipient_limit_per_day: 800
  - microsoft365.outbound_spam_policy: Trips coordinators
    recipient_limit_per_day: 900
  - microsoft365.remote_domain: Default
    auto_forward_enabled: false
"""


@dataclass
class School:
    """A school whose first playbooks were applied, with other playbooks that are not applied yet."""

    door: Door
    ledger_before: Path
    tenant_before: Mapping[str, Mapping[str, Any]]
    first_state: Mapping[str, Mapping[str, Any]]
    _last_request: int = 0

    @property
    def directory(self) -> Path:
        """The folder of the ledger and its head file."""
        return self.door.state / "emulator"

    def put_back(self) -> None:
        """Restore the tenant and the ledger to the state before the 30 changes."""
        self.start_anew()
        self._put(self.tenant_before)
        shutil.copytree(self.ledger_before, self.directory, dirs_exist_ok=True)

    def start_anew(self) -> None:
        """Restore the tenant to the state before the first apply, and delete the ledger."""
        self.door.tenant.disarm()
        self._put(self.first_state)
        self.door.forget()

    def rules(self) -> Sequence[str]:
        """Return the names of the rules that playbooks created, in the order in which they run."""
        names = [str(rule["Name"]) for rule in self.door.tenant.objects("exchange.transportRules").values()]
        return [name for name in names if name.startswith(("Rule", "New"))]

    def half_done(self) -> list[str]:
        """Return the steps that began and did not end according to the ledger, in a run's words."""
        with self._ledger() as ledger:
            return [
                f"{unfinished.step.action} {unfinished.step.address}"
                for unfinished in LedgerMemory(ledger).unfinished_steps()
            ]

    def entries(self) -> int:
        with self._ledger() as ledger:
            return ledger.head().count

    def verify_ledger(self) -> LedgerCheck:
        with self._ledger() as ledger:
            return verify(ledger)

    def last_request(self) -> int:
        """Return the number of the tenant's last request."""
        self._last_request = self.door.tenant.last_request(self._last_request)
        return self._last_request

    def apply(self) -> CommandResult:
        return self.door.toolkit("apply", "--yes")

    def failures(self, after: int) -> list[Any]:
        """Return the requests that the tenant refused or whose connection was dropped."""
        return [request for request in self.door.tenant.requests(after) if (request["status"] or 599) >= 400]

    def _put(self, collections: Mapping[str, Mapping[str, Any]]) -> None:
        for collection, objects in collections.items():
            self.door.tenant.control("PUT", f"/objects/{collection}", objects)

    def _ledger(self) -> Ledger:
        return Ledger(self.directory, redactor=Redactor())


def prepare(door: Door, spare: Path) -> School:
    """Apply the first playbooks, store the state, and write the second playbooks."""
    serve = door.state / "emulator" / "serve.json"
    serve.write_text(json.dumps({**door.tenant.emulator.line, "settles": SETTLES}))
    door.write("50-rules.yaml", _playbook(_OLD, {}))
    untouched = {collection: door.tenant.objects(collection) for collection in _KEPT}
    first = door.toolkit("apply", "--yes")
    assert first.exit == 0, first.out + first.err
    shutil.copytree(door.state / "emulator", spare, ignore=lambda _, names: [n for n in names if "ledger" not in n])
    before = {collection: door.tenant.objects(collection) for collection in _KEPT}
    door.write("50-rules.yaml", _playbook(WANTED, dict.fromkeys(_UPDATED, "[changed] ")) + _FIXED)
    return School(door, spare, before, untouched)


def _playbook(rules: Sequence[str], prefixes: Mapping[str, str]) -> str:
    heading = "playbook: rules\ntitle: Rules\nowner: Office\nclauses: [EML-02]\n\nresources:\n"
    return heading + "".join(
        f"  - microsoft365.transport_rule: {name}\n"
        f"    subject_contains_words: [{name}]\n"
        f'    prepend_subject: "{prefixes.get(name, "[mark] ")}"\n'
        for name in rules
    )
