#!/bin/sh
# aria2c as /init calls it, with the lab's clock in it. LAB_NODE_OPTIONS come
# last, where they win.
set -f
IFS=" "
# shellcheck disable=SC2086 # these are several words
exec /usr/bin/aria2c "$@" --on-download-complete=/lab/complete \
    --on-bt-download-complete=/lab/complete ${LAB_NODE_OPTIONS-}
