"""The table of mutants keeps up with the code; `make mutants` runs them."""

import ast

import pytest

from tests.mutants.mutant import REPOSITORY, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.fault)
def test_a_mutant_is_python_that_differs_and_its_tests_exist(mutant: Mutant) -> None:
    source = (REPOSITORY / mutant.file).read_text()

    mutated = mutant.mutate(source)

    assert ast.dump(ast.parse(mutated)) != ast.dump(ast.parse(source))
    assert [test for test in mutant.tests if not (REPOSITORY / test.partition("::")[0]).exists()] == []


def test_each_fault_is_in_the_table_once() -> None:
    faults = [mutant.fault for mutant in mutants()]

    assert sorted(set(faults)) == sorted(faults)
