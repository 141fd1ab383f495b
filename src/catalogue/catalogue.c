// SPDX-License-Identifier: MIT
#include "catalogue/catalogue.h"

#include "catalogue/tables.h"

enum { LEVEL_CODE_STEP = 0x10 };

// --- Look-up -----------------------------------------------------------------------------------

const struct datapoint *catalogue_find(enum family family, unsigned id)
{
    if ((unsigned)family >= FAMILY_COUNT)
        return NULL;
    size_t low = tables_family_first[family], high = tables_family_first[family + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct datapoint *dp = &tables_datapoints[tables_by_id[middle]];
        if (dp->id == id)
            return dp;
        if (dp->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t catalogue_count(void)
{
    return tables_datapoint_count;
}

const struct datapoint *catalogue_at(size_t i)
{
    return i < tables_datapoint_count ? &tables_datapoints[i] : NULL;
}

// --- A datapoint -------------------------------------------------------------------------------

uint16_t datapoint_id(const struct datapoint *dp)
{
    return dp->id;
}

enum family datapoint_family(const struct datapoint *dp)
{
    return (enum family)dp->family;
}

enum datapoint_kind datapoint_kind(const struct datapoint *dp)
{
    return (enum datapoint_kind)dp->kind;
}

enum level datapoint_level(const struct datapoint *dp)
{
    return (enum level)dp->level;
}

enum value_format datapoint_format(const struct datapoint *dp)
{
    return (enum value_format)dp->format;
}

enum encoding datapoint_encoding(const struct datapoint *dp)
{
    return (enum encoding)dp->encoding;
}

enum aggregation datapoint_aggregation(const struct datapoint *dp)
{
    return (enum aggregation)dp->aggregation;
}

enum pace datapoint_pace(const struct datapoint *dp)
{
    return (enum pace)dp->pace;
}

enum vbat_dependence datapoint_vbat(const struct datapoint *dp)
{
    return (enum vbat_dependence)dp->vbat;
}

const char *datapoint_name(const struct datapoint *dp)
{
    return tables_text(dp->name);
}

const char *datapoint_short_name(const struct datapoint *dp)
{
    return tables_text(dp->short_name);
}

const char *datapoint_unit(const struct datapoint *dp)
{
    return tables_text(dp->unit);
}

const char *datapoint_note(const struct datapoint *dp)
{
    return tables_text(dp->note);
}

const char *datapoint_remark(const struct datapoint *dp)
{
    return tables_text(dp->remark);
}

int datapoint_decimals(const struct datapoint *dp)
{
    return dp->decimals;
}

struct datapoint_limits datapoint_limits(const struct datapoint *dp)
{
    return tables_limits[dp->limits];
}

struct datapoint_limits datapoint_limits_120v(const struct datapoint *dp)
{
    return tables_limits[dp->limits_120v];
}

static bool device_type_option(const struct datapoint *dp, size_t i, struct option *option)
{
    for (size_t t = 0; t < tables_device_type_count; t++) {
        const struct tables_device_type *type = &tables_device_types[t];
        if (&tables_datapoints[type->row] != dp || i-- > 0)
            continue;
        *option = (struct option){type->value, tables_text(type->model)};
        return true;
    }
    return false;
}

// Words are kept in arrays of characters, not of pointers, for the reason given in tables.h.
bool datapoint_option(const struct datapoint *dp, size_t i, struct option *option)
{
    static const char days[7][3] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

    switch ((enum encoding)dp->encoding) {
    case ENCODING_BOOL:
        if (i > 1)
            return false;
        *option = (struct option){(uint32_t)i, i ? "yes" : "no"};
        return true;
    case ENCODING_WEEKDAYS:
        if (i >= sizeof days / sizeof *days)
            return false;
        *option = (struct option){UINT32_C(1) << i, days[i]};
        return true;
    case ENCODING_LEVEL:
        if (i > LEVEL_QSP)
            return false;
        *option = (struct option){(uint32_t)i * LEVEL_CODE_STEP, level_name((enum level)i)};
        return true;
    case ENCODING_DEVICE_TYPE:
        return device_type_option(dp, i, option);
    default:
        if (i >= dp->option_count)
            return false;
        *option = (struct option){tables_options[dp->options + i].value,
                                  tables_text(tables_options[dp->options + i].label)};
        return true;
    }
}

// --- Families ----------------------------------------------------------------------------------

const char *family_name(enum family family)
{
    static const char names[FAMILY_COUNT][4] = {
        [FAMILY_XT] = "XT",   [FAMILY_VT] = "VT",   [FAMILY_VS] = "VS",
        [FAMILY_BSP] = "BSP", [FAMILY_BMS] = "BMS", [FAMILY_RCC] = "RCC",
    };
    return (unsigned)family < FAMILY_COUNT ? names[family] : "";
}

const char *family_title(enum family family)
{
    static const char titles[FAMILY_COUNT][16] = {
        [FAMILY_XT] = "Xtender", [FAMILY_VT] = "VarioTrack",    [FAMILY_VS] = "VarioString",
        [FAMILY_BSP] = "BSP",    [FAMILY_BMS] = "Xcom-CAN BMS", [FAMILY_RCC] = "RCC / Xcom-232i",
    };
    return (unsigned)family < FAMILY_COUNT ? titles[family] : "";
}

const char *level_name(enum level level)
{
    static const char names[][12] = {
        [LEVEL_VIEW_ONLY] = "view only", [LEVEL_BASIC] = "basic", [LEVEL_EXPERT] = "expert",
        [LEVEL_INSTALLER] = "installer", [LEVEL_QSP] = "QSP",
    };
    return (unsigned)level < sizeof names / sizeof *names ? names[level] : "";
}

// The codes of the main specification, section 4.5.2.
bool level_from_code(uint32_t code, enum level *level)
{
    if (code % LEVEL_CODE_STEP != 0 || code / LEVEL_CODE_STEP > LEVEL_QSP)
        return false;
    *level = (enum level)(code / LEVEL_CODE_STEP);
    return true;
}

const char *aggregation_name(enum aggregation aggregation)
{
    static const char names[][8] = {
        [AGGREGATE_NONE] = "none",
        [AGGREGATE_SUM] = "sum",
        [AGGREGATE_AVERAGE] = "average",
    };
    return (unsigned)aggregation < sizeof names / sizeof *names ? names[aggregation] : "";
}

const char *catalogue_device_type(enum family family, unsigned info, uint32_t value)
{
    for (size_t i = 0; i < tables_device_type_count; i++) {
        const struct tables_device_type *type = &tables_device_types[i];
        const struct datapoint *dp = &tables_datapoints[type->row];
        if (type->value == value && dp->id == info && dp->family == (unsigned)family)
            return tables_text(type->model);
    }
    return NULL;
}

// --- Menus -------------------------------------------------------------------------------------

static const struct menu_entry *menu_at(unsigned index)
{
    return index == MENU_NONE ? NULL : &tables_menus[index];
}

const struct menu_entry *menu_first(enum family family)
{
    return (unsigned)family < FAMILY_COUNT ? menu_at(tables_menu_first[family]) : NULL;
}

const struct menu_entry *menu_next(const struct menu_entry *entry)
{
    return menu_at(entry->next);
}

const struct menu_entry *menu_children(const struct menu_entry *entry)
{
    return entry->has_children ? entry + 1 : NULL;
}

const struct menu_entry *menu_parent(const struct menu_entry *entry)
{
    return menu_at(entry->parent);
}

const struct datapoint *menu_datapoint(const struct menu_entry *entry)
{
    return &tables_datapoints[entry->row];
}

const struct menu_entry *menu_of(const struct datapoint *dp, const struct menu_entry *after)
{
    const struct menu_entry *end = tables_menus + tables_menu_count;
    // A family's entries are together.
    const struct menu_entry *entry = after ? after + 1 : menu_first((enum family)dp->family);

    for (; entry && entry < end; entry++)
        if (menu_datapoint(entry) == dp)
            return entry;
    return NULL;
}

// --- Messages and errors -----------------------------------------------------------------------

struct message_text catalogue_message(unsigned number)
{
    if (number >= tables_message_count || tables_messages[number].text == 0)
        return (struct message_text){SEVERITY_INFO, NULL};
    const struct tables_message *message = &tables_messages[number];
    return (struct message_text){(enum severity)message->severity, tables_text(message->text)};
}

const char *severity_name(enum severity severity)
{
    static const char names[][8] = {
        [SEVERITY_INFO] = "info",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_ERROR] = "error",
        [SEVERITY_HALT] = "halted",
    };
    return (unsigned)severity < sizeof names / sizeof *names ? names[severity] : "";
}

static const struct tables_error *find_error(unsigned code)
{
    for (size_t i = 0; i < tables_error_count; i++)
        if (tables_errors[i].code == code)
            return &tables_errors[i];
    return NULL;
}

const char *catalogue_error_name(unsigned code)
{
    const struct tables_error *error = find_error(code);
    return error ? tables_text(error->name) : NULL;
}

const char *catalogue_error_text(unsigned code)
{
    const struct tables_error *error = find_error(code);
    return error ? tables_text(error->text) : NULL;
}

bool tables_same_word(const char *a, const char *b)
{
    for (;; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b - 'A' + 'a') : *b;
        if (x != y)
            return false;
        if (x == '\0')
            return true;
    }
}
