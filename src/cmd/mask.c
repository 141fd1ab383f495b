// SPDX-License-Identifier: MIT
#include "cmd/mask.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { LINE_MAX_BYTES = 1024, GUID_DIGITS = 32, GUID_SHOWN = 4 };

static bool is_address(const char *word)
{
    struct in6_addr address;

    return inet_pton(AF_INET, word, &address) == 1 ||
           (strchr(word, ':') != strrchr(word, ':') && inet_pton(AF_INET6, word, &address) == 1);
}

static bool is_guid(const char *word)
{
    return strlen(word) == GUID_DIGITS && strspn(word, "0123456789ABCDEFabcdef") == GUID_DIGITS;
}

// A run of what addresses and GUIDs consist of.
static void put_word(char *out, size_t size, size_t *used, const char *word)
{
    char host[64];
    const char *colon = strrchr(word, ':');

    if (is_guid(word)) {
        text_append(out, size, used, "%.*s…", GUID_SHOWN, word);
        return;
    }
    if (is_address(word)) {
        text_append(out, size, used, "ADDRESS");
        return;
    }
    // A port may follow an address, or a full stop.
    snprintf(host, sizeof host, "%.*s", (int)strcspn(word, ":"), word);
    size_t length = strlen(host);
    bool stop = length > 0 && host[length - 1] == '.';
    if (stop)
        host[length - 1] = '\0';
    if (is_address(host))
        text_append(out, size, used, "ADDRESS%s%s", stop ? "." : "", colon ? colon : "");
    else
        text_append(out, size, used, "%s", word);
}

char *mask_line(char *out, size_t size, const char *text, const char *home)
{
    static const char of_addresses[] = "0123456789ABCDEFabcdef.:";
    char line[LINE_MAX_BYTES], word[64];
    size_t used = 0, home_length = home ? strlen(home) : 0;
    const char *rest = text_escape(line, sizeof line, text);

    out[0] = '\0';
    while (*rest) {
        size_t length = strspn(rest, of_addresses);
        char before = rest == line ? ' ' : rest[-1];
        if (home_length > 1 && strncmp(rest, home, home_length) == 0 &&
            (rest[home_length] == '/' || !isalnum((unsigned char)rest[home_length]))) {
            text_append(out, size, &used, "~");
            rest += home_length;
        } else if (*rest == ':' && rest[1] != ':' && rest[-(rest > line)] != ':') {
            // "tcp:192.168.1.20": what is behind it is a word of its own.
            text_append(out, size, &used, ":");
            rest++;
        } else if (length > 0 && length < sizeof word && !isalnum((unsigned char)before)) {
            snprintf(word, sizeof word, "%.*s", (int)length, rest);
            put_word(out, size, &used, word);
            rest += length;
        } else {
            uint32_t character;
            size_t head =
                strcspn(rest, ":"); // of "guid:3AD0": what comes behind it is another word
            size_t bytes = length == 0                 ? text_next(rest, &character)
                           : head > 0 && head < length ? head
                                                       : length;
            text_append(out, size, &used, "%.*s", (int)bytes, rest);
            rest += bytes;
        }
    }
    return out;
}
