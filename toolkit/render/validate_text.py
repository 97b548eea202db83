"""Render the result of `toolkit validate` as text and as JSON."""

from collections.abc import Iterator, Sequence

from toolkit.errors import Problem
from toolkit.part_modules import BrokenModule
from toolkit.planning.expand import Expansion
from toolkit.planning.misplaced import find_unserved_clauses
from toolkit.planning.policy.minimums import find_shortfalls
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.file_format import EarlierKey
from toolkit.render.line import FORMAT, Line, Tone
from toolkit.render.reference.reference_text import broken_module_lines, broken_modules_json
from toolkit.render.undecided_text import open_choice_lines
from toolkit.render.values_text import count_text, format_first_names
from toolkit.sdk.reason import admin_text
from toolkit.settings.tracked_secrets import GitSearch
from toolkit.values import Body, Json

_NAMED = 8  # clauses; `toolkit policy` names all


def validation_json(
    playbooks: Playbooks,
    expansion: Expansion,
    *,
    rewritten_keys: Sequence[EarlierKey] = (),
    secret_search: GitSearch | None = None,
    broken_modules: Sequence[BrokenModule] = (),
) -> Body:
    """Return the result of a validation as JSON: counts, renamed or rewritten keys, secrets that git tracks, and broken
    modules. `tracked_secrets` is null if git was not asked, or could not list its files.
    """
    more: dict[str, Json] = {
        "deprecated": [_problem_json(problem) for problem in playbooks.earlier_keys],
        "remarks": [_problem_json(remark) for remark in playbooks.remarks],
        "fixed": [
            {**_problem_json(earlier.problem), "before": earlier.before, "after": earlier.after}
            for earlier in rewritten_keys
        ],
        "tracked_secrets": _secrets_json(secret_search or GitSearch()),
        "broken": broken_modules_json(broken_modules),
    }
    if playbooks.policy.clauses:
        more |= {"unmentioned": _names_of_uncovered_clauses(playbooks), "below_floor": _shortfall_texts(playbooks)}
    exit_code = int(secret_search.exit) if secret_search else 0
    counts = _count_entries(playbooks, expansion)
    return {"format": FORMAT, "exit": exit_code, "school": playbooks.school.name, **counts, **more}


def validation_lines(
    playbooks: Playbooks,
    expansion: Expansion,
    *,
    secret_search: GitSearch | None = None,
    broken_modules: Sequence[BrokenModule] = (),
) -> Iterator[Line]:
    """Yield the lines that report a validation: counts, policy clauses that no playbook covers, broken modules,
    and secrets that git tracks.
    """
    counts = _count_entries(playbooks, expansion)
    parts = [count_text(counts["playbooks"], "playbook"), count_text(counts["controls"], "control")]
    parts += [count_text(counts["objects"], "object")]
    parts += [count_text(counts["clauses"], "clause")] if "clauses" in counts else []
    yield Line(f"{playbooks.school.name}: {', '.join(parts)}: all in order")
    yield from (Line(f"! {problem}", Tone.WARNING) for problem in playbooks.earlier_keys)
    yield from (Line(f"* {remark}", Tone.WARNING) for remark in playbooks.remarks)
    yield from broken_module_lines(broken_modules)
    yield from (Line(short) for short in _shortfall_texts(playbooks))
    if missing := _names_of_uncovered_clauses(playbooks):
        yield Line(
            f"no playbook or register names {count_text(len(missing), 'clause')}: {format_first_names(missing, _NAMED)}"
        )
    yield from (Line(line.text) for line in open_choice_lines(playbooks.open_choices))
    yield from tracked_secret_lines(secret_search or GitSearch())


def tracked_secret_lines(secret_search: GitSearch) -> Iterator[Line]:
    """Yield lines about each secret that git tracks, with advice on how to remove it, or about why git could not
    be asked.
    """
    for secret in secret_search.secrets:
        yield Line(f"! {secret}", Tone.WARNING)
        yield Line(f"  -> {secret.advice}", Tone.WARNING)
    if secret_search.failure:
        yield Line(f"? whether git tracks a secret is unknown: {secret_search.failure}", Tone.WARNING)


def rewritten_line_text(earlier_key: EarlierKey) -> str:
    """Return a text that shows a rewritten line of a playbook before and after the change."""
    return f"{earlier_key.problem.path}:{earlier_key.problem.line}: `{earlier_key.before}` is now `{earlier_key.after}`"


def _secrets_json(secret_search: GitSearch) -> Json:
    if secret_search.file_count is None or secret_search.failure:
        return None
    return [
        {"path": secret.path, "content": secret.content, "advice": secret.advice} for secret in secret_search.secrets
    ]


def _problem_json(problem: Problem) -> dict[str, Json]:
    return {"path": problem.path, "line": problem.line, "message": problem.message}


def _count_entries(playbooks: Playbooks, expansion: Expansion) -> dict[str, int]:
    counts = {
        "playbooks": len(playbooks.playbooks),
        "controls": sum(len(playbook.controls) for playbook in playbooks.playbooks),
        "objects": len(expansion.wanted),
        "undecided": len(playbooks.open_choices),
    }
    if playbooks.policy.clauses:
        counts["clauses"] = len(playbooks.policy.clauses)
    return counts


def _names_of_uncovered_clauses(playbooks: Playbooks) -> list[str]:
    return [clause.name for clause in find_unserved_clauses(playbooks)]


def _shortfall_texts(playbooks: Playbooks) -> list[str]:
    short = (
        admin_text(gap.reason) for clause in playbooks.policy.clauses for gap in find_shortfalls(clause, playbooks)
    )
    return list(dict.fromkeys(short))
