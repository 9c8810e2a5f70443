"""The lab in the browser, as static files (docs/browser.md).

`build` puts the folder together, `handout` makes a handout a page of it, `serve` shows it on this machine.
"""
