"""The policy of a school of a trust as JSON, also with the words for governors."""

from typing import Any

from toolkit.board_report.plain_language import governor_text
from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.page import NOBODY
from toolkit.render.policy_text import policy_json
from toolkit.values import Body


def school_policy_json(report: PolicyReport) -> Body:
    """Return the answer of `toolkit policy`, with the school's short name and each reason in words for governors."""
    answer: Any = policy_json(report)
    clauses = [
        {
            **row,
            "plainly": [governor_text(reason) for reason in status.because],
            "sources": [governor_text(says) for says in status.says if says != NOBODY],
            "evidence": [
                {
                    **fact_row,
                    "plainly": governor_text(fact.reason),
                    "source": "" if fact.says == NOBODY else governor_text(fact.says),
                }
                for fact_row, fact in zip(row["evidence"], status.evidence, strict=True)
            ],
        }
        for row, status in zip(answer["clauses"], report.statuses, strict=True)
    ]
    return {**answer, "short_name": report.playbooks.school.short_name, "clauses": clauses}
