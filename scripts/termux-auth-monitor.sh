#!/bin/sh
# Watches the accounts on Android, in Termux with the app and the package Termux:API.
#
# termux-auth-monitor.sh            look once, and show a notification for each change
# termux-auth-monitor.sh schedule   let Android do that every 15 minutes, also after a restart
# termux-auth-monitor.sh unschedule
# termux-auth-monitor.sh notify     what the watch runs: an event on standard input becomes a notification
#
# Without Termux:API changes are printed, and cron has to do what Android would.
set -eu

JOB=7031
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
self=$here/$(basename -- "$0")
has() { command -v "$1" >/dev/null 2>&1; }

case "${1:-run}" in
  run)
    # The watch runs one program without arguments, and variables of this name reach it.
    if [ -n "${OPENCLAW_NOTIFY_TERMUX:-}" ]; then exec "$self" notify; fi
    if has termux-notification; then
      OPENCLAW_MONITOR_EXEC=$self
      OPENCLAW_NOTIFY_TERMUX=1
      export OPENCLAW_MONITOR_EXEC OPENCLAW_NOTIFY_TERMUX
    fi
    exec "$here/auth-monitor.sh"
    ;;
  notify)
    read -r event || [ -n "$event" ]
    # `text` is the last field of the event.
    text=$(printf '%s\n' "$event" | sed -e 's/^.*"text":"\(.*\)"}$/\1/' -e 's/\\\(["\\]\)/\1/g')
    id=$(printf '%s\n' "$event" | sed -e 's/^.*"profileId":"\([^"]*\)".*$/\1/')
    # A newer state of an account takes the place of the older one.
    exec termux-notification --id "openclaw-$id" --group openclaw --title "OpenClaw accounts" --content "$text"
    ;;
  schedule)
    if ! has termux-job-scheduler; then
      echo "termux-auth-monitor: Termux:API is not there; use cron: */15 * * * * $self" >&2
      exit 1
    fi
    # Android runs nothing more often than every 15 minutes.
    exec termux-job-scheduler --job-id "$JOB" --script "$self" --period-ms 900000 --persisted true
    ;;
  unschedule)
    has termux-job-scheduler || exit 0
    exec termux-job-scheduler --cancel --job-id "$JOB"
    ;;
  *)
    echo "usage: $0 [run | schedule | unschedule | notify]" >&2
    exit 1
    ;;
esac
