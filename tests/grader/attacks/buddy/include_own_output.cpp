// attack: Includes what the compiler is about to write.
// route: reading while compiling
// class: stopped
// verdict: build
// message: error
// played: starts_empty

#include "/marionette/out/student.ii"
