# SPDX-License-Identifier: MIT
# Turns the tables of data/*.csv into src/catalogue/tables.c (layout: src/catalogue/tables.h).
# POSIX awk, run with LC_ALL=C so that length() counts bytes. What doesn't fit is refused with
# FILE:LINE and a status of 1.
#
#   awk -f tables.awk datapoints.csv limits_120v.csv menus.csv messages.csv errors.csv \
#       device_types.csv > tables.c
#
# All text goes into one structure of character arrays and is referred to by offset: pointers in
# constant tables would need relocation in a position-independent program, and so real memory.

BEGIN {
    header["datapoints.csv"] = "family,kind,id,level,name,short_name,unit,format,encoding," \
        "decimals,aggregate,pace,vbat,default,min,max,step,options,note,remark,effect,effect_reason"
    header["limits_120v.csv"] = "family,id,default,min,max,step"
    header["menus.csv"] = "family,depth,id,name"
    header["messages.csv"] = "number,severity,text"
    header["errors.csv"] = "code,name,text"
    header["device_types.csv"] = "family,info,value,model"

    # In the order of the enums in catalogue.h; an empty cell is the word before the colon.
    words["family"] = ":xt vt vs bsp bms rcc"
    words["kind"] = ":info parameter menu"
    words["level"] = ":view_only basic expert installer qsp"
    words["format"] = ":none bool short_enum long_enum int32 float"
    words["encoding"] = ":number bool enum enum_1bit bitfield weekdays minutes_of_day date" \
        " signal cosphi version_msb version_lsb fid_msb fid_lsb device_type level none"
    words["aggregate"] = "none:sum average"
    words["pace"] = "slow:fast slow once"
    words["vbat"] = "none:level step pv per_cell"
    words["effect"] = "none:harmless caution stop clock restart reset erase danger"
    words["severity"] = ":info warning error halt"

    families = split("xt vt vs bsp bms rcc", family_order, " ")
    string_count = pool_size = limits = options = datapoints = entries = 0
    messages = errors = types = 0
    intern("") # offset 0 means "none"
}

FNR == 1 {
    file = FILENAME
    sub(/.*\//, "", file)
    if (!(file in header))
        fail("not one of the tables")
    if (file != "datapoints.csv" && !("datapoints.csv" in seen))
        fail("datapoints.csv must come first")
    seen[file] = 1
    if ($0 != header[file])
        fail("the columns must be " header[file])
    columns = split(header[file], name, ",")
    next
}

{
    fields = split_csv($0)
    if (fields != columns)
        fail(fields " columns instead of " columns)
    for (i = 1; i <= columns; i++)
        cell[name[i]] = field[i]
}

file == "datapoints.csv" { datapoint() }
file == "limits_120v.csv" { limits_120v() }
file == "menus.csv" { menu() }
file == "messages.csv" { message() }
file == "errors.csv" { error_code() }
file == "device_types.csv" { device_type() }

END {
    if (failed)
        exit 1
    for (file in header)
        if (!(file in seen))
            fail(file " is missing", 1)
    for (i = 0; i < datapoints; i++)
        if (row_kind[i] != "info" && !(i in in_menu))
            fail("datapoints.csv: " row_key[i] " is in no menu", 1)
    if (failed)
        exit 1
    print_tables()
}

function fail(why, no_line) {
    print "tables.awk: " (no_line ? "" : FILENAME ":" FNR ": ") why | "cat 1>&2"
    close("cat 1>&2")
    failed = 1
    exit 1
}

# RFC 4180 without line breaks in cells: fills field[], returns how many.
function split_csv(line,    n, i, c, in_quotes, text) {
    if (line ~ /\r/)
        fail("lines must end with LF alone")
    if (index(line, "\"") == 0)
        return split(line, field, ",")
    n = 1
    text = ""
    in_quotes = 0
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (c == "\"") {
            if (in_quotes && substr(line, i + 1, 1) == "\"") {
                text = text c
                i++
            } else {
                in_quotes = !in_quotes
            }
        } else if (c == "," && !in_quotes) {
            field[n++] = text
            text = ""
        } else {
            text = text c
        }
    }
    if (in_quotes)
        fail("a quote isn't closed")
    field[n] = text
    return n
}

