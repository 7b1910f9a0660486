# The device whose file system has a label or a UUID, within 5 s; nothing where
# none has: device_with LABEL=NAME.
device_with() { timeout -s KILL 5 findfs "$1" 2>/dev/null || :; }
