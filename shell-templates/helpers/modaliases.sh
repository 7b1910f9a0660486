# The modaliases of the devices on all buses, each once.
modaliases() { (set +f; cat /sys/bus/*/devices/*/modalias) 2>/dev/null | sort -u; }