# The enum constant for a cell: prefix and the word in capitals.
function constant(column, prefix,    parts, list, n, i, word) {
    split(words[column], parts, ":")
    word = cell[column] == "" ? parts[1] : cell[column]
    if (cell[column] == "" && word != "")
        return prefix toupper(word)
    n = split(parts[2], list, " ")
    for (i = 1; i <= n; i++)
        if (list[i] == word)
            return prefix toupper(word)
    fail("unknown " column " \"" word "\"")
}

function whole(column, max) {
    if (cell[column] !~ /^[0-9]+$/ || cell[column] + 0 > max)
        fail(column " \"" cell[column] "\" isn't a number from 0 to " max)
    return cell[column] + 0
}

# Offset of a text in the pool; equal texts share one.
function intern(text) {
    if (!(text in offset)) {
        offset[text] = pool_size
        string[string_count++] = text
        pool_size += length(text) + 1
    }
    return offset[text]
}

function limits_index(    key, n, i, list, v) {
    split("default min max step", list, " ")
    key = ""
    for (i = 1; i <= 4; i++) {
        v = cell[list[i]]
        if (v != "" && v !~ /^-?[0-9]+(\.[0-9]+)?$/)
            fail(list[i] " \"" v "\" isn't a number")
        key = key (i > 1 ? ", " : "") (v == "" ? "NAN" : v)
    }
    if (cell["min"] != "" && cell["max"] != "" && cell["min"] + 0 > cell["max"] + 0)
        fail("min is above max")
    if (cell["default"] != "" && cell["min"] != "" &&
        (cell["default"] + 0 < cell["min"] + 0 || cell["default"] + 0 > cell["max"] + 0))
        fail("default isn't between min and max")
    if (!(key in limit_number)) {
        limit_number[key] = limits
        limit[limits++] = key
    }
    return limit_number[key]
}

# Index of the first option; equal lists share their place. Sets option_count.
function options_index(    list, i, colon, value, used) {
    option_count = 0
    if (cell["options"] == "")
        return 0
    option_count = split(cell["options"], list, "|")
    if (cell["options"] in options_number)
        return options_number[cell["options"]]
    options_number[cell["options"]] = options
    for (i = 1; i <= option_count; i++) {
        colon = index(list[i], ":")
        value = substr(list[i], 1, colon - 1)
        if (value !~ /^[0-9]+$/ || colon == length(list[i]))
            fail("option \"" list[i] "\" isn't VALUE:LABEL")
        if (value in used)
            fail("two options have the value " value)
        used[value] = 1
        option[options++] = value ", " intern(substr(list[i], colon + 1))
    }
    return options_number[cell["options"]]
}

