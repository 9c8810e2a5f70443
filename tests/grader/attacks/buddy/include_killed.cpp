// attack: Includes a file whose name is what a compiler says that somebody killed: that would be the machine's fault.
// route: reading while compiling
// class: stopped
// verdict: build
// message: fatal error: Killed signal terminated program: No such file or directory

#include "Killed signal terminated program"
