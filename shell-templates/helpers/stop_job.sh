# Ends a command that was started; one that has ended already is no error.
stop_job() { kill "$1" 2>/dev/null || :; }
