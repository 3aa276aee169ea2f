#!/bin/bash
# Breaks one rule at a time, by each patch of this folder, and demands that the message simulation notices. Works on a copy
# of the tree in a temporary folder. Ends with 1 if a mutant survives or a patch no longer fits. Patches named relay-… are
# looked for with relays.
#
#   tests/sim/mutations/run.sh [NAME…]     default: every patch
#
# MUTATION_SEEDS=1..1500 and MUTATION_RELAY_SEEDS=1..1500 say how long to look; JOBS how many compilers run at once.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
seeds=${MUTATION_SEEDS:-1..1500}
relay_seeds=${MUTATION_RELAY_SEEDS:-1..1500}
jobs=${JOBS:-$(nproc)}
work=$(mktemp -d "${TMPDIR:-/tmp}/landline-mutants-XXXXXX")
trap 'rm -rf "$work"' EXIT

apply() { (cd "$work" && git apply "$@"); }
# play NAME: the simulation that is to notice this mutant
play() {
    case $1 in
        relay-*) "$work/build/bin/message_sim" --relays --seeds "$relay_seeds" --stop ;;
        *) "$work/build/bin/message_sim" --seeds "$seeds" --stop ;;
    esac >"$work/sim.log" 2>&1
}
build() { cmake --build "$work/build" --target message_sim -j "$jobs" >"$work/build.log" 2>&1; }

(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - --ignore-failed-read) |
    tar -xf - -C "$work" || exit 1
cmake -S "$work" -B "$work/build" -G Ninja -DLANDLINE_QT=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" >"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; exit 1; }
build || { tail -40 "$work/build.log"; exit 1; }

[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.patch | sed 's|^\./||; s|\.patch$||')
for kind in $(printf '%s\n' "$@" | sed 's/^relay-.*/relay-/; /^relay-$/!s/.*/direct-/' | sort -u); do
    play "$kind" || { echo "the simulation fails without any mutation:"; tail "$work/sim.log"; exit 1; }
done
bad=0
for name in "$@"; do
    patch="$work/tests/sim/mutations/$name.patch"
    if ! apply --check "$patch" >"$work/patch.log" 2>&1; then
        echo "$name: the patch no longer fits"
        bad=1
        continue
    fi
    apply "$patch" >"$work/patch.log"
    if ! build; then
        echo "$name: does not compile"
        tail -20 "$work/build.log"
        bad=1
    elif play "$name"; then
        echo "$name: SURVIVES"
        bad=1
    else
        echo "$name: caught ($(sed -n 's/^\(seed [0-9]*\) fails.*/\1/p' "$work/sim.log"): $(sed -n 2p "$work/sim.log" | sed 's/^ *//'))"
    fi
    apply -R "$patch" >"$work/patch.log"
done
exit $bad
