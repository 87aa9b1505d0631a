#!/bin/sh
# Serves Dagster's UI, and the sandbox feed beside it unless a configuration names another feed.
if [ -z "$PLANION_CONFIG$PLANION_FEED_URL" ] && [ ! -e planion.yaml ]; then
    .venv/bin/planion sandbox &
    sandbox=$!
    trap 'kill $sandbox 2>/dev/null' EXIT
    trap 'exit 143' TERM
    trap 'exit 130' INT
fi
.venv/bin/dagster dev -w workspace.yaml -h 127.0.0.1 -p "${PORT:-3000}"
