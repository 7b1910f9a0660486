# A count of thousandths as a decimal.
as_decimal() { printf '%d.%03d\n' "$(($1 / 1000))" "$(($1 % 1000))"; }
