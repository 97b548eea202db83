"""Writes the message that the files of an export go with; pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from toolkit.board_report.pack import TITLES, Format, Pack
from toolkit.board_report.tables import Told
from toolkit.engine.notices.transports import Posted
from toolkit.render.values_text import counted
from toolkit.sdk.signals import Attachment
from toolkit.yaml.messages import day

_MEDIA = {
    Format.JSON: "application/json",
    Format.HTML: "text/html",
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CONFIDENTIAL = "It is for whom it was sent to: please do not pass it on or publish it."


def letter(documents: Sequence[Told], files: Mapping[str, bytes], digests: Mapping[str, str]) -> Posted:
    """Give the message for the files of some packs, each with its digest."""
    first = documents[0]
    made = day(datetime.fromisoformat(first["run"]["at"]).date())
    titles = [TITLES[Pack(one["pack"])].lower() for one in documents]
    practice = "Practice run, simulated data: " if first["practice_run"] else ""
    subject = f"{practice}{first['school']}: {' and '.join(titles)}, {made}"
    attached = tuple(
        Attachment(name, _MEDIA[Format(name.rpartition(".")[2])], content) for name, content in files.items()
    )
    return Posted(subject, "\n".join(_lines(documents, digests)) + "\n", attached)


def _lines(documents: Sequence[Told], digests: Mapping[str, str]) -> Iterator[str]:
    first, counts = documents[0], documents[0]["summary"]
    if first["practice_run"]:
        yield from (first["notice"], "")
    if late := first["policy"]["overdue_days"]:
        due = day(date.fromisoformat(first["policy"]["review_due"]))
        yield from (f"The review of the policy is overdue since {due}, by {counted(late, 'day')}.", "")
    yield f"How {first['policy']['title'] or 'the policy'} stands at {first['school']} is in the attached files."
    judged = ", ".join(f"{number} {word}" for word, number in counts["of_judged"].items() if number)
    yield f"Of its {counts['clauses']} clauses a computer can judge {counts['judged']}: {judged}."
    if any(one["pack"] != Pack.SUMMARY for one in documents):
        yield _CONFIDENTIAL
    yield from ("", "The files, each with its SHA-256:")
    yield from (f"{digest}  {name}" for name, digest in digests.items())
    yield "`toolkit audit verify FILE`, run at the school, says whether a file is what was written."
