"""`make bench`: how fast the kit is, every figure beside something measured in the same run.

`figures` is what a measurement is; `buddy`, `malloc`, `map_mem`, `complexity` and `grading` measure, one
area each; `guest` plays bench/'s workloads in the guest, `workload` are those of malloc; `programs` builds and
runs what is compared on the host; `guard` compares the reference's instruction counts with those on record;
`show` writes the table, the JSON and the plots, `frontier` being that of space against time,
both drawn by `svg`.
"""
