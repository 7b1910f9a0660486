# ---- input -------------------------------------------------------------------

# What comes right before the record is handed on by its own status.
mount_target() {
    target=folder
    log mounting
    mount "$target" "$1"
}

main() {
    mount_target 3 || return
    log "never here: $target"
}
