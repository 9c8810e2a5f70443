"""Pages: one self-contained HTML file each, for a browser that needs no network and no server.

`render` puts one together; `report` is the page of one grading; `film` turns a run into steps, `picture` and
`unit_picture` into what they show.
"""
