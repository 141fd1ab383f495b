// SPDX-License-Identifier: MIT
#include "cmd/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ini.h"
#include "base/text.h"
#include "plant/selection.h"

struct setting {
    char *site; // "" in front of the first section
    char *key, *value;
    const struct option_spec *spec; // NULL: a preset
    unsigned line;
};

static const char preset_key[] = "preset-", log_key[] = "log-";

struct settings {
    char *path;
    struct setting *list;
    size_t count;
    // While reading.
    FILE *file;
    unsigned line;
    bool goes_on; // the line is a part of the value before
    bool checked; // the last setting
    char *error;
    size_t error_size;
    enum xc_status status;
};

static const struct option_spec *find_key(const char *key)
{
    const struct option_spec *spec;

    for (size_t i = 0; (spec = option_at(i)) != NULL; i++)
        if (spec->config_key && strcmp(spec->config_key, key) == 0)
            return spec;
    return NULL;
}

static void refuse_line(struct settings *settings, unsigned line, const char *what)
{
    if (settings->status != XC_OK)
        return;
    settings->status = XC_SYNTAX;
    snprintf(settings->error, settings->error_size, "%s:%u: %s", settings->path, line, what);
}

static void refuse(struct settings *settings, const char *what)
{
    refuse_line(settings, settings->line, what);
}

static void refuse_key(struct settings *settings, const char *key)
{
    const char *names[OPTION_COUNT + 1];
    const struct option_spec *spec;
    size_t count = 0;
    char what[160];

    for (size_t i = 0; (spec = option_at(i)) != NULL; i++)
        if (spec->config_key)
            names[count++] = spec->config_key;
    names[count] = NULL;
    const char *nearest = nearest_name(key, names);
    if (nearest)
        snprintf(what, sizeof what, "there is no key '%.60s'; did you mean %s?", key, nearest);
    else
        snprintf(what, sizeof what, "there is no key '%.60s'; see xcomtop.conf(5)", key);
    refuse(settings, what);
}

// inih's handler has no line numbers in Debian's build: they are counted here.
static char *read_line(char *line, int size, void *arg)
{
    struct settings *settings = arg;

    if (!fgets(line, size, settings->file))
        return NULL;
    settings->line++;
    settings->goes_on = line[0] == ' ' || line[0] == '\t';
    size_t length = strlen(line);
    if ((length == 0 || line[length - 1] != '\n') && !feof(settings->file))
        refuse(settings, "the line is too long, or no text");
    else if (ini_hides(line))
        refuse(settings, "expected nothing behind a site's name");
    return line;
}

static enum xc_status check_flag(const char *value, bool *on)
{
    *on = strcmp(value, "yes") == 0;
    return *on || strcmp(value, "no") == 0 ? XC_OK : XC_SYNTAX;
}

static enum xc_status set_one(struct options *options, const struct setting *setting, char *error,
                              size_t error_size)
{
    bool on;

    if (!setting->spec->argument) {
        if (check_flag(setting->value, &on) != XC_OK) {
            snprintf(error, error_size, "expected yes or no, not '%s'", setting->value);
            return XC_USAGE;
        }
        options->given |=
            option_bit(setting->spec->key); // "no" counts too: it overrules the common part
        if (!on)
            return XC_OK;
    }
    return options_set(options, setting->spec, setting->value, error, error_size);
}

// "preset-NAME": what a person can type behind --preset.
static bool is_preset(const char *key)
{
    const char *name = key + strlen(preset_key);

    return strncmp(key, preset_key, strlen(preset_key)) == 0 && *name &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(name);
}

static enum xc_status check_preset(const struct setting *setting, char *error, size_t error_size)
{
    const char *name = setting->key + strlen(preset_key);
    char why[SELECTION_ERROR_MAX];
    struct selection selection;

    if (selection_is_builtin(name)) {
        snprintf(error, error_size, "%s is a preset of the program; take another name", name);
        return XC_USAGE;
    }
    if (selection_parse(setting->value, &selection, why) != XC_OK) {
        snprintf(error, error_size, "%s", why);
        return XC_USAGE;
    }
    selection_free(&selection);
    return XC_OK;
}

