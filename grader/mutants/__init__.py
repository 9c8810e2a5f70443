"""The grader is graded: solutions that are wrong, and right ones of other designs (docs/mutants.md).

`LAB/*.patch` and `LAB/*.cpp` are mistakes that students make; `solutions/alternatives/LAB/` has right
solutions. `sources` reads both; `operators` makes mistakes by rule, `generated` chooses among them.
`scoring` says what each gets, `campaign` grades many, `survivors` explains those that nothing catches, `tables`
tells of it all; `both_machines` compares QEMU with Bochs. `impostors` are those that students' examples are tried on.

`known` plays the mistakes for the table that diagnoses are made by, `misconceptions` says what stands behind each, and
`measured` how good a diagnosis is; `added` makes a mutant of a submission.
"""
