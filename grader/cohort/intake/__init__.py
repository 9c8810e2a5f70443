"""What was handed in: by whom, when, and which files.

`gather` finds the submissions in a folder, or in a repository, with `identity` for ids, `gradescope_export` and
`times`. The labs' files are taken, and nothing else, by `folder`, `archive` (with `unpack` in a box) and `refs`;
`files` is what was taken.
"""
