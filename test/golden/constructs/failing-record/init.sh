# ---- input -------------------------------------------------------------------

# What comes right before the record is handed on by its own status.
mount_target() {
    status=$1
    target=folder
    log mounting
    mount "$target" "$status"
}

main() {
    mount_target 3 || return
    log "never here: $target"
}
