#!/bin/sh
# Installs what the kit needs. On Debian and its kin with apt-get; elsewhere it names the tools.
#
#   ./setup.sh        for grading, debugging and the handouts
#   ./setup.sh all    and for the kit's own tests: `make setup`; in a student's kit it is the same
set -eu

cd "$(dirname "$0")"
lists=packages.txt
tests=
if [ "${1:-}" = all ] && [ -e tests/packages.txt ]; then
    lists="$lists tests/packages.txt"
    tests=yes
fi
packages=$(sed 's/#.*//' $lists | xargs)

missing() {
    for package in $packages; do
        # Some builds of nodejs bring npm with them.
        [ "$package" != npm ] || ! command -v npm >/dev/null || continue
        dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
            echo "$package"
    done
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "setup: this is no Debian. Install what these Debian packages hold, then go on:" >&2
    sed 's/^/  /' $lists >&2
    exit 1
fi

# What the browser tests take from npm.
browser_tests() {
    [ -z "$tests" ] || make --no-print-directory -C tests/browser setup
}

wanted=$(missing)
if [ -z "$wanted" ]; then
    browser_tests
    echo "setup: everything is installed"
    exit 0
fi

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup: run it as root, or install sudo. Missing: $(echo $wanted)" >&2
        exit 1
    }
    as_root="sudo"
fi

echo "setup: installing" $wanted
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
# What is installed already stays as it is.
$as_root apt-get -q install -y --no-install-recommends --no-upgrade $wanted
wanted=$(missing)
[ -z "$wanted" ] || { echo "setup: still missing:" $wanted >&2; exit 1; }
browser_tests
echo "setup: done"
