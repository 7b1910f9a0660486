# The modaliases of the devices on all buses, each once.
modaliases() { (set +f; sort -u /sys/bus/*/devices/*/modalias) 2>/dev/null; }
