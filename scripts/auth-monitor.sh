#!/bin/sh
# Looks at the accounts once and tells what changed; for cron, systemd timers and Termux.
# Prints a line for each change, nothing otherwise, so that cron mails changes and is silent else.
# Exit code: 0 all is well, 2 something expires within a day, 1 something does not work or could not be told.
#
# OPENCLAW_BIN                  the program (default: openclaw, found in PATH)
# OPENCLAW_MONITOR_AGENT        another agent than the default one
# OPENCLAW_MONITOR_IN_USE       1: only accounts that requests for the configured models are for
# OPENCLAW_MONITOR_JSON         1: print lines of JSON
# OPENCLAW_MONITOR_STATE        file that holds what was told already
# OPENCLAW_MONITOR_EXEC         program to run for each change, such as notify.sh
# OPENCLAW_MONITOR_WEBHOOK_ENV  name of the variable, also one of ~/.openclaw/.env, that holds the address of a webhook
# OPENCLAW_MONITOR_WEBHOOK_FILE file that holds the address of a webhook
set -eu

# cron starts with a PATH in which hardly anybody has Node or openclaw.
PATH="${PATH:-/usr/bin:/bin}:${HOME:-/}/.local/bin:/usr/local/bin"
export PATH

openclaw=${OPENCLAW_BIN:-openclaw}
if ! command -v "$openclaw" >/dev/null 2>&1; then
  echo "auth-monitor: there is no program $openclaw; set OPENCLAW_BIN or PATH" >&2
  exit 1
fi

set -- models auth watch --once
if [ "${OPENCLAW_MONITOR_IN_USE:-}" = 1 ]; then set -- "$@" --in-use; fi
if [ "${OPENCLAW_MONITOR_JSON:-}" = 1 ]; then set -- "$@" --json; fi
if [ -n "${OPENCLAW_MONITOR_AGENT:-}" ]; then set -- "$@" --agent "$OPENCLAW_MONITOR_AGENT"; fi
if [ -n "${OPENCLAW_MONITOR_STATE:-}" ]; then set -- "$@" --state "$OPENCLAW_MONITOR_STATE"; fi
if [ -n "${OPENCLAW_MONITOR_WEBHOOK_ENV:-}" ]; then set -- "$@" --webhook-from-env "$OPENCLAW_MONITOR_WEBHOOK_ENV"; fi
if [ -n "${OPENCLAW_MONITOR_WEBHOOK_FILE:-}" ]; then set -- "$@" --webhook-file "$OPENCLAW_MONITOR_WEBHOOK_FILE"; fi
if [ -n "${OPENCLAW_MONITOR_EXEC:-}" ]; then set -- "$@" --exec "$OPENCLAW_MONITOR_EXEC"; fi

# Nobody is there to answer a question.
exec "$openclaw" "$@" </dev/null
