#!/usr/bin/env bash
# Run the named parts, all of them even when one fails, and print what each took. Ends with 1 when any failed.
#
#   .ci/test.sh [types] [lint] [unused] [quick] [mutants] [engine] [hostile]
#
# The test runner's reports stay in .cache/reports/, one JSON file a part.
set -uo pipefail
cd "$(dirname "$0")/.."

REPORTS=.cache/reports

main() {
  local table='' failed=0 part
  rm -rf "$REPORTS"
  mkdir -p "$REPORTS"
  for part in "$@"; do
    local started mark=ok
    started=$(now)
    echo "--- $part"
    "run_$part" || { mark=no failed=1; }
    table+=$(printf ' %s %-8s %6ss' "$mark" "$part" "$(seconds_since "$started")")$'\n'
  done
  printf -- '--- times\n%s' "$table"
  return "$failed"
}

run_types() { npx --no-install tsc --noEmit; }
run_lint() { npx --no-install biome check .; }
run_unused() { npx --no-install knip; }
run_quick() { run_tests unit --maxWorkers=2; }
run_mutants() { node .ci/mutants.mjs; }
run_engine() { run_tests engine; }
run_hostile() { run_tests hostile; }

# In CI only what failed is listed: a log of 3,000 passing tests hides the one that did not. A test that failed is tried once more there,
# and said to be flaky where it then passes (count.mjs): a runner's hiccup stops nobody, and is not hidden.
run_tests() {
  local how=(--reporter=default)
  if [ "${CI:-}" = true ]; then how=(--reporter=dot --retry=1); fi
  npx --no-install vitest run --project "$@" "${how[@]}" --reporter=json --outputFile.json="$REPORTS/$1.json"
}

# The shell's own clock; an old shell has none with fractions.
now() { echo "${EPOCHREALTIME:-$(date +%s)}"; }
seconds_since() { awk -v now="$(now)" -v then="$1" 'BEGIN { printf "%.1f", now - then }'; }

main "$@"
