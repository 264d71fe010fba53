#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Photographs the first screen of a report: src/tools/report/screenshot.sh REPORT.html PICTURE.png [WIDTH HEIGHT]
# The README's picture: ./lowbit demo && src/tools/report/screenshot.sh reports/demo/report.html reports/sample.png
set -eu
if [ $# -lt 2 ]; then
  echo "usage: screenshot.sh REPORT.html PICTURE.png [WIDTH HEIGHT]" >&2
  exit 2
fi
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then browser=$name; break; fi
done
if [ -z "${browser:-}" ]; then
  echo "screenshot.sh: no Chromium found; install it, for instance with 'apt-get install chromium'" >&2
  exit 1
fi
report=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
"$browser" --headless=new --no-sandbox --hide-scrollbars --force-color-profile=srgb \
  --virtual-time-budget=5000 --window-size="${3:-1280},${4:-1000}" --screenshot="$2" "file://$report" 2>/dev/null
test -s "$2"
