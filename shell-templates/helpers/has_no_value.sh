# Whether a parameter stands there without a value: has_no_value NAME [VALUE].
has_no_value() { [ "$#" -eq 1 ] || refuse_value "$1" "$2" 'no value'; }
