// SPDX-License-Identifier: MIT
// LINK texts: what a person writes to say where the gateway is.
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "link/link.h"
#include "link/net.h"
#include "link/ownaddress.h"

enum { WORD_MAX = 64, BAUD_MIN = 300, BAUD_MAX = 4000000, INTERFACE_MAX = 15 };

struct reading {
    struct link_spec *spec;
    char *error;
    size_t error_size;
};

static const char *const kinds_known = "serial:, tcp:, tcp-listen:, udp:, can:, slcan: or demo:";

static enum xc_status fail(struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum xc_status fail(struct reading *r, const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_escape(r->error, r->error_size, line);
    return XC_SYNTAX;
}

static enum xc_status read_port(struct reading *r, const char *text, long min, uint16_t *port)
{
    long number;

    if (text_parse_int(text, min, 65535, &number) != XC_OK)
        return fail(r, "bad port '%.40s': expected a number from 1 to 65535", text);
    *port = (uint16_t)number;
    return XC_OK;
}

// HOST:PORT, [V6]:PORT or, where the host may be left out, PORT alone.
static enum xc_status read_host_port(struct reading *r, const char *kind, const char *text,
                                     bool host_optional)
{
    struct link_spec *spec = r->spec;
    const char *host = text, *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;

    if (text[0] == '[') {
        const char *end = strchr(text, ']');
        if (!end || (end[1] != ':' && !(end[1] == '\0' && !host_optional)))
            return fail(r, "bad address '%.80s': expected [IPv6 address]:port", text);
        if (end[1] == '\0')
            return fail(r, "'%.80s' has no port: expected %s:HOST:PORT, like %s:192.168.1.20:4001",
                        text, kind, kind);
        host = text + 1;
        length = (size_t)(end - host);
        colon = end + 1;
    } else if (memchr(text, ':', length)) {
        return fail(r, "bad address '%.80s': an IPv6 address goes in brackets, like [fe80::1]:4001",
                    text);
    }
    if (!colon && !host_optional)
        return fail(r, "'%.80s' has no port: expected %s:HOST:PORT, like %s:192.168.1.20:4001",
                    text, kind, kind);
    if (length >= sizeof spec->host)
        return fail(r, "the host name is too long: at most %d characters", LINK_HOST_MAX - 1);
    memcpy(spec->host, host, length);
    spec->host[length] = '\0';
    if (length == 0 && !host_optional)
        return fail(r, "a host is missing: expected %s:HOST:PORT, like %s:192.168.1.20:4001", kind,
                    kind);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)spec->host[i] <= ' ' || strchr("/?&=", spec->host[i]))
            return fail(r, "bad host '%.80s': expected a name or an address", spec->host);
    return read_port(r, colon ? colon + 1 : text, host_optional ? 0 : 1, &spec->port);
}

static enum xc_status read_baud(struct reading *r, const char *value)
{
    long number;

    if (text_parse_int(value, BAUD_MIN, BAUD_MAX, &number) != XC_OK)
        return fail(r, "bad baud rate '%.40s': expected a number like 38400 or 115200", value);
    r->spec->baud = (unsigned)number;
    return XC_OK;
}

static enum xc_status read_parity(struct reading *r, const char *value)
{
    static const char *const names[] = {
        [PARITY_NONE] = "none", [PARITY_EVEN] = "even", [PARITY_ODD] = "odd"};

    for (unsigned i = PARITY_NONE; i <= PARITY_ODD; i++) {
        if (strcmp(value, names[i]) == 0) {
            r->spec->parity = (enum link_parity)i;
            return XC_OK;
        }
    }
    return fail(r, "bad parity '%.40s': expected even, none or odd", value);
}

// Those of the Xcom-CAN's switches (can.md "Rules"), also as people write them.
static enum xc_status read_bitrate(struct reading *r, const char *value)
{
    static const struct {
        unsigned bitrate;
        const char *number, *word;
    } rates[] = {{10000, "10000", "10k"},    {20000, "20000", "20k"},    {50000, "50000", "50k"},
                 {100000, "100000", "100k"}, {125000, "125000", "125k"}, {250000, "250000", "250k"},
                 {500000, "500000", "500k"}, {1000000, "1000000", "1M"}};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        if (strcmp(value, rates[i].number) == 0 || strcmp(value, rates[i].word) == 0) {
            r->spec->bitrate = rates[i].bitrate;
            return XC_OK;
        }
    }
    return fail(r,
                "bad bit rate '%.40s': expected one of the Xcom-CAN's: 10000, 20000, 50000, "
                "100000, 125000, 250000, 500000 or 1000000",
                value);
}

