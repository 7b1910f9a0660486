#!/bin/sh
# aria2 calls this as complete GID FILES FIRST-FILE: for a torrent when all is
# there, and again when it has been seeded.
read -r uptime _ </proc/uptime
printf '@complete %s %s\n' "$uptime" "$3"
