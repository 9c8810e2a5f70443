"""A whole class: submissions gathered, graded side by side, and summed up (docs/class.md).

`gather` finds who handed in what; `taking` takes the labs' files from it, and nothing else; `work` grades
one submission as `make grade` does, in a process of its own; `run` keeps processors, or a cluster, busy
with them; `store` keeps what came of it; `summary` and `comparison` tell of it.
"""
