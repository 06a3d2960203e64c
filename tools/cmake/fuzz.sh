#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs one libFuzzer harness for a bounded time
#
# usage: fuzz.sh HARNESS CORPUS-DIR [SEED-DIR]
# New inputs go to CORPUS-DIR (in the build tree); seeds are only read. The time
# is TESSERA_FUZZ_SECONDS, a minute if unset.
set -eu
harness=$1
corpus=$2
seeds=${3:-}
mkdir -p "$corpus"
exec "$harness" -max_total_time="${TESSERA_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 -artifact_prefix="$corpus/../" "$corpus" ${seeds:+"$seeds"}
