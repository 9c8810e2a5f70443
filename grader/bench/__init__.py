"""`make bench`: how fast the kit is, every figure beside something measured in the same run.

`figures` is what a measurement is; `buddy`, `malloc`, `map_mem`, `complexity` and `grading` measure, one
area each; `guard` compares the reference's instruction counts with those on record;
`programs` builds and runs what bench/ has the sources of; `show` writes the table, the JSON, the plot.
"""
