// SPDX-License-Identifier: MIT
#include "store/claim.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

static const char attribute[] = "user.xcomtop.installation";

bool claim_file(int descriptor, const char *owner)
{
    char known[CLAIM_MAX];
    ssize_t length = fgetxattr(descriptor, attribute, known, sizeof known);

    if (length >= 0)
        return (size_t)length == strlen(owner) && memcmp(known, owner, (size_t)length) == 0;
    // Longer than any of ours.
    if (errno == ERANGE)
        return false;
    fsetxattr(descriptor, attribute, owner, strlen(owner), 0);
    return true;
}
