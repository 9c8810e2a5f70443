"""What is told of a grading: its results, where they come from, and a message for each test.

`results` is results.json (docs/results.md); `provenance`, `origin` what it takes to grade again; `explain` a finding in
words; `causes` which tests end alike, so that one cause is told once; `report` the terminal; `mend` which lab to mend
first where all files run together, `since` where to begin, and what is new. The page is in grader/page, other programs'
formats in grader/formats.
"""
