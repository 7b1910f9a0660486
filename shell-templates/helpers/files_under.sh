# The regular files below a directory, one a line. A path with a newline would
# be two lines, the second of somebody's choice: it is left out.
files_under() { find "$1" -type f ! -path "*$newline*" | sort; }
