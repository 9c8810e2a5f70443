// attack: A variable in a section that is called like a table of the object's own, and is none: who reads it was to fall over it.
// route: the object
// class: stopped
// verdict: rejected
// message: a section of its own that is called like a table of the object's, and is none

@REFERENCE@

[[gnu::section(".symtab"), gnu::used]] static int mine[64] = {7};