// A wrong value is told when all of its lines have been read, in whatever section it is.
static void check_last(struct settings *settings)
{
    struct options scratch = {0};
    char error[OPTIONS_ERROR_MAX], what[OPTIONS_ERROR_MAX + 80];

    if (settings->checked || settings->count == 0)
        return;
    settings->checked = true;
    const struct setting *setting = &settings->list[settings->count - 1];
    enum xc_status status = setting->spec ? set_one(&scratch, setting, error, sizeof error)
                                          : check_preset(setting, error, sizeof error);
    if (status == XC_OK)
        return;
    snprintf(what, sizeof what, "%.60s: %s", setting->key, error);
    refuse_line(settings, setting->line, what);
}

// A value over several lines: those behind the first begin with a blank.
static void extend_last(struct settings *settings, const char *value)
{
    struct setting *last = &settings->list[settings->count - 1];
    size_t size = strlen(last->value) + strlen(value) + 2;
    char *longer = xcalloc(size, 1);

    snprintf(longer, size, "%s%s%s", last->value, last->spec ? " " : "", value);
    free(last->value);
    last->value = longer;
}

static const struct setting *find_setting(const struct settings *settings, const char *site,
                                          const char *key)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->list[i].site, site) == 0 && strcmp(settings->list[i].key, key) == 0)
            return &settings->list[i];
    return NULL;
}

// Alarms may be more than fit into a line: what is given again is added, and is the last one now.
static void join(struct settings *settings, size_t i, const char *value)
{
    struct setting *last = &settings->list[settings->count - 1];
    struct setting joined = settings->list[i];
    size_t size = strlen(joined.value) + strlen(value) + sizeof " | ";
    char *both = xcalloc(size, 1);

    snprintf(both, size, "%s | %s", joined.value, value);
    free(joined.value);
    joined.value = both;
    joined.line = settings->line;
    settings->list[i] = *last;
    *last = joined;
    settings->checked = false;
}

static int take_setting(void *arg, const char *section, const char *key, const char *value)
{
    struct settings *settings = arg;
    struct setting setting = {.spec = find_key(key), .line = settings->line};
    char what[160];

    if (settings->status != XC_OK)
        return 1;
    if (settings->goes_on && settings->count > 0 &&
        find_setting(settings, section, key) == &settings->list[settings->count - 1]) {
        extend_last(settings, value);
        return 1;
    }
    check_last(settings);
    if (!setting.spec && !is_preset(key)) {
        refuse_key(settings, key);
        return 1;
    }
    const struct setting *former = find_setting(settings, section, key);
    if (former && former->spec && former->spec->key == OPTION_ALARM) {
        join(settings, (size_t)(former - settings->list), value);
        return 1;
    }
    if (former) {
        snprintf(what, sizeof what, "%.100s is given twice", key);
        refuse(settings, what);
        return 1;
    }
    setting.site = xstrdup(section);
    setting.key = xstrdup(key);
    setting.value = xstrdup(value);
    settings->list = xrealloc(settings->list, settings->count + 1, sizeof *settings->list);
    settings->list[settings->count++] = setting;
    settings->checked = false;
    return 1;
}

enum xc_status settings_read(const char *path, struct settings **out, char *error,
                             size_t error_size)
{
    struct settings *settings = xcalloc(1, sizeof *settings);
    enum xc_status status;

    settings->path = xstrdup(path);
    settings->error = error;
    settings->error_size = error_size;
    settings->file = fopen(path, "re");
    if (!settings->file) {
        status = errno == ENOENT || errno == ENOTDIR ? XC_NOT_FOUND : XC_IO;
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        goto fail;
    }
    int wrong = ini_parse_stream(read_line, settings, take_setting, settings);
    if (ferror(settings->file)) {
        settings->status = XC_IO;
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
    } else if (wrong > 0 && settings->status == XC_OK) {
        settings->line = (unsigned)wrong;
        refuse(settings, "expected [SITE] or KEY = VALUE");
    }
    check_last(settings);
    fclose(settings->file);
    settings->file = NULL;
    status = settings->status;
    if (status != XC_OK)
        goto fail;
    *out = settings;
    return XC_OK;
fail:
    settings_free(settings);
    *out = NULL;
    return status;
}

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->list[i].site);
        free(settings->list[i].key);
        free(settings->list[i].value);
    }
    free(settings->list);
    free(settings->path);
    free(settings);
}

bool settings_at(const struct settings *settings, size_t i, const char **site, const char **key,
                 const char **value)
{
    if (i >= settings->count)
        return false;
    *site = settings->list[i].site;
    *key = settings->list[i].key;
    *value = settings->list[i].value;
    return true;
}

