"""What goes in: operations for the player to play.

`scenario` is the format of docs/scenarios.md; `workload` what a graded test plays, from files or from a generator;
`stream` the numbers that generators draw, the same for the same seed in years to come; `siblings` what labs make
siblings of fixed scenarios with; `pairs` combines a contract's numbers, so that any two come together, `rows` few
operations, so that any follow any; `changes` changes scenarios at random; `dealing` cuts a script into what is dealt at
a time; `lab_files` loads the Python of a lab's folder.
"""
