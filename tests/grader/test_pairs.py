"""Combinations of parameters: all pairs occur, whatever the seed."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from grader.scenarios.pairs import around, pairs, powers
from grader.scenarios.stream import Stream

PARAMETERS = {"units": (0, 1, 31, 32, 33), "verb": ("alloc", "free"), "side": range(4), "turn": (7,)}


@pytest.mark.parametrize("seed", range(8))
def test_any_two_values_of_different_parameters_come_together(seed):
    cases = pairs(Stream(seed), **PARAMETERS)
    for one, other in combinations(PARAMETERS, 2):
        together = {(case[one], case[other]) for case in cases}
        assert together == set(product(PARAMETERS[one], PARAMETERS[other]))
    assert len(cases) <= 25  # of 40; fewer than 5 * 4 can't be


def test_another_seed_makes_other_combinations_and_the_same_one_the_same():
    assert pairs(Stream(1), **PARAMETERS) == pairs(Stream(1), **PARAMETERS)
    assert pairs(Stream(1), **PARAMETERS) != pairs(Stream(2), **PARAMETERS)


def test_around_a_border_are_the_number_before_it_and_the_one_behind_it():
    assert around(1, 32) == (0, 1, 2, 31, 32, 33)
    assert around(0, 64, lowest=1, highest=64) == (1, 63, 64)
    assert powers(3, 5) == (8, 16, 32)