char *settings_file(const char *name, char *out, size_t size)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    // A relative one is to be ignored (XDG Base Directory Specification).
    if (base && base[0] == '/')
        snprintf(out, size, "%s/xcomtop/%s", base, name);
    else
        snprintf(out, size, "%s/.config/xcomtop/%s", home ? home : "", name);
    return out;
}

char *settings_path(char *out, size_t size)
{
    return settings_file("xcomtop.conf", out, size);
}

static const char *first_site(const struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        if (settings->list[i].site[0])
            return settings->list[i].site;
    return NULL;
}

// Those of one site ("" in front of the first section) that nothing has set before.
static enum xc_status apply_site(const struct settings *settings, const char *site,
                                 struct options *options, char *error, size_t error_size)
{
    // One of these two says what is logged.
    const uint64_t either = option_bit(OPTION_SELECT) | option_bit(OPTION_PRESET);
    // The screens can log, too (key L).
    bool log = options->command &&
               (options->command->key == COMMAND_LOG || options->command->key == COMMAND_SCREENS);
    uint64_t given = options->given | (options->given & either ? either : 0);

    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->list[i];
        if (strcmp(setting->site, site) != 0 || !setting->spec ||
            given & option_bit(setting->spec->key) ||
            (!log && strncmp(setting->key, log_key, strlen(log_key)) == 0))
            continue;
        enum xc_status status = set_one(options, setting, error, error_size);
        if (status != XC_OK)
            return status;
    }
    return XC_OK;
}

static enum xc_status no_such_site(const struct settings *settings, const char *site, char *error,
                                   size_t error_size)
{
    const char *before = "";
    size_t used = 0;

    text_append(error, error_size, &used, "%s has no site '%s'", settings->path, site);
    for (size_t i = 0; i < settings->count; i++) {
        const char *other = settings->list[i].site;
        if (!other[0] || strcmp(other, before) == 0)
            continue;
        text_append(error, error_size, &used, "%s %s", before[0] ? "," : "; it has", other);
        before = other;
    }
    return XC_USAGE;
}

static enum xc_status no_such_preset(const struct settings *settings, const char *site,
                                     const char *name, char *error, size_t error_size)
{
    size_t used = 0;

    text_append(error, error_size, &used, "there is no preset '%.40s'; there are overview, all",
                name);
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->list[i];
        if (!setting->spec && (!setting->site[0] || strcmp(setting->site, site) == 0))
            text_append(error, error_size, &used, ", %s", setting->key + strlen(preset_key));
    }
    return XC_USAGE;
}

// A preset of the file is a selection like one that was typed.
static enum xc_status resolve_preset(const struct settings *settings, struct options *options,
                                     char *error, size_t error_size)
{
    const char *site = options->site ? options->site : "";
    char key[80];

    if (!options->preset || options->select || selection_is_builtin(options->preset))
        return XC_OK;
    snprintf(key, sizeof key, "%s%.60s", preset_key, options->preset);
    const struct setting *setting = find_setting(settings, site, key);
    if (!setting)
        setting = find_setting(settings, "", key);
    if (!setting)
        return no_such_preset(settings, site, options->preset, error, error_size);
    options->select = setting->value;
    options->preset = NULL;
    return XC_OK;
}

enum xc_status settings_apply(const struct settings *settings, struct options *options, char *error,
                              size_t error_size)
{
    const char *site = options->site;
    bool found = false;

    if (!site && !options->link && !options->demo)
        site = first_site(settings);
    for (size_t i = 0; site && i < settings->count && !found; i++)
        found = strcmp(settings->list[i].site, site) == 0;
    if (site && (!found || !site[0]))
        return no_such_site(settings, site, error, error_size);
    if (site) {
        // A link from the command line goes with the site's other settings.
        if (options->demo)
            options->given |= option_bit(OPTION_CONNECT);
        enum xc_status status = apply_site(settings, site, options, error, error_size);
        if (status != XC_OK)
            return status;
        options->site = site;
    } else {
        // The common part may name a link for when nothing else does.
        options->given |= options->demo ? option_bit(OPTION_CONNECT) : 0;
    }
    enum xc_status status = apply_site(settings, "", options, error, error_size);
    // Where a site is logged to SQLite, that is where the graphs' older times are.
    if (!options->history && options->sqlite && options->command->key == COMMAND_SCREENS)
        options->history = options->output;
    return status == XC_OK ? resolve_preset(settings, options, error, error_size) : status;
}