function datapoint(    key, id, row, family, kind, encoding, format, first) {
    family = constant("family", "FAMILY_")
    kind = constant("kind", "KIND_")
    encoding = constant("encoding", "ENCODING_")
    format = constant("format", "FORMAT_")
    id = whole("id", 65535)
    key = cell["family"] " " id
    if (key in row_of)
        fail(key " is there twice")
    if (cell["family"] != last_family && cell["family"] in first_id)
        fail("the rows of a family must be together")
    if (cell["family"] in first_id) {
        if (id < first_id[cell["family"]])
            first_id[cell["family"]] = id
        if (id > last_id[cell["family"]])
            last_id[cell["family"]] = id
    } else {
        first_id[cell["family"]] = last_id[cell["family"]] = id
    }
    last_family = cell["family"]
    if (cell["name"] == "")
        fail(key " has no name")
    if ((cell["encoding"] ~ /^(enum|enum_1bit|bitfield)$/) != (cell["options"] != ""))
        fail(key ": options belong to enum, enum_1bit and bitfield, and to those only")
    if (cell["kind"] == "menu" && (cell["format"] != "none" || cell["encoding"] != "none"))
        fail(key ": a menu has no value")
    if (cell["kind"] == "info" && cell["pace"] == "")
        fail(key ": an info needs a pace")
    if (cell["kind"] != "parameter" && cell["effect"] != "")
        fail(key ": only a parameter has an effect")
    if (cell["encoding"] == "signal" && cell["effect"] == "")
        fail(key ": a signal needs an effect")
    if ((cell["effect"] == "") != (cell["effect_reason"] == ""))
        fail(key ": effect and effect_reason belong together")
    if (cell["decimals"] == "" && cell["kind"] == "menu")
        cell["decimals"] = 0
    row = datapoints++
    row_of[key] = row
    row_key[row] = key
    row_kind[row] = cell["kind"]
    row_name[row] = cell["name"]
    row_limits[row] = row_limits_120v[row] = limits_index()
    first = options_index()
    row_text[row] = intern(cell["name"]) ", " intern(cell["short_name"]) ", " \
        intern(cell["unit"]) ", " intern(cell["note"]) ", " intern(cell["remark"]) ", " \
        intern(cell["effect_reason"]) ", " id
    row_codes[row] = first ", " option_count ", " family ", " kind ", " \
        constant("level", "LEVEL_") ", " format ", " encoding ", " \
        constant("aggregate", "AGGREGATE_") ", " constant("pace", "PACE_") ", " \
        constant("vbat", "VBAT_") ", " constant("effect", "EFFECT_") ", " whole("decimals", 6)
}

# The row that the cells family and id mean.
function known_row(id_column,    key) {
    key = cell["family"] " " whole(id_column, 65535)
    if (!(key in row_of))
        fail(key " isn't in datapoints.csv")
    return row_of[key]
}

function limits_120v(    row) {
    row = known_row("id")
    if (row in has_120v)
        fail(row_key[row] " is there twice")
    has_120v[row] = 1
    row_limits_120v[row] = limits_index()
}

function menu(    row, depth, family) {
    row = known_row("id")
    depth = whole("depth", 3)
    family = cell["family"]
    if (row_kind[row] == "info")
        fail(row_key[row] " is an info")
    if (row_name[row] != cell["name"])
        fail(row_key[row] " has another name in datapoints.csv")
    if (family != menu_family) {
        if (family in menu_first)
            fail("the entries of a family must be together")
        menu_first[family] = entries
        menu_family = family
        open_depth = -1
    }
    if (depth > open_depth + 1 || (depth > 0 && row_kind[entry_row[open[depth - 1]]] != "menu"))
        fail("depth " depth " isn't below a menu")
    # The entry before at this depth, if still open, is followed by this one.
    if (depth <= open_depth)
        entry_next[open[depth]] = entries
    entry_row[entries] = row
    entry_parent[entries] = depth > 0 ? open[depth - 1] : "MENU_NONE"
    entry_depth[entries] = depth
    open[depth] = entries
    open_depth = depth
    in_menu[row] = 1
    entries++
}

function message(    number) {
    number = whole("number", 999)
    if (number in message_text)
        fail("message " number " is there twice")
    if (cell["text"] == "")
        fail("message " number " has no text")
    message_text[number] = constant("severity", "SEVERITY_") ", " intern(cell["text"])
    if (number >= messages)
        messages = number + 1
}

function error_code() {
    if (cell["code"] !~ /^0x[0-9A-F][0-9A-F][0-9A-F][0-9A-F]$/)
        fail("code \"" cell["code"] "\" isn't 0x and four digits")
    if (cell["code"] in error_seen)
        fail(cell["code"] " is there twice")
    if (cell["name"] == "" || cell["text"] == "")
        fail(cell["code"] " has no name or no text")
    error_seen[cell["code"]] = 1
    error_row[errors++] = cell["code"] ", " intern(cell["name"]) ", " intern(cell["text"])
}

