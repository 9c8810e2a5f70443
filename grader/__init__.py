"""The grader of Marionette Labs: boots a submission's kernel, reads its records, judges them.

Data flows one way: submission -> build -> play (boots) -> records -> judge (a lab's oracle) ->
results -> report. Nothing that judges ever boots anything.
"""