static enum xc_status read_setting(struct reading *r, const char *key, const char *value)
{
    switch (r->spec->kind) {
    case LINK_SERIAL:
        if (strcmp(key, "baud") == 0)
            return read_baud(r, value);
        if (strcmp(key, "parity") == 0)
            return read_parity(r, value);
        return fail(r, "unknown setting '%s' of a serial link: expected baud=38400 or parity=even",
                    key);
    case LINK_UDP:
        if (strcmp(key, "local") == 0)
            return read_port(r, value, 1, &r->spec->local_port);
        return fail(r, "unknown setting '%s' of a UDP link: expected local=PORT", key);
    case LINK_CAN:
        if (strcmp(key, "bitrate") == 0)
            return read_bitrate(r, value);
        return fail(r, "unknown setting '%s' of a CAN link: expected bitrate=250000", key);
    case LINK_SLCAN:
        if (strcmp(key, "bitrate") == 0)
            return read_bitrate(r, value);
        if (strcmp(key, "baud") == 0)
            return read_baud(r, value);
        return fail(r,
                    "unknown setting '%s' of a serial-line CAN adapter: expected bitrate=250000 or "
                    "baud=115200",
                    key);
    default:
        return fail(r, "unknown setting '%s': a TCP link has none", key);
    }
}

// key=value&key=value
static enum xc_status read_settings(struct reading *r, const char *query)
{
    char seen[4][WORD_MAX];
    size_t seen_count = 0;

    while (*query) {
        char key[WORD_MAX], value[WORD_MAX];
        size_t length = strcspn(query, "&");
        size_t key_length = strcspn(query, "=&");
        size_t value_length = key_length < length ? length - key_length - 1 : 0;
        if (key_length == length || key_length >= sizeof key || value_length >= sizeof value)
            return fail(r, "bad setting '%.*s': expected NAME=VALUE",
                        (int)(length < 80 ? length : 80), query);
        memcpy(key, query, key_length);
        key[key_length] = '\0';
        memcpy(value, query + key_length + 1, value_length);
        value[value_length] = '\0';
        for (size_t i = 0; i < seen_count; i++)
            if (strcmp(seen[i], key) == 0)
                return fail(r, "%s is given twice", key);
        if (seen_count < sizeof seen / sizeof *seen)
            memcpy(seen[seen_count++], key, sizeof key);
        enum xc_status status = read_setting(r, key, value);
        if (status != XC_OK)
            return status;
        query += length;
        if (*query == '&')
            query++;
    }
    return XC_OK;
}

static enum xc_status read_device(struct reading *r, const char *path)
{
    size_t length = strlen(path);

    if (length >= sizeof r->spec->path)
        return fail(r, "the device path is too long: at most %d characters", LINK_HOST_MAX - 1);
    if (!strchr(path, '/') || path[length - 1] == '/')
        return fail(r, "'%.80s' isn't a device path: expected one like /dev/ttyUSB0", path);
    memcpy(r->spec->path, path, length + 1);
    return XC_OK;
}

// What Linux takes for the name of an interface.
static enum xc_status read_interface(struct reading *r, const char *name)
{
    size_t length = strlen(name);
    bool good =
        length > 0 && length <= INTERFACE_MAX && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;

    for (size_t i = 0; i < length; i++)
        good = good && (unsigned char)name[i] > ' ' && !strchr("/:", name[i]);
    if (!good)
        return fail(r,
                    "'%.80s' isn't a CAN interface: expected one like can0, of at most %d "
                    "characters; ip link lists them",
                    name, INTERFACE_MAX);
    memcpy(r->spec->path, name, length + 1);
    return XC_OK;
}

static enum xc_status read_listen(struct reading *r, const char *text)
{
    uint8_t address[sizeof(struct in6_addr)];
    enum xc_status status = read_host_port(r, "tcp-listen", text, true);

    if (status != XC_OK)
        return status;
    const char *host = r->spec->host;
    if (host[0] && inet_pton(AF_INET, host, address) != 1 &&
        inet_pton(AF_INET6, host, address) != 1)
        return fail(r,
                    "bad address '%.80s' to listen on: expected one of this computer's own IP "
                    "addresses, or only the port",
                    host);
    return XC_OK;
}

static enum xc_status read_rest(struct reading *r, const char *kind, const char *rest)
{
    switch (r->spec->kind) {
    case LINK_SERIAL:
    case LINK_SLCAN:
        return read_device(r, rest);
    case LINK_CAN:
        return read_interface(r, rest);
    case LINK_TCP_LISTEN:
        return read_listen(r, rest);
    default:
        return read_host_port(r, kind, rest, false);
    }
}

// can0, vcan1, slcan0: what Linux calls its CAN interfaces.
static bool is_can_name(const char *text)
{
    static const char *const prefixes[] = {"can", "vcan", "vxcan", "slcan"};

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(text, prefixes[i], length) == 0 && text[length] &&
            strspn(text + length, "0123456789") == strlen(text + length))
            return true;
    }
    return false;
}

