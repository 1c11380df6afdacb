#!/usr/bin/env bash
# Builds everything and runs every test: .NET, console units, console in a real browser.
#   ./test.sh             names what is missing and counts those tests as skipped
#   ./test.sh --install   installs what is missing first (Debian packages, as root or with sudo)
# The last line reads "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")"

install=false
case "${1:-}" in
  "") ;;
  --install) install=true ;;
  *) echo "usage: ./test.sh [--install]" >&2; exit 2 ;;
esac

root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=()
[ -x /usr/bin/chromium ] || missing+=(chromium)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
  if $install; then
    root apt-get update -q && root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" || exit 1
  else
    echo "Missing: ${missing[*]}. Their tests are skipped; ./test.sh --install installs them."
  fi
fi
for program in dotnet node npm; do
  command -v "$program" >/dev/null || { echo "Missing: $program (.NET SDK 10, Node.js 20.19 or newer). See README.md." >&2; exit 1; }
done

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed=0

dotnet build OrleansCrm.sln -c Release -v quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
# One after the other: several of them start servers of their own.
dotnet test OrleansCrm.sln -c Release --no-build -m:1 --logger "trx" --results-directory "$results" -v quiet || failed=1
(cd src/console && npx vitest run --reporter=default --reporter=json --outputFile="$results/console.json") || failed=1

node eng/count-tests.mjs "$results" "$failed"
