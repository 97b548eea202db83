"""A school whose names and texts contain control and format characters, and one with plain names."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from tests.door import CommandResult, Door, ask
from toolkit.holds.register import new_key

HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07\r\n\t\x7f\x85\x9b31m\xad\u200b\u202e\u2066\u2028\u2029\ufeff\U000e0041\n! overdue"
)
"""Characters that a terminal would obey, with a line of its own, and one of each category that is hidden."""
OBEYED, ESCAPED = "\x1b[31m\u202ered\u2066\x07", r"\u001b[31m\u202ered\u2066\u0007"
"""Characters that a terminal or a reader of text obeys, and the escaped form in which they must be printed."""
WRITTEN = "\x85\xad\u200b\u202e\u2066\u2028\u2029\U000e0041"
"""The part of them that a playbook may contain, in double quotes."""
RULES, OURS = "exchange.transportRules", "Mark mail to the office"


def plain(text: str) -> str:
    """Return as many plain characters."""
    return "x" * len(text)


@dataclass(frozen=True)
class MarkedSchool:
    """A school whose names end in a mark."""

    door: Door
    mark: str
    playbook_mark: str

    def run(self, *arguments: str) -> CommandResult:
        """Run `toolkit ARGUMENTS` in its own process, with its output in pipes."""
        words = [sys.executable, "-m", "toolkit", *self.words(arguments)]
        ended = subprocess.run(words, cwd=self.folder, env=self.environment(), capture_output=True, check=False)
        return CommandResult(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def ask(self, *arguments: str) -> CommandResult:
        """Run `toolkit ARGUMENTS` in this process."""
        with chdir(self.folder):
            return ask(*self.words(arguments), **self.door.variables)

    def words(self, arguments: Sequence[str]) -> list[str]:
        """Insert the mark, this school's folder and its tenant into arguments."""
        here = {"MARK": self.mark, "FOLDER": str(self.folder), "TENANT": self.door.tenant.tenant_id}
        return [reduce(lambda text, name: text.replace(name, here[name]), here, word) for word in arguments]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process that uses this school's state."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
        return {**others, **self.door.variables, "PYTHONPATH": str(Path(__file__).parent.parent), **more}

    @property
    def folder(self) -> Path:
        return self.door.playbooks.parent


def marked_school(door: Door, mark: str, written: str) -> MarkedSchool:
    """Return a school in which the sample playbooks were applied, with the mark in its names and texts."""
    _mark_tenant(door, mark)
    _mark_playbooks(door, written)
    keyed = replace(door, variables={**door.variables, "TOOLKIT_HOLDS_KEY": new_key()})
    return MarkedSchool(keyed, mark, written)


def _mark_tenant(door: Door, mark: str) -> None:
    rules = door.tenant.objects(RULES)
    key, rule = next((key, rule) for key, rule in rules.items() if rule["Name"] == OURS)
    door.tenant.patch(RULES, key, PrependSubject=f"[{mark}] ")
    door.toolkit("apply", "--yes", "--only", f"microsoft365.transport_rule[{OURS}]")  # so that the ledger contains it
    door.tenant.patch(RULES, key, PrependSubject=f"[{mark}] ")
    door.tenant.put(RULES, f"{key[:-4]}beef", {**rule, "Name": f"Theirs {mark}", "Guid": f"{key[:-4]}beef"})
    route_rule = next(key for key, rule in rules.items() if rule["Name"] == "Route MIS mail")
    door.tenant.patch(RULES, route_rule, Comments=f"Asked for by {mark}")
    for collection in ("users", "groups"):
        for identifier, body in door.tenant.objects(collection).items():
            door.tenant.patch(collection, identifier, displayName=f"{body['displayName']} {mark}")


def _mark_playbooks(door: Door, written: str) -> None:
    school = door.playbooks / "00-school.yaml"
    name = "school: Example Primary School\n"
    text = school.read_text()
    assert name in text
    school.write_text(text.replace(name, f"school: {_quote(f'Example Primary School {written}')}\n"))
    attestations = door.playbooks / "90-attestations.yaml"
    by = "by: Designated Safeguarding Lead\n"
    text = attestations.read_text()
    assert by in text
    attestations.write_text(text.replace(by, f"by: {_quote(f'Designated Safeguarding Lead {written}')}\n"))


def _quote(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'