// Which kind a text is of; *rest is what follows the kind's name.
static enum xc_status read_kind(struct reading *r, const char *text, const char **name,
                                const char **rest)
{
    static const struct {
        const char *name;
        enum link_kind kind;
    } kinds[] = {{"serial", LINK_SERIAL}, {"tcp", LINK_TCP}, {"tcp-listen", LINK_TCP_LISTEN},
                 {"udp", LINK_UDP},       {"can", LINK_CAN}, {"slcan", LINK_SLCAN}};
    size_t length = strcspn(text, ":");

    *name = "tcp";
    *rest = text;
    r->spec->kind = LINK_TCP;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (text[length] && strlen(kinds[i].name) == length &&
            memcmp(kinds[i].name, text, length) == 0) {
            r->spec->kind = kinds[i].kind;
            *name = kinds[i].name;
            *rest = text + length + 1;
            return XC_OK;
        }
    }
    if (text[0] == '\0')
        return fail(r, "a link is missing: expected %s", kinds_known);
    if (text[0] == '/') {
        r->spec->kind = LINK_SERIAL;
        return XC_OK;
    }
    if (text[0] == ':') {
        r->spec->kind = LINK_TCP_LISTEN;
        *name = "tcp-listen";
        *rest = text + 1;
        return XC_OK;
    }
    if (is_can_name(text)) {
        r->spec->kind = LINK_CAN;
        return XC_OK;
    }
    // host:port, as long as a port follows.
    if (text[0] == '[' ||
        (text[length] == ':' && text[length + 1] >= '0' && text[length + 1] <= '9'))
        return XC_OK;
    if (strncmp(text, "tty", 3) == 0 && !text[length])
        return fail(r, "unknown link '%.80s': did you mean /dev/%.80s?", text, text);
    if (!text[length] && (strchr(text, '.') || strcmp(text, "localhost") == 0))
        return fail(r, "'%.80s' has no port: expected HOST:PORT, like %.80s:4001", text, text);
    return fail(r, "unknown kind of link '%.*s': expected %s", (int)(length < 80 ? length : 80),
                text, kinds_known);
}

enum xc_status link_spec_parse(const char *text, struct link_spec *spec, char *error,
                               size_t error_size)
{
    struct reading r = {spec, error, error_size};
    char copy[LINK_HOST_MAX + 128];
    const char *name, *rest;

    *spec = (struct link_spec){0};
    if (strlen(text) >= sizeof copy)
        return fail(&r, "the link '%.20s…' is too long", text);
    snprintf(copy, sizeof copy, "%s", text);
    char *query = strchr(copy, '?');
    if (query)
        *query++ = '\0';
    enum xc_status status = read_kind(&r, copy, &name, &rest);
    if (status == XC_OK)
        status = read_rest(&r, name, rest);
    if (status == XC_OK && query)
        status = read_settings(&r, query);
    return status;
}

enum xc_status link_spec_allow(struct link_spec *spec, const char *text, char *error,
                               size_t error_size)
{
    struct reading r = {spec, error, error_size};
    uint8_t address[sizeof(struct in6_addr)];

    for (;;) {
        size_t length = strcspn(text, ",");
        char one[sizeof spec->allow[0]];
        snprintf(one, sizeof one, "%.*s", (int)(length < sizeof one ? length : sizeof one), text);
        if (inet_pton(AF_INET, one, address) != 1 && inet_pton(AF_INET6, one, address) != 1)
            return fail(&r, "bad address '%s' to allow: expected an IP address like 192.168.1.20",
                        one);
        if (spec->allow_count == LINK_ALLOW_MAX) {
            fail(&r, "too many addresses to allow: at most %d", LINK_ALLOW_MAX);
            return XC_RANGE;
        }
        snprintf(spec->allow[spec->allow_count++], sizeof one, "%s", one);
        if (!text[length])
            return XC_OK;
        text += length + 1;
    }
}

bool link_spec_is_open(const struct link_spec *spec)
{
    return spec->kind == LINK_TCP_LISTEN && spec->allow_count == 0 && !own_alone(spec);
}

char *link_spec_name(const struct link_spec *spec, char *out, size_t size)
{
    char name[LINK_TEXT_MAX], port[8];
    const char *slash = strrchr(spec->path, '/');
    bool v6 = strchr(spec->host, ':');
    size_t used = 0;

    name[0] = '\0';
    snprintf(port, sizeof port, "%u", (unsigned)spec->port);
    switch (spec->kind) {
    case LINK_SERIAL:
    case LINK_SLCAN:
    case LINK_PTY:
        text_append(name, sizeof name, &used, "%s", slash ? slash + 1 : spec->path);
        break;
    case LINK_CAN:
        text_append(name, sizeof name, &used, "%s", spec->path);
        break;
    case LINK_TCP:
    case LINK_UDP:
    case LINK_TCP_LISTEN:
        if (spec->kind == LINK_TCP_LISTEN)
            text_append(name, sizeof name, &used, "listening on ");
        if (spec->kind == LINK_UDP)
            text_append(name, sizeof name, &used, "udp ");
        if (spec->host[0])
            text_append(name, sizeof name, &used, v6 ? "[%s]:" : "%s:", spec->host);
        text_append(name, sizeof name, &used, "%s", port);
        break;
    case LINK_MEMORY:
    case LINK_LOCAL:
        text_append(name, sizeof name, &used, "in memory");
        break;
    }
    return text_escape(out, size, name);
}
