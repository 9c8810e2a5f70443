// attack: Has the compiler compare the ages of files of the host.
// route: reading while compiling
// class: stopped
// verdict: build
// message: /etc/passwd: No such file or directory

#include "mm/buddy.h"

#pragma GCC dependency "/etc/passwd"
@REFERENCE@
