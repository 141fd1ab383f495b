// SPDX-License-Identifier: MIT
// A backup file: what is read is written, and that is read as the same.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "store/backup.h"

const char fuzz_name[] = "backup";

static char *written(const struct backup *backup, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    must(out && backup_write(backup, out, backup->complete) == XC_OK);
    must(fclose(out) == 0);
    return text;
}

// Of a device of which nothing is known only the section's name is written, which reads as nothing.
static void check_same(const struct backup *a, const struct backup *b)
{
    must(strcmp(a->guid, b->guid) == 0);
    must(backup_count(a, BACKUP_VALUE) == backup_count(b, BACKUP_VALUE));
    for (size_t d = 0; d < b->device_count; d++) {
        const struct backup_device *other = b->devices[d];
        const struct backup_device *one = backup_device(a, other->family, other->index);
        must(one && one->fid == other->fid && one->value_count == other->value_count);
        for (size_t i = 0; i < one->value_count; i++) {
            must(one->values[i].state == other->values[i].state);
            must(one->values[i].state != BACKUP_VALUE ||
                 (float)one->values[i].number == (float)other->values[i].number);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char error[BACKUP_ERROR_MAX] = "";
    struct backup *backup, *again;
    size_t size;

    if (backup_read(fuzz_file(bytes, length), &backup, error, sizeof error) != XC_OK) {
        must(error[0] && memchr(error, '\0', sizeof error));
        return 0;
    }
    must(backup->complete);
    char *text = written(backup, &size);
    fuzz_check_text(text, true);
    must(backup_read(fuzz_file((const uint8_t *)text, size), &again, error, sizeof error) == XC_OK);
    check_same(backup, again);
    free(text);
    backup_free(backup);
    backup_free(again);
    return 0;
}
