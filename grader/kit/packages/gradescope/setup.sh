#!/bin/sh
# Run once, when Gradescope makes the image: Debian 12, Ubuntu 24.04, or something newer.
set -eu

cd /autograder/source/kit
chmod +x setup.sh grader/marionette
./setup.sh
/usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "The grader needs Python 3.11: choose Ubuntu 24.04 as the base image." >&2
    exit 1
}
make kernel
