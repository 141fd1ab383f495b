// SPDX-License-Identifier: MIT
#include "cmd/mask.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "catalogue/address.h"

enum { LINE_MAX_BYTES = 2100, GUID_DIGITS = 32, GUID_SHOWN = 4, WORD_MAX = 256 };

static const char digits[] = "0123456789";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char of_names[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// A line on its way. Each put_… looks at what is next in it: when that is its kind of thing, it
// appends what stands for it and tells how many bytes that was; else 0.
struct masking {
    const struct mask *mask;
    const char *line;
    char *out;
    size_t size, used;
};

static bool is_word(char character)
{
    return isalnum((unsigned char)character);
}

static size_t put(struct masking *m, const char *text, size_t taken)
{
    text_append(m->out, m->size, &m->used, "%s", text);
    return taken;
}

// --- Of files and the configuration --------------------------------------------------------------

static size_t put_home(struct masking *m, const char *rest)
{
    static const char others[] = "/home/";
    const char *home = m->mask->home;
    size_t length = home ? strlen(home) : 0;

    if (length > 1 && strncmp(rest, home, length) == 0 && !is_word(rest[length]))
        return put(m, "~", length);
    length = strlen(others);
    if (strncmp(rest, others, length) != 0)
        return 0;
    return put(m, "/home/…", length + strcspn(rest + length, "/ :,;'\""));
}

static size_t put_name(struct masking *m, const char *rest)
{
    for (const char *const *name = m->mask->names; name && *name; name++) {
        size_t length = strlen(*name);
        if (length > 0 && strncasecmp(rest, *name, length) == 0 && !is_word(rest[length]))
            return put(m, "…", length);
    }
    return 0;
}

// What a message quotes is what somebody has typed or another computer has sent.
static size_t put_quoted(struct masking *m, const char *rest)
{
    const char *end = *rest == '\'' && m->mask->message ? rest : NULL;

    do
        end = end ? strchr(end + 1, '\'') : NULL;
    while (end && is_word(end[1])); // "doesn't"
    return end ? put(m, "'…'", (size_t)(end + 1 - rest)) : 0;
}

// What stands behind these was given by the person.
static size_t put_given(struct masking *m, const char *rest)
{
    static const char *const before[] = {"--connect ", "--site ", "--allow ", "--preset ",
                                         "preset-"};

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        size_t length = strlen(before[i]);
        // Only of that is there more behind it.
        size_t given = strncmp(rest, before[i], length) == 0 ? strcspn(rest + length, " ,;") : 0;
        if (given == 0)
            continue;
        bool colon = rest[length + given - 1] == ':';
        put(m, before[i], 0);
        return put(m, colon ? "…:" : "…", length + given);
    }
    return 0;
}

static size_t put_measure(struct masking *m, const char *rest)
{
    static const char *const units[] = {"V",  "Vdc", "Vac", "A",  "Adc", "Aac", "W",
                                        "kW", "VA",  "kVA", "Wh", "kWh", "MWh", "Ah",
                                        "Hz", "%",   "°C",  "°F", NULL};
    size_t sign = *rest == '-' || *rest == '+';
    size_t number = m->mask->message ? strspn(rest + sign, "0123456789.") : 0;

    if (number == 0 || rest[sign + number] != ' ')
        return 0;
    for (const char *const *unit = units; *unit; unit++) {
        size_t length = strlen(*unit);
        const char *behind = rest + sign + number + 1;
        if (strncmp(behind, *unit, length) == 0 && !is_word(behind[length]))
            return put(m, "…", sign + number);
    }
    return 0;
}

// --- Of computers --------------------------------------------------------------------------------

static bool is_address(const char *word, size_t length)
{
    char text[WORD_MAX];
    struct in6_addr address;

    if (length >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)length, word);
    return inet_pton(AF_INET, text, &address) == 1 ||
           (strchr(text, ':') != strrchr(text, ':') && inet_pton(AF_INET6, text, &address) == 1);
}

static size_t put_address(struct masking *m, const char *rest)
{
    size_t all = strspn(rest, "0123456789ABCDEFabcdef.:"), first = strcspn(rest, ":");

    // A full stop may follow, or a port.
    if (is_address(rest, all))
        return put(m, "ADDRESS", all);
    if (all > 1 && strchr(".:", rest[all - 1]) && is_address(rest, all - 1))
        return put(m, "ADDRESS", all - 1);
    return first < all && is_address(rest, first) ? put(m, "ADDRESS", first) : 0;
}

static size_t put_mac(struct masking *m, const char *rest)
{
    enum { PAIRS = 6, BYTES = 3 * PAIRS - 1 };

    for (size_t i = 0; i < BYTES; i++)
        if (i % 3 == 2 ? rest[i] != rest[2] || (rest[i] != ':' && rest[i] != '-')
                       : !isxdigit((unsigned char)rest[i]))
            return 0;
    return is_word(rest[BYTES]) || (rest[BYTES] == rest[2] && is_word(rest[BYTES + 1]))
               ? 0
               : put(m, "MAC", BYTES);
}

static size_t put_guid(struct masking *m, const char *rest)
{
    size_t count = 0, length = 0;

    // With or without dashes.
    while (isxdigit((unsigned char)rest[length]) ||
           (rest[length] == '-' && isxdigit((unsigned char)rest[length + 1])))
        count += rest[length++] != '-';
    if (count != GUID_DIGITS || is_word(rest[length]))
        return 0;
    text_append(m->out, m->size, &m->used, "%.*s…", GUID_SHOWN, rest);
    return length;
}

