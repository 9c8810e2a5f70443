// A file as a student's, for the grader to find out whether such a file can be built here at all.

#include "mm/kvmalloc.h"

#include "lib/todo.h"

#include <algorithm>
#include <array>
#include <span>

void *kvmalloc(size_t)
{
    todo();
}

void kvfree(void *, size_t)
{
    todo();
}
