"""The lab in the browser, as static files (docs/browser.md).

`build` puts the folder together, of which `player` is the part that plays and judges a kernel, also beside a report;
`handout` makes a handout a page of it, `editor` and `room` have what writing in the page takes (a compiler, kernels
with room for its code), `serve` shows it on this machine.
"""
