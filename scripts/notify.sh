#!/bin/sh
# An example of a program for `openclaw models auth watch --exec`: a note on the desktop, or a message to a topic of
# ntfy (https://ntfy.sh, or a server of your own). Copy it and make it yours.
# It is given the event as one line of JSON, whose last field `text` is the line for people.
# Ends with 1 where it reached nobody: the event is told again then.
#
# OPENCLAW_NOTIFY_URL       address of the topic
# OPENCLAW_NOTIFY_URL_FILE  or a file that holds it
set -eu

read -r event || [ -n "$event" ]
text=$(printf '%s\n' "$event" | sed -e 's/^.*"text":"\(.*\)"}$/\1/' -e 's/\\\(["\\]\)/\1/g')
reached=1

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}${DBUS_SESSION_BUS_ADDRESS:-}" ] && command -v notify-send >/dev/null 2>&1; then
  if notify-send -- "OpenClaw accounts" "$text"; then reached=0; fi
fi

url=${OPENCLAW_NOTIFY_URL:-}
if [ -z "$url" ] && [ -n "${OPENCLAW_NOTIFY_URL_FILE:-}" ]; then url=$(cat "$OPENCLAW_NOTIFY_URL_FILE"); fi
if [ -n "$url" ] && command -v curl >/dev/null 2>&1; then
  # The address goes through a pipe: arguments are seen in the list of processes.
  if printf 'url = "%s"\n' "$url" | curl --config - --silent --show-error --fail --max-time 10 --output /dev/null --data-binary "$text"; then
    reached=0
  fi
fi

exit "$reached"
