# Says what belongs to a part that this image does without: left_out WHAT PART.
left_out() { log "$1 is not in this image: built --without $2"; }
