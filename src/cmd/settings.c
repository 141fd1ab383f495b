// SPDX-License-Identifier: MIT
#include "cmd/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ini.h"
#include "base/text.h"

struct setting {
    char *site; // "" in front of the first section
    char *value;
    const struct option_spec *spec;
    unsigned line;
};

struct settings {
    char *path;
    struct setting *list;
    size_t count;
    // While reading.
    FILE *file;
    unsigned line;
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

static void refuse(struct settings *settings, const char *what)
{
    if (settings->status != XC_OK)
        return;
    settings->status = XC_SYNTAX;
    snprintf(settings->error, settings->error_size, "%s:%u: %s", settings->path, settings->line,
             what);
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

static int take_setting(void *arg, const char *section, const char *key, const char *value)
{
    struct settings *settings = arg;
    struct options scratch = {0};
    struct setting setting = {.spec = find_key(key), .line = settings->line};
    char error[OPTIONS_ERROR_MAX], what[OPTIONS_ERROR_MAX + 40];

    if (settings->status != XC_OK)
        return 1;
    if (!setting.spec) {
        refuse_key(settings, key);
        return 1;
    }
    for (size_t i = 0; i < settings->count; i++)
        if (settings->list[i].spec == setting.spec &&
            strcmp(settings->list[i].site, section) == 0) {
            snprintf(what, sizeof what, "%s is given twice", key);
            refuse(settings, what);
            return 1;
        }
    setting.site = xstrdup(section);
    setting.value = xstrdup(value);
    settings->list = xrealloc(settings->list, settings->count + 1, sizeof *settings->list);
    settings->list[settings->count++] = setting;
    // A wrong value is told now, in whatever section it is.
    if (set_one(&scratch, &settings->list[settings->count - 1], error, sizeof error) != XC_OK) {
        snprintf(what, sizeof what, "%s: %s", key, error);
        refuse(settings, what);
    }
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
        free(settings->list[i].value);
    }
    free(settings->list);
    free(settings->path);
    free(settings);
}

char *settings_path(char *out, size_t size)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    // A relative one is to be ignored (XDG Base Directory Specification).
    if (base && base[0] == '/')
        snprintf(out, size, "%s/xcomtop/xcomtop.conf", base);
    else
        snprintf(out, size, "%s/.config/xcomtop/xcomtop.conf", home ? home : "");
    return out;
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
    uint64_t given = options->given;

    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->list[i];
        if (strcmp(setting->site, site) != 0 || given & option_bit(setting->spec->key))
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
    return apply_site(settings, "", options, error, error_size);
}
