"""A whole class: submissions gathered, graded side by side, and summed up (docs/class.md).

Who handed in what, and when: `gather`, with `identity` for ids, `gradescope_export` and `times`. The labs' files are
taken, and nothing else, by `folder`, `archive` (with `unpack` in a box) and `refs`; `files` is what was taken.

Grading: `session` is the whole command, `dispatch` keeps a crew busy: this machine's (`crew`) or a cluster's
(`cluster`, with a `worker` there), or a class is graded in `shards`; `one_submission` grades one in a process of its
own, which comes from the `nursery`; `scratch` has its folders; `kit_digest` tells kits that grade alike; `store` keeps
what came of it; `terminal` shows how far it is.

For the whole term: `term`; what students get back: `feedback`.

Telling: `summary` (with `figures` and `misconceptions`), `comparison`, and `similarity`.
"""
