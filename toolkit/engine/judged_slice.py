"""Limit the playbooks of a trust's tenant to the school whose policy is judged."""

from dataclasses import replace

from toolkit.engine.desired_state import leave_out_words_of_others
from toolkit.errors import UsageError
from toolkit.playbook.entries import Playbook, Playbooks


def prepare_for_one_school(playbooks: Playbooks) -> Playbooks:
    """Return the playbooks of a trust's tenant for a run that judges one school.

    Raise UsageError if the run does not have exactly one school, because a clause that one school meets would count as
    met in all schools.
    """
    if len(playbooks.slices.selection) != 1:
        raise UsageError(
            f"{playbooks.root} is a trust, and the policy is judged for each of its schools. Name a school, such as "
            f"`--school {playbooks.slices.names[0]}`, or write a page on all schools with `toolkit trust report`"
        )
    return replace(leave_out_words_of_others(playbooks), slices=replace(playbooks.slices, is_judged=True))


def limit_to_judged_school(playbooks: Playbooks) -> Playbooks:
    """Return the playbooks that count for a judged school: its own entries, and the entries for the whole tenant."""
    slices = playbooks.slices
    counted = {"", *slices.selection}

    def limit(playbook: Playbook) -> Playbook:
        return replace(playbook, controls=tuple(entry for entry in playbook.controls if entry.school in counted))

    return replace(
        playbooks,
        playbooks=tuple(limit(playbook) for playbook in playbooks.playbooks if not slices.is_of_others(playbook.path)),
        departures=tuple(departure for departure in playbooks.departures if departure.entry.school in counted),
    )
