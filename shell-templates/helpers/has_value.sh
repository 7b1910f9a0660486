# Whether a parameter has a value: has_value NAME [VALUE].
has_value() { [ "$#" -eq 2 ] || refuse_value "$1" '' 'a value'; }
