"""`make explain`: why a test has its points, from the record to the sentence of the contract.

`checked` notes what the oracle checked in a run; `contract` finds the sentences in the headers; `costs` ranks
what a measured test's operations took; `appeal` tells.
"""
