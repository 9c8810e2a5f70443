"""What is graded, and by whose rules: the labs, course.toml, seeds nobody can guess, the assignments.

`labs` finds the labs and reads lab.toml; `course` reads course.toml, `course_table` checks what is in it, `people` has
the roster; `secret` makes official seeds; `verbs` reads what a lab's operations do; `handouts` makes the assignments,
in which `prompts` finds what is typed at a lab's prompt.
"""
