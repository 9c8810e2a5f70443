"""Graded tests: a lab's workloads played and judged, each failure shrunk, and confirmed by itself.

`stage_grading` is a whole lab, or all files together; `compiled` its image; `workloads` are what its tests play; `play`
puts scenarios into boots, for which there is an `allowance`; `inquiry` is what went wrong there, seen again by itself;
`shrink` makes a failure small; `search` looks for more by what of a submission has not run; `reference` is played where
a test failed; `outcome` is what a graded test judges, `thin` some figures that two labs have in common; `remembered` is
what came of it the last time; `plugin` has pytest run them; `one_test` grades a single one; `again` says how a failure
is seen again; `trial` tries a machine.
"""