function device_type(    row, value) {
    row = known_row("info")
    value = whole("value", 65535)
    if ((row, value) in type_seen)
        fail(row_key[row] " " value " is there twice")
    type_seen[row, value] = 1
    if (cell["model"] == "")
        fail("no model")
    type_row[types++] = row ", " value ", " intern(cell["model"])
}

# A C string; question marks are escaped because two of them could begin a trigraph.
function quoted(text,    i, c, out) {
    if (text !~ /["\\?]/)
        return "\"" text "\""
    out = ""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\"" || c == "\\" || c == "?")
            out = out "\\"
        out = out c
    }
    return "\"" out "\""
}

function print_tables(    i, id, family, next_entry, count) {
    print "// SPDX-License-Identifier: MIT"
    print "// Made from data/*.csv by data/tables.awk: change those instead."
    print "// clang-format off"
    print "#include \"catalogue/tables.h\"\n\n#include <math.h>\n"

    print "static const struct {"
    for (i = 0; i < string_count; i++)
        print "    char s" i "[" length(string[i]) + 1 "];"
    print "} pool = {"
    for (i = 0; i < string_count; i++)
        print "    " quoted(string[i]) ","
    print "};"
    print "_Static_assert(sizeof pool == " pool_size ", \"offsets count bytes\");\n"
    print "const char *tables_text(uint32_t offset)\n{"
    print "    return (const char *)&pool + offset;\n}\n"

    print "const struct datapoint_limits tables_limits[] = {"
    for (i = 0; i < limits; i++)
        print "    {" limit[i] "},"
    print "};\n"
    print "const struct tables_option tables_options[] = {"
    for (i = 0; i < options; i++)
        print "    {" option[i] "},"
    print "};\n"
    print "const struct datapoint tables_datapoints[] = {"
    for (i = 0; i < datapoints; i++)
        print "    {" row_text[i] ", " row_limits[i] ", " row_limits_120v[i] ", " row_codes[i] "},"
    print "};"
    print "const uint16_t tables_datapoint_count = " datapoints ";\n"

    print "const uint16_t tables_by_id[] = {"
    count = 0
    for (i = 1; i <= families; i++) {
        family = family_order[i]
        family_first[i] = count
        if (!(family in first_id))
            continue
        for (id = first_id[family]; id <= last_id[family]; id++)
            if ((family " " id) in row_of) {
                print "    " row_of[family " " id] ","
                count++
            }
    }
    print "};"
    print "const uint16_t tables_family_first[FAMILY_COUNT + 1] = {"
    for (i = 1; i <= families; i++)
        print "    " family_first[i] ","
    print "    " count "\n};\n"

    print "const struct menu_entry tables_menus[] = {"
    for (i = 0; i < entries; i++) {
        next_entry = (i in entry_next) ? entry_next[i] : "MENU_NONE"
        print "    {" entry_row[i] ", " entry_parent[i] ", " next_entry ", " \
            (i + 1 < entries && entry_depth[i + 1] > entry_depth[i]) "},"
    }
    print "};"
    print "const uint16_t tables_menu_count = " entries ";"
    print "const uint16_t tables_menu_first[FAMILY_COUNT] = {"
    for (i = 1; i <= families; i++)
        print "    " (family_order[i] in menu_first ? menu_first[family_order[i]] : "MENU_NONE") ","
    print "};\n"

    print "const struct tables_message tables_messages[] = {"
    for (i = 0; i < messages; i++)
        print "    {" (i in message_text ? message_text[i] : "SEVERITY_INFO, 0") "},"
    print "};"
    print "const uint16_t tables_message_count = " messages ";\n"
    print "const struct tables_error tables_errors[] = {"
    for (i = 0; i < errors; i++)
        print "    {" error_row[i] "},"
    print "};"
    print "const uint16_t tables_error_count = " errors ";\n"
    print "const struct tables_device_type tables_device_types[] = {"
    for (i = 0; i < types; i++)
        print "    {" type_row[i] "},"
    print "};"
    print "const uint16_t tables_device_type_count = " types ";"
}
