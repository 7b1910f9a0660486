# A shell for a person on the console.
rescue_shell() { setsid cttyhack sh || :; }
