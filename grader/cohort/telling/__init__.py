"""What is told of a class, of a term, and to students.

Of a class its `summary` (with `figures` and `misconceptions`), a `comparison` with an earlier run, and `similarity`;
of a whole `term`; and what students get back, as `feedback`.
"""