static size_t put_mail(struct masking *m, const char *rest)
{
    size_t user =
        strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+");
    size_t host = 0;

    if (user > 0 && rest[user] == '@')
        host = strcspn(rest + user + 1, " ,;:>)'\"");
    return host > 0 ? put(m, "MAIL", user + 1 + host) : 0;
}

// "XT1:3000" is no host with a port, "XT.sum" no host with a domain.
static bool is_device(const char *word, size_t length)
{
    struct target target;
    char text[WORD_MAX];

    snprintf(text, sizeof text, "%.*s", (int)length, word);
    return target_parse(text, &target) == XC_OK;
}

static bool is_file(const char *ending, size_t length)
{
    static const char *const endings[] = {"csv", "jsonl", "sqlite", "conf", "txt",    "part",
                                          "gz",  "log",   "theme",  "sh",   "service"};

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strlen(endings[i]) == length && strncasecmp(ending, endings[i], length) == 0)
            return true;
    return false;
}

// How long a name with a domain, or one in front of a port, is. before: what stands in front of it.
static size_t host_length(const char *rest, char before)
{
    size_t length = strspn(rest, of_names), last = 0, labels = 1;

    while (length > 0 && rest[length] == '.' && strspn(rest + length + 1, of_names) > 0) {
        last = length + 1;
        length = last + strspn(rest + last, of_names);
        labels++;
    }
    if (length == 0 || strchr(".-_", before) || strcspn(rest, letters) >= length ||
        is_device(rest, length))
        return 0;
    // Times begin with a digit.
    if (isalpha((unsigned char)rest[0]) && before != ':' && rest[length] == ':' &&
        isdigit((unsigned char)rest[length + 1]) &&
        !is_word(rest[length + 1 + strspn(rest + length + 1, digits)]) &&
        !(labels == 2 && is_file(rest + last, length - last)))
        return length;
    // Versions and dates end in digits, abbreviations in one letter.
    return labels > 1 && length - last > 1 && strspn(rest + last, letters) == length - last &&
                   !(labels == 2 && is_file(rest + last, length - last))
               ? length
               : 0;
}

static size_t put_host(struct masking *m, const char *rest)
{
    // Elsewhere "ja_JP.eucJP" would be one.
    size_t length = m->mask->message ? host_length(rest, rest > m->line ? rest[-1] : ' ') : 0;

    return length > 0 ? put(m, "HOST", length) : 0;
}

// tcp:HOST:PORT, of which the host needn't look like one.
static size_t put_link(struct masking *m, const char *rest)
{
    static const char *const kinds[] = {"tcp:", "udp:", "tcp-listen:"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i]);
        if (strncmp(rest, kinds[i], length) != 0)
            continue;
        put(m, kinds[i], 0);
        rest += length;
        size_t host = strspn(rest, of_names);
        if (rest[0] == '[' || rest[0] == ':')
            return length; // an address, or only a port
        size_t address = put_address(m, rest);
        if (address > 0)
            return length + address;
        size_t with_domain = host_length(rest, ' ');
        if (with_domain > host)
            host = with_domain;
        // "tcp:4001" is a port.
        return host > strspn(rest, digits) ? put(m, "HOST", length + host) : length;
    }
    return 0;
}

// --- A line --------------------------------------------------------------------------------------

char *mask_line(char *out, size_t size, const char *text, const struct mask *mask)
{
    // Those that would take a part of what is another's come later.
    static size_t (*const kinds[])(struct masking *, const char *) = {
        put_home, put_quoted, put_given,   put_link,    put_mail, put_name,
        put_guid, put_mac,    put_address, put_measure, put_host};
    char line[LINE_MAX_BYTES];
    struct masking m = {
        .mask = mask, .line = text_escape(line, sizeof line, text), .out = out, .size = size};
    const char *rest = m.line;

    out[0] = '\0';
    while (*rest) {
        size_t length = 0;
        bool inside = rest > m.line && is_word(rest[-1]) && *rest != '/';
        for (size_t i = 0; !inside && length == 0 && i < sizeof kinds / sizeof *kinds; i++)
            length = kinds[i](&m, rest);
        if (length == 0) {
            uint32_t character;
            // Of "1.2.3.4.5" no part is an address.
            length = strspn(rest, "0123456789.");
            if (length == 0)
                length = strspn(rest, letters);
            if (length == 0)
                length = text_next(rest, &character);
            text_append(out, size, &m.used, "%.*s", (int)length, rest);
        }
        rest += length;
    }
    return out;
}

const char *mask_own_message(const char *line, char *time, size_t size)
{
    static const char own[] = "xcomtop: ", process[] = " xcomtop[";
    static const char of_times[] = "0123456789:.+-TZ";

    time[0] = '\0';
    if (strncmp(line, own, strlen(own)) == 0)
        return line;
    // "Nov 21 14:03:22 HOST xcomtop[1234]: xcomtop: …", or with the time in one word.
    const char *behind = strstr(line, process);
    if (!behind)
        return NULL;
    const char *message = behind + strlen(process);
    message += strspn(message, digits);
    if (strncmp(message, "]: ", 3) != 0 || strncmp(message + 3, own, strlen(own)) != 0)
        return NULL;
    size_t length = strspn(line, of_times);
    if (length == 0 && strspn(line, letters) == 3 && line[3] == ' ') {
        length = 4 + strspn(line + 4, " ");
        length += strspn(line + length, digits);
        length += line[length] == ' ';
        length += strspn(line + length, of_times);
    }
    if (line[length] == ' ' && line + length < behind)
        snprintf(time, size, "%.*s ", (int)length, line);
    return message + 3;
}
