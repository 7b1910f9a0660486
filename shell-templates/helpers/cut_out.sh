# Bytes of a file into one of their own: cut_out FILE OFFSET COUNT TO.
cut_out() { tail -c "+$(($2 + 1))" "$1" | head -c "$3" >"$4"; }
