#!/bin/sh
# Flame graphs of klplint on a tree, with a cold cache and with nothing changed.
#
#     benchmarks/flames.sh TREE DIRECTORY
#
# Needs py-spy (pip install --group bench .), which samples all processes a hundred times a second.
set -eu
tree=$1 directory=$2
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
for state in cold unchanged; do
    py-spy record --subprocesses --rate 100 --format flamegraph \
        --output "$directory/flames-$state.svg" -- \
        python -m klplint check --isolated --exit-zero --quiet --format json --output /dev/null \
        --cache-dir "$cache" "$tree"
done
