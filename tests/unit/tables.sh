#!/bin/sh
# SPDX-License-Identifier: MIT
# The generator of the tables: every awk makes the same file, and bad data is refused with a
# message that names the place.
set -eu
LC_ALL=C
export LC_ALL
data=${top_srcdir:-.}/data
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

tables() { # AWK DIRECTORY
    $1 -f "$data/tables.awk" "$2/datapoints.csv" "$2/limits_120v.csv" "$2/menus.csv" \
        "$2/messages.csv" "$2/errors.csv" "$2/device_types.csv"
}

tables awk "$data" >"$work/tables.c"
for awk in mawk gawk 'gawk --posix' original-awk 'busybox awk'; do
    command -v "${awk%% *}" >/dev/null 2>&1 || continue
    tables "$awk" "$data" >"$work/other.c"
    if ! cmp -s "$work/tables.c" "$work/other.c"; then
        echo "$awk makes another file"
        failures=$((failures + 1))
    fi
done

# Changes one file with sed and expects this message and a status that isn't 0.
refused() { # FILE SED-SCRIPT MESSAGE
    rm -rf "$work/data"
    mkdir "$work/data"
    cp "$data"/*.csv "$work/data"
    chmod u+w "$work/data"/*.csv # they are read-only in distcheck
    sed "$2" "$data/$1" >"$work/data/$1"
    if cmp -s "$data/$1" "$work/data/$1"; then
        echo "$1: $2 changes nothing"
        failures=$((failures + 1))
    elif tables awk "$work/data" >/dev/null 2>"$work/message"; then
        echo "$1: $2 was accepted"
        failures=$((failures + 1))
    elif ! grep -qF -- "$3" "$work/message"; then
        echo "$1: $2 gave: $(cat "$work/message")"
        failures=$((failures + 1))
    fi
}

refused datapoints.csv '1s/unit/units/' 'datapoints.csv:1: the columns must be family,kind,id'
refused datapoints.csv '5s/$/,/' 'datapoints.csv:5: 23 columns instead of 22'
refused datapoints.csv '5s/$/\r/' 'datapoints.csv:5: lines must end with LF alone'
refused datapoints.csv '5s/number/numbers/' 'unknown encoding "numbers"'
refused datapoints.csv '5s/float/double/' 'unknown format "double"'
refused datapoints.csv '5s/^xt/xx/' 'unknown family "xx"'
refused datapoints.csv '5s/,0,200,/,200,0,/' 'min is above max'
refused datapoints.csv '5s/,60,0,200,/,600,0,200,/' "default isn't between min and max"
refused datapoints.csv '5s/,200,/,2oo,/' "max \"2oo\" isn't a number"
refused datapoints.csv '5p' 'xt 1138 is there twice'
refused datapoints.csv '5{h;d;};$G' 'the rows of a family must be together'
refused datapoints.csv 's/|4:Fast/|2:Fast/' 'two options have the value 2'
refused datapoints.csv 's/1:Slow|2:Tolerant|4:Fast//' 'options belong to enum'
refused datapoints.csv '/^xt,info,3000/s/,fast,/,,/' 'xt 3000: an info needs a pace'
refused datapoints.csv '/^xt,parameter,1467/s/,restart,.*/,,/' 'xt 1467: a signal needs an effect'
refused datapoints.csv '/^xt,parameter,1124/s/,stop,/,halt,/' 'unknown effect "halt"'
refused datapoints.csv '/^xt,parameter,1124/s/,stop,.*/,stop,/' 'xt 1124: effect and effect_reason belong'
refused datapoints.csv '/^xt,parameter,1124/s/,stop,/,,/' 'xt 1124: effect and effect_reason belong'
refused datapoints.csv '/^xt,info,3000/s/,,$/,stop,Why./' 'xt 3000: only a parameter has an effect'
refused datapoints.csv '/^xt,menu,1100/s/,,$/,stop,Why./' 'xt 1100: only a parameter has an effect'
refused limits_120v.csv 's/^xt,1286/xt,1/' "limits_120v.csv:2: xt 1 isn't in datapoints.csv"
refused limits_120v.csv '2p' 'xt 1286 is there twice'
refused menus.csv '2s/BASIC/BASE/' 'xt 1100 has another name'
refused menus.csv '3s/,1,/,2,/' "depth 2 isn't below a menu"
refused menus.csv '3d' 'xt 1551 is in no menu'
refused messages.csv '3s/warning/warn/' 'unknown severity "warn"'
refused messages.csv '3p' 'message 1 is there twice'
refused messages.csv '23s/"$//' "messages.csv:23: a quote isn't closed"
refused errors.csv '2s/0x0001/1/' "errors.csv:2: code \"1\" isn't 0x and four digits"
refused device_types.csv '2p' 'xt 3124 1 is there twice'

exit $((failures > 0))
