#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles kernels/*.cu to kernels/ptx/*.ptx, the files that ship, and writes kernels/ptx/manifest.json.
#
#   kernels/build.sh            the modules whose sources have changed
#   kernels/build.sh --all      all modules
#   kernels/build.sh NAME...    these modules
#
# Takes nvcc 13 from the PATH, or installs a pinned one from its Python wheels (300 MB, python3 with pip) into
# kernels/.nvcc. Nobody needs either to use or to test Lowbit.
set -euo pipefail
cd "$(dirname "$0")"

# What the modules are stamped with: drivers from 520 on load it, on every GPU from compute capability 8.0 on.
version=7.8
target=80
assembled_for="80 86 89 90"
tools=$PWD/.nvcc
wheels="nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-cccl==13.0.85 nvidia-cuda-runtime==13.0.96"

if command -v nvcc >/dev/null && nvcc --version | grep -q 'release 13\.'; then
  bin=$(dirname "$(command -v nvcc)")
else
  if [ ! -x "$tools/nvidia/cu13/bin/nvcc" ]; then
    echo "installing nvcc into $tools"
    rm -rf "$tools"
    # shellcheck disable=SC2086 # a list of words
    python3 -m pip install --quiet --no-deps --target "$tools.part" $wheels
    mv "$tools.part" "$tools"
  fi
  bin=$tools/nvidia/cu13/bin
fi

# --fmad=false: sums and products are rounded as they are written; fused ones are written as fmaf.
PATH=$bin:$PATH exec python3 build.py --version "$version" --target "$target" --assemble "$assembled_for" \
  --options="-O3 -std=c++17 --fmad=false -I." "$@"
