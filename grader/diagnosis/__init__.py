"""Which known mistake answers as a submission does.

`answers` makes what was played comparable, designs apart; `table` keeps what the known mistakes answered; `match`
finds those that are alike, and names none where that would be a guess; `submission` diagnoses a graded one. Who plays
the mistakes is `grader/mutants/`.
"""
