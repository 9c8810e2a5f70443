"""A student's kit, cut from this one; and what a course does with kits that are out.

`cut` makes one: `contents` says of which files, `objects` makes the reference's, `manifest` notes what was cut,
`leaks` looks for what must not be in it. `update` brings it up to date; `package` packs it for platforms.
"""
