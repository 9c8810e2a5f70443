"""A whole class: submissions gathered, graded side by side, and summed up (docs/class.md).

`session` is the whole command, and `terminal` shows how far it is. What was handed in comes from `intake`, is graded
and kept by `work` (on a cluster with a `worker` there), and told by `telling`, in this order: none knows those after
it.
"""
