#!/bin/sh
# Written by `skew init --cron`, yours to change: what came out, a run, the site, the check. Cron mails what this prints,
# which is nothing when all is as expected; .skew/weekly.log has all of it.
set -u
cd "$(dirname "$0")" || exit 2
# Cron's own PATH is short.
PATH="$PATH:$HOME/.cargo/bin:$HOME/.local/bin:/usr/local/bin"
mkdir -p .skew

exec 9> .skew/weekly.lock
if ! flock -n 9; then
    echo "$0: an earlier one has not ended; left out" >&2
    exit 0
fi

weekly() {
    printf '\n== %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    if [ -e .skew/results.db ]; then skew plan --update; fi
    # What is expected decides; without that, what the last run had not.
    minds=new
    if [ -e expected.yaml ]; then minds=never; fi
    code=0
    skew run --fail-on "$minds" || code=$?
    # 1: differences; 3: incomplete. Both have a report, which is 3 in turn where it is incomplete.
    case $code in
        0 | 1 | 3) site=0; skew report --site .skew/site || site=$? ;;
        *) return "$code" ;;
    esac
    case $site in
        0 | 3) ;;
        *) return "$site" ;;
    esac
    if [ -e expected.yaml ] && [ "$code" -eq 0 ]; then skew check || code=$?; fi
    return "$code"
}

lines=$(wc -l 2> /dev/null < .skew/weekly.log || echo 0)
code=0
weekly >> .skew/weekly.log 2>&1 || code=$?
if [ "$code" -ne 0 ]; then
    echo "$0 ended with $code:" >&2
    tail -n "+$((lines + 1))" .skew/weekly.log >&2
fi
exit "$code"
