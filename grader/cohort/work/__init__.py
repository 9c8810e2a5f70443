"""Grading side by side.

`dispatch` keeps a crew busy: this machine's (`crew`) or a `cluster`'s; or a class is graded in `shards`.
`one_submission` grades one in a process of its own, which comes from the `nursery`; `scratch` has its folders;
`kit_digest` tells kits that grade alike; `store` keeps what came of it.
"""
