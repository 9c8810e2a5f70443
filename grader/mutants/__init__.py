"""The grader is graded: solutions that are wrong, and right ones of other designs.

`LAB/*.patch` and `LAB/*.cpp` are mistakes that students make; `solutions/alternatives/LAB/` has right
solutions. `sources` reads both, `scoring` says what each gets.
"""
