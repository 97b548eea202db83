"""The table of faults speaks of every part of every control of the sample, and of clauses that exist."""

from tests.verdicts.school import faultless, part_rows, table


def test_each_part_of_a_control_is_in_the_table_once() -> None:
    rows = [(row.control, row.cloud, row.part) for row in part_rows()]
    controls = faultless().expansion.controls

    assert sorted(rows) == sorted(
        {(c.control, c.provider, part.name) for c in controls for part in c.realisation.parts}
    )


def test_each_clause_that_rests_on_controls_is_broken_by_some_part() -> None:
    clauses = faultless().playbooks.policy.clauses

    broken = {name for row in part_rows() for name in row.clauses}
    assert broken == {clause.name for clause in clauses if clause.controls}
    lost = {name for names in table()["lost"].values() for name in names}
    assert lost <= {clause.name for clause in clauses}
