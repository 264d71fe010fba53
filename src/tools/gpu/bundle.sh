#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs what 'lowbit doctor', 'selftest' and 'bench' need into one file for a GPU machine that has neither Java nor
# a network: src/tools/gpu/bundle.sh writes target/lowbit-gpu-<commit>.tar.gz (see README.md beside this file).
set -euo pipefail
home=$(cd "$(dirname "$0")/../../.." && pwd -P)

# The launcher builds the jar if it has to, and knows the JDK.
java_home=$(LOWBIT_JAVA_OPTS="-XshowSettings:properties" "$home/lowbit" --version 2>&1 | sed -n 's/^ *java\.home = //p')
commit=$("$home/lowbit" --version | sed -n 's/.*commit \([^)]*\)).*/\1/p')
version=$(sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' "$home/pom.xml" | head -n 1)
bundle=$home/target/lowbit-gpu
rm -rf "$bundle"
mkdir -p "$bundle/lib"
cp "$home/target/lowbit.jar" "$bundle/"

# What those commands load. Without DuckDB (80 MB), which reads data sets, and without the tokenizers (18 MB).
for library in gson picocli jcuda jcublas; do
  for jar in "$home/target/lib/$library"-[0-9]*.jar; do
    cp "$jar" "$bundle/lib/"
  done
done
cp "$home"/target/lib/jcublas-natives-*.jar "$bundle/lib/"

# JCuda's natives without the compilers: nvPTXCompiler alone is 24 MB, and the driver compiles the kernels.
natives=$(cd "$home/target/lib" && echo jcuda-natives-*.jar)
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
(cd "$unpacked" && "$java_home/bin/jar" --extract --file "$home/target/lib/$natives")
rm "$unpacked"/lib/libJNvPTXCompiler-* "$unpacked"/lib/libJNvrtc-*
"$java_home/bin/jar" --create --file "$bundle/lib/$natives" --no-manifest -C "$unpacked" .

# Of java.sql only the logging that comes with it is needed, by JCuda: its other users are left out.
modules=$("$java_home/bin/jdeps" --multi-release 25 --ignore-missing-deps --print-module-deps \
  "$bundle/lowbit.jar" "$bundle"/lib/*.jar | sed 's/java\.sql/java.logging/')
# Not compressed: one compression over all files, below, is smaller than one of each.
"$java_home/bin/jlink" --add-modules "$modules,jdk.incubator.vector" --strip-debug --compress zip-0 \
  --no-header-files --no-man-pages --output "$bundle/runtime" 2>&1 | grep -v 'incubator modules' || true
[ -x "$bundle/runtime/bin/java" ] || { echo "bundle.sh: jlink of $java_home did not make a runtime" >&2; exit 1; }

cp "$home/src/tools/gpu/run.sh" "$home/src/tools/gpu/peers.py" "$home/src/tools/gpu/README.md" "$home/LICENSE" "$bundle/"
echo "$version ${commit:-unknown}" >"$bundle/VERSION"
packed=$home/target/lowbit-gpu-${commit:-unknown}.tar.gz
tar -C "$home/target" --owner=0 --group=0 --numeric-owner -cf - lowbit-gpu | gzip -9 >"$packed"
echo "$packed: $(($(stat -c %s "$packed") / 1000000)) MB, unpacked $(du -sm "$bundle" | cut -f 1) MiB"
