// SPDX-License-Identifier: MIT
#include "cmd/themes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/options.h"
#include "cmd/settings.h"

enum { PATH_MAX_LENGTH = 600, FILES_MAX = 64 };

static const char suffix[] = ".theme";

// --- A file --------------------------------------------------------------------------------------

struct reader {
    const char *path;
    FILE *file;
    unsigned line, taken;
    struct theme *theme;
    char *error;
    size_t error_size;
    enum xc_status status;
};

static void refuse(struct reader *reader, unsigned line, const char *key, const char *what)
{
    if (reader->status != XC_OK)
        return;
    reader->status = XC_SYNTAX;
    snprintf(reader->error, reader->error_size, "%s:%u: %s%s%s", reader->path, line, key,
             *key ? ": " : "", what);
}

// inih's handler has no line numbers in Debian's build: they are counted here.
static char *read_line(char *line, int size, void *arg)
{
    struct reader *reader = arg;

    if (!fgets(line, size, reader->file))
        return NULL;
    reader->line++;
    size_t length = strlen(line);
    if (length + 1 == (size_t)size && line[length - 1] != '\n')
        refuse(reader, reader->line, "", "the line is too long");
    return line;
}

static int take_line(void *arg, const char *section, const char *key, const char *value)
{
    struct reader *reader = arg;
    char what[THEME_ERROR_MAX];

    if (*section)
        refuse(reader, reader->line, "", "expected ROLE = COLOUR without any [section]");
    else if (strcmp(key, "like") == 0 && reader->taken > 0)
        refuse(reader, reader->line, key, "expected in front of everything else");
    else if (theme_set(reader->theme, key, value, what) != XC_OK)
        refuse(reader, reader->line, key, what);
    reader->taken++;
    return 1;
}

// Whatever has such a name: it isn't waited for.
static FILE *open_regular(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat about;

    if (descriptor < 0)
        return NULL;
    if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode))
        return fdopen(descriptor, "r");
    close(descriptor);
    errno = EINVAL;
    return NULL;
}

enum xc_status theme_read(const char *path, struct theme *theme, char *error, size_t error_size)
{
    struct reader reader = {.path = path,
                            .file = open_regular(path),
                            .theme = theme,
                            .error = error,
                            .error_size = error_size,
                            .status = XC_OK};
    char what[THEME_ERROR_MAX];

    *theme = theme_builtin[THEME_DEFAULT];
    if (!reader.file) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return errno == ENOENT || errno == ENOTDIR ? XC_NOT_FOUND : XC_IO;
    }
    int wrong = ini_parse_stream(read_line, &reader, take_line, &reader);
    if (ferror(reader.file)) {
        reader.status = XC_IO;
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
    } else if (wrong > 0) {
        refuse(&reader, (unsigned)wrong, "", "expected ROLE = COLOUR");
    } else if (theme_check(theme, what) != XC_OK) {
        refuse(&reader, reader.line, "", what);
    }
    fclose(reader.file);
    return reader.status;
}

// --- All of them ---------------------------------------------------------------------------------

static char *path_of(const char *name, char out[PATH_MAX_LENGTH])
{
    char file[THEME_NAME_MAX + sizeof "themes/" + sizeof suffix];

    snprintf(file, sizeof file, "themes/%s%s", name, suffix);
    return settings_file(file, out, PATH_MAX_LENGTH);
}

// "NAME.theme" that isn't hidden by a built-in one.
static int is_theme(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), behind = strlen(suffix);
    char name[THEME_NAME_MAX];

    if (length <= behind || length - behind >= sizeof name ||
        strcmp(entry->d_name + length - behind, suffix) != 0)
        return 0;
    snprintf(name, sizeof name, "%.*s", (int)(length - behind), entry->d_name);
    return theme_name_is_good(name) && !theme_find(theme_builtin, THEME_COUNT, name);
}

static void read_directory(struct themes *themes)
{
    char path[PATH_MAX_LENGTH], error[THEMES_ERROR_MAX];
    struct dirent **entries;
    int count = scandir(settings_file("themes", path, sizeof path), &entries, is_theme, alphasort);

    for (int i = 0; i < count; i++) {
        struct theme *theme = &themes->list[themes->count];
        char name[THEME_NAME_MAX];
        snprintf(name, sizeof name, "%.*s", (int)(strlen(entries[i]->d_name) - strlen(suffix)),
                 entries[i]->d_name);
        free(entries[i]);
        if (themes->count == THEME_COUNT + FILES_MAX ||
            theme_read(path_of(name, path), theme, error, sizeof error) != XC_OK)
            continue;
        memcpy(theme->name, name, sizeof name);
        themes->count++;
    }
    if (count >= 0)
        free(entries);
}

// The one that was asked for isn't among them: because it isn't there, or something in it is wrong.
static enum xc_status tell_missing(const struct themes *themes, const char *name, char *error,
                                   size_t error_size)
{
    const char *names[THEME_COUNT + FILES_MAX + 1] = {0};
    char path[PATH_MAX_LENGTH];
    struct theme theme;
    enum xc_status status = theme_read(path_of(name, path), &theme, error, error_size);

    if (status != XC_NOT_FOUND)
        return status;
    for (size_t i = 0; i < themes->count; i++)
        names[i] = themes->list[i].name;
    const char *nearest = nearest_name(name, names);
    snprintf(error, error_size,
             "theme %s: not default, light, contrast or mono, and there is no %s", name, path);
    size_t used = strlen(error);
    if (nearest)
        text_append(error, error_size, &used, "; did you mean %s?", nearest);
    return status;
}

enum xc_status themes_read(const char *name, struct themes *themes, char *error, size_t error_size)
{
    themes->list = xcalloc(THEME_COUNT + FILES_MAX + 1, sizeof *themes->list);
    memcpy(themes->list, theme_builtin, sizeof theme_builtin);
    themes->count = THEME_COUNT;
    themes->wanted = THEME_DEFAULT;
    read_directory(themes);
    const struct theme *wanted =
        name ? theme_find(themes->list, themes->count, name) : &themes->list[THEME_DEFAULT];
    if (wanted) {
        themes->wanted = (size_t)(wanted - themes->list);
        return XC_OK;
    }
    enum xc_status status = tell_missing(themes, name, error, error_size);
    // More files than T goes through, or one that has become right just now.
    if (status == XC_OK) {
        snprintf(error, error_size, "theme %s: there are too many files with themes", name);
        status = XC_RANGE;
    }
    themes_free(themes);
    return status;
}

void themes_free(struct themes *themes)
{
    free(themes->list);
    *themes = (struct themes){0};
}
