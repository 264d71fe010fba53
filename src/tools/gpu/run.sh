#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs Lowbit's checks on a GPU machine and keeps what they say:
#
#   ./run.sh RESULTS [OPTION...]     doctor, selftest and bench; options go to selftest (--quick, --kernel NAME),
#                                    and --quick to bench too
#   ./run.sh lowbit COMMAND...       any one command of Lowbit
#
# RESULTS gets machine.txt (date, commit, GPU, driver), doctor.txt, selftest.txt, selftest.json, bench.txt,
# bench.json, bench.md, and peers.json where python3 has PyTorch. PEER_SECONDS (150) and BENCH_SECONDS (240) limit
# the clocks. Exit code: 0 if all passed, 1 if something failed or there is no GPU.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)

lowbit() {
  # Nothing is left outside the bundle.
  LOWBIT_CACHE=${LOWBIT_CACHE:-$here/cache} XDG_CACHE_HOME=${XDG_CACHE_HOME:-$here/cache} LC_ALL=C.UTF-8 \
    "$here/runtime/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -XX:+UseSerialGC -Djava.io.tmpdir="${TMPDIR:-/tmp}" \
    -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -jar "$here/lowbit.jar" "$@"
}

if [ $# -lt 1 ]; then
  sed -n '3,11s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
if [ "$1" = lowbit ]; then
  shift
  lowbit "$@"
  exit
fi
results=$1
shift
mkdir -p "$results"

{
  date -u +%Y-%m-%dT%H:%M:%SZ
  echo "lowbit $(cat "$here/VERSION")"
  uname -srm
  grep -m 1 'model name' /proc/cpuinfo || true
  if command -v nvidia-smi >/dev/null; then
    nvidia-smi --query-gpu=name,driver_version,compute_cap,memory.total,clocks.max.sm,power.limit --format=csv 2>&1 || true
  else
    echo "nvidia-smi is not there"
  fi
} >"$results/machine.txt"
cat "$results/machine.txt"

status=0
lowbit doctor >"$results/doctor.txt" 2>&1 || status=1
cat "$results/doctor.txt"

# The table goes to standard error while the cases go to the file.
lowbit selftest --json "$@" >"$results/selftest.json" 2>"$results/selftest.txt" || status=1
cat "$results/selftest.txt"

quick=
for option in "$@"; do
  [ "$option" = --quick ] && quick=--quick
done

# Without PyTorch there is nothing to compare with, which is no failure.
set --
if command -v python3 >/dev/null && python3 -c 'import torch' 2>/dev/null; then
  if python3 "$here/peers.py" $quick --seconds "${PEER_SECONDS:-150}" --out "$results/peers.json" \
    2>"$results/peers.txt"; then
    set -- --peers "$results/peers.json"
  else
    cat "$results/peers.txt"
  fi
fi
lowbit bench kernels $quick --seconds "${BENCH_SECONDS:-240}" --out "$results/bench.json" \
  --markdown "$results/bench.md" "$@" >"$results/bench.txt" 2>"$results/bench.log" || status=1
cat "$results/bench.txt"
[ -s "$results/bench.txt" ] || tail -n 3 "$results/bench.log"
exit $status
