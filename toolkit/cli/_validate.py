"""Loads playbooks and writes out what they want, without any tenant."""

import json
from pathlib import Path

from toolkit.controls.control import controls
from toolkit.planning.checks.attested import refuse_misplaced
from toolkit.planning.clauses.clause_parts import refuse_unknown_parts
from toolkit.planning.clauses.facts import unmentioned
from toolkit.planning.clauses.floors import shortfalls
from toolkit.planning.expand import Expansion, expand
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.report.undecided_text import undecided_lines
from toolkit.report.wording import counted
from toolkit.running.expanded import trades


def validated(path: Path) -> tuple[Playbooks, Expansion]:
    """Load and expand; PlaybookError with every problem."""
    playbooks = load(path)
    expansion = expand(playbooks, trades(list(playbooks.school.tenants)), controls())
    refuse_misplaced(playbooks, expansion.controls)
    refuse_unknown_parts(playbooks, expansion.controls)
    return playbooks, expansion


def told(checked: tuple[Playbooks, Expansion], *, as_json: bool) -> str:
    """Say what was found in order."""
    playbooks, expansion = checked
    counts = {
        "playbooks": len(playbooks.playbooks),
        "controls": sum(len(playbook.controls) for playbook in playbooks.playbooks),
        "objects": len(expansion.wanted),
        "undecided": len(playbooks.undecided),
    }
    policy = playbooks.policy
    if policy.clauses:
        counts["clauses"] = len(policy.clauses)
    missing = [clause.name for clause in unmentioned(playbooks)]
    short = list(dict.fromkeys(one.sentence for clause in policy.clauses for one in shortfalls(clause, playbooks)))
    if as_json:
        more = {"unmentioned": missing, "below_floor": short} if policy.clauses else {}
        return json.dumps({"format": 1, "school": playbooks.school.name, **counts, **more})
    parts = [counted(counts["playbooks"], "playbook"), counted(counts["controls"], "control")]
    parts += [
        counted(counts["objects"], "object"),
        *([counted(len(policy.clauses), "clause")] if policy.clauses else []),
    ]
    lines = [f"{playbooks.school.name}: {', '.join(parts)}: all in order", *short]
    if missing:
        lines.append(f"no playbook and no register names {counted(len(missing), 'clause')}: {', '.join(missing)}")
    lines += [line.text for line in undecided_lines(playbooks.undecided)]
    return "\n".join(lines)
