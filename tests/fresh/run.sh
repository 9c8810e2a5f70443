#!/bin/sh
# The promises to those who begin with an empty machine, each in a system of its own with nothing installed:
#
#   tests/fresh/run.sh [PROMISE ...]      (all, if none is named; SYSTEM=debian-12, debian-13, sid, ubuntu-24.04 or
#                                         ubuntu-26.04; as root)
#
#   readme        README.md's two commands, on what is committed here
#   kit           the two commands of a student's kit
#   gradescope    make package-gradescope, laid out and run as Gradescope does it
#   official      the reference has full marks in an official run
#   stubs         nothing is written yet: no points, and every test says so
#   bochs         the reference has full marks in the other emulator
#   alternatives  right solutions of other designs have theirs
#   tests         make setup test
#
# It takes some minutes, the last some ten, and downloads what a new machine would. Needs debootstrap, bubblewrap and git here.
set -eu

cd "$(dirname "$0")/../.."
work=build/fresh
SYSTEM=${SYSTEM:-debian-12}
clean=$work/$SYSTEM
full_marks=$(awk '/^points = / { sum += $3 } END { print sum }' labs/*/lab.toml)  # of all labs

fail() {
    echo "fresh: $*" >&2
    exit 1
}

archive=http://deb.debian.org/debian
options=
script=
case $SYSTEM in
    debian-12) suite=bookworm ;;
    debian-13) suite=trixie ;;
    sid) suite=sid ;;
    ubuntu-24.04 | ubuntu-26.04)
        suite=noble
        [ "$SYSTEM" = ubuntu-24.04 ] || suite=resolute
        archive=http://archive.ubuntu.com/ubuntu
        options="--components=main,universe --no-check-gpg"  # Debian has no keys of Ubuntu's
        script=/usr/share/debootstrap/scripts/gutsy  # which is that of all later ones
        ;;
    *) fail "SYSTEM=$SYSTEM: debian-12, debian-13, sid, ubuntu-24.04 or ubuntu-26.04 was expected" ;;
esac
MIRROR=${MIRROR:-$archive}

# A command inside of a machine's root: no chroot, in which bubblewrap could make no boxes.
inside() {
    root=$1
    shift
    bwrap --cap-add ALL --die-with-parent --clearenv --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin \
        --setenv HOME /root --bind "$root" / --dev-bind /dev /dev --bind /proc /proc --ro-bind /sys /sys \
        --ro-bind /etc/resolv.conf /etc/resolv.conf \
        ${NODE_EXTRA_CA_CERTS:+--ro-bind "$NODE_EXTRA_CA_CERTS" /run/ca.crt --setenv NODE_EXTRA_CA_CERTS /run/ca.crt} \
        --chdir "$folder" -- "$@"
}

# A new machine, as $root.
machine() {
    root=$work/$1
    rm -rf "$root"
    cp -a "$clean" "$root"
}

# What a page's first indented block says, a command a line.
commands() {
    awk '/^    / { sub(/^ */, ""); sub(/ *#.*/, ""); print; seen = 1; next } seen { exit }' "$1"
}

# Runs a command in $folder of the machine, and says how long it took.
run() {
    began=$(date +%s)
    inside "$root" sh -c "$1" >"$work/log" 2>&1 </dev/null || {
        tail -40 "$work/log"
        fail "$1 ended with an error"
    }
    echo "fresh: $SYSTEM: $1: $(($(date +%s) - began)) s"
}

# Runs the commands of a page in a folder of the machine.
follow() {
    folder=$2
    commands "$1" >"$work/commands"
    [ "$(wc -l <"$work/commands")" = 2 ] || fail "$1 has more than two commands, or fewer"
    while read -r command; do run "$command"; done <"$work/commands"
}

said() {
    grep -q "$1" "$work/log" || { tail -40 "$work/log"; fail "it did not say: $1"; }
}

# Nothing may have been missing that protects a grading.
boxed() {
    grep -q '"degraded": \[\]' "$root$folder/build/grade/results.json" || fail "it was graded unboxed"
}

# What is committed here, in a machine in which setup.sh was run once for all promises that need no emptier one.
installed() {
    [ -e "$work/$SYSTEM-installed/.done" ] || readme
    root=$work/$SYSTEM-installed
    folder=/root/labs
}

readme() {
    machine "$SYSTEM-installed"
    git clone -q . "$root/root/labs"
    follow README.md /root/labs
    said "Score: $full_marks/$full_marks"
    boxed
    touch "$root/.done"
}

official() {
    installed
    run "umask 077; head -c 32 /dev/urandom | base64 >/root/secret; make grade SUBMISSION=solutions SECRET=/root/secret STUDENT=anna"
    said "Score: $full_marks/$full_marks"
}

stubs() {
    installed
    run "make grade"
    said "Score: 0/$full_marks"
    ! grep -q '"verdict": "[^t]' "$root$folder/build/grade/results.json" || fail "not every stub is a todo"
}

bochs() {
    installed
    run "make grade SUBMISSION=solutions EMULATOR=bochs"
    said "Score: $full_marks/$full_marks"
}

alternatives() {
    installed
    run "make mutants KIND=alternative"
}

tests() {
    installed
    run "make setup test"
}

kit() {
    machine "$SYSTEM-kit"
    rm -rf "$work/cut"
    make kit KIT_FOLDER="$work/cut"
    cp -a "$work/cut" "$root/root/kit"
    follow "$work/cut/README.md" /root/kit
    said "Score: 0/100"
    boxed
}

# https://gradescope-autograders.readthedocs.io/en/latest/specs/
gradescope() {
    machine "$SYSTEM-gradescope"
    make package-gradescope
    mkdir -p "$root/autograder/source" "$root/autograder/submission" "$root/autograder/results"
    python3 -m zipfile -e build/packages/gradescope.zip "$root/autograder/source"  # no modes: the worst case
    cp solutions/mm/*.cpp "$root/autograder/submission"
    cp "$root/autograder/source/run_autograder" "$root/autograder"
    chmod +x "$root/autograder/run_autograder"
    folder=/autograder
    for command in "bash source/setup.sh" ./run_autograder; do
        inside "$root" sh -c "$command" >"$work/log" 2>&1 </dev/null || {
            tail -40 "$work/log"
            fail "$command ended with an error"
        }
    done
    python3 -c 'import json, sys; sys.exit(json.load(open(sys.argv[1]))["score"] != int(sys.argv[2]))' \
        "$root/autograder/results/results.json" "$full_marks" ||
        fail "the reference did not get $full_marks points"
}

[ "$(id -u)" = 0 ] || fail "run it as root: it makes a machine's whole tree"
for tool in debootstrap bwrap git make; do
    command -v "$tool" >/dev/null || fail "$tool is missing"
done
mkdir -p "$work"
if [ ! -e "$clean/.done" ]; then
    rm -rf "$clean"
    # shellcheck disable=SC2086 # several options, or none; a script, or none
    debootstrap --variant=minbase $options "$suite" "$clean" "$MIRROR" $script >"$work/log" || fail "debootstrap: see $work/log"
    touch "$clean/.done"
fi
[ $# != 0 ] || set -- readme official stubs bochs alternatives kit gradescope tests
for promise; do
    case $promise in
        readme | official | stubs | bochs | alternatives | kit | gradescope | tests) "$promise" ;;
        *) fail "$promise: readme, official, stubs, bochs, alternatives, kit, gradescope or tests was expected" ;;
    esac
    [ "$root" = "$work/$SYSTEM-installed" ] || rm -rf "$root"
    echo "fresh: $SYSTEM: $promise: as promised"
done
rm -rf "$work/$SYSTEM-installed"
