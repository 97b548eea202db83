"""Cuts a document to what paper can carry; pure.

Each line of a table costs what draws pages some twentieth of a second and half a megabyte of memory: ten thousand
lines took minutes and gigabytes, and nobody turns five hundred leaves. All lines stand in every other form.
"""

from collections.abc import Mapping

from toolkit.board_report.tables import Told

LINES = 500
"""The most lines of one table on paper."""
OBJECTS = 20
"""The most objects in one cell on paper."""

_TABLES = ("clauses", "exceptions", "confirmations", "evidence")


def shortened(told: Told, lines: int) -> tuple[Told, Mapping[str, int]]:
    """Give the document with the first lines of each table, and how many lines were left out of which."""
    short = dict(told)
    left_out = {}
    for name in _TABLES:
        if name in told:
            short[name], left_out[name] = told[name][:lines], max(0, len(told[name]) - lines)
    if "changes" in told:
        happened = told["changes"]["found"]
        short["changes"] = {**told["changes"], "found": happened[:lines]}
        left_out["changes"] = max(0, len(happened) - lines)
    if "evidence" in short:
        short["evidence"] = [_few_objects(one) for one in short["evidence"]]
    return short, left_out


def _few_objects(one: Told) -> Told:
    """Give a line with the first objects, those that differ before the others, and the number of the rest."""
    more = len(one["objects"]) - OBJECTS
    if more <= 0:
        return one
    sorted_by_need = sorted(one["objects"], key=lambda each: not each["differs"])
    rest = {"object": f"{more} more", "state": "listed in the web page of this report", "differs": []}
    return {**one, "objects": [*sorted_by_need[:OBJECTS], rest]}
