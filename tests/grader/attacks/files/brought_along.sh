# attack: Brings a Makefile, configuration for pytest and Python, a lab, a grader and a compiler.
# route: files
# class: stopped
# verdict: fail
# message: starts empty

cat > buddy.cpp <<'END'
#include "mm/buddy.h"
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
END
for name in conftest.py sitecustomize.py usercustomize.py pytest.py json.py test_buddy.py; do
    echo 'import os; os.system("touch owned")' > $name
done
mkdir -p grader labs/1-buddy bin kernel/mm
cp conftest.py grader/__init__.py
cp conftest.py labs/1-buddy/oracle.py
printf '[pytest]\naddopts = --collect-only\n' > pytest.ini
printf 'all kernel:\n\ttouch owned\n' > Makefile
printf 'title = "Easy"\n' > labs/1-buddy/lab.toml
printf '[integrated]\nweight = 1000\n' > course.toml
printf '#!/bin/sh\ntouch owned\n' > bin/i686-linux-gnu-g++
cp bin/i686-linux-gnu-g++ i686-linux-gnu-g++
chmod +x bin/* i686-linux-gnu-g++
echo 'shell touch owned' > .gdbinit
