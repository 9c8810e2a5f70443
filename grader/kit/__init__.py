"""A student's kit, cut from this one; and what a course does with kits that are out."""
