#!/bin/sh
# Installs what the kit needs. On Debian and its kin with apt-get; elsewhere it says how to get it.
#
#   ./setup.sh        for grading, debugging and the handouts
#   ./setup.sh all    and for the kit's own tests: `make setup`; in a student's kit it is the same
#
# The lists' form stands at the top of packages.txt.
set -eu

cd "$(dirname "$0")"
lists=packages.txt
tests=
if [ "${1:-}" = all ] && [ -e tests/packages.txt ]; then
    lists="$lists tests/packages.txt"
    tests=yes
fi

# What is installed, by every name that it answers to: some packages provide what others are called elsewhere.
installed() {
    dpkg-query -W -f '${db:Status-Abbrev}, ${Package}, ${Provides}\n' |
        awk -F ', *' '/^ii/ { for (i = 2; i <= NF; i++) { sub(/ .*/, "", $i); if ($i) print $i } }'
}

# The lines of which nothing is installed.
missing() {
    installed | awk '
        NR == FNR { have[$1]; next }
        { sub(/#.*/, "") }
        !NF { next }
        {
            split($0, halves, "?")
            count = split(halves[1], names, /[|]/)
            for (i = 1; i <= count; i++) {
                gsub(/[ \t]/, "", names[i])
                if (names[i] in have) next
            }
            print
        }' - $lists
}

# Of `missing`: what is needed, and what is done without.
needed() { missing | grep -v '?' || true; }
left_out() { missing | grep '?' || true; }

# For each line that comes in the first of its packages that this release has, if it has any.
chosen() {
    while read -r line; do
        for name in $(echo "${line%%\?*}" | tr '|' ' '); do
            ! apt-cache show "$name" >/dev/null 2>&1 || { echo "$name"; break; }
        done
    done
}

# What is installed already stays as it is.
install() {
    [ $# = 0 ] || $as_root apt-get -q install -y --no-install-recommends --no-upgrade "$@"
}

finish() {
    # What the browser tests, and the lab in the browser, take from npm.
    [ -z "$tests" ] || { make --no-print-directory -C tests/browser setup && make --no-print-directory -C web setup; }
    left_out | sed 's/^\(.*[^ ]\) *? *\(.*\)/setup: without \1, which could not be installed here: \2/'
    echo "setup: $1"
    exit 0
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "setup: it installs with apt-get, on Debian and Ubuntu. Here it has to be done by hand:" >&2
    command -v python3 >/dev/null || { echo "  install python3, then run this again: it says what else" >&2; exit 1; }
    exec grader/marionette doctor >&2
fi

[ -n "$(missing)" ] || finish "everything is installed"
as_root=
if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    if ! command -v sudo >/dev/null; then
        [ -n "$(needed)" ] || finish "what is needed is installed"
        echo "setup: run it as root, or install sudo. Missing:" $(needed) >&2
        exit 1
    fi
fi

export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update || echo "setup: the package lists could not be brought up to date: going on with old ones" >&2
needs=$(needed | chosen)
extras=$(left_out | chosen)
[ -z "$needs$extras" ] || echo "setup: installing" $needs $extras
install $needs $extras || {
    # One that is not there, or does not fit the others, must not take all with it.
    install $needs
    for one in $extras; do
        install "$one" || echo "setup: $one can't be installed" >&2
    done
}
[ -z "$(needed)" ] || {
    echo "setup: still missing:" $(needed) >&2
    echo "setup: \`apt-cache policy NAME\` says whether this release has it; on Ubuntu it is in \"universe\"" >&2
    exit 1
}
finish "done"
