// SPDX-License-Identifier: MIT
// Whose a log is: the installation's GUID, kept with the file (an extended attribute, which stays
// with it when it is renamed). Private to src/store/.
#ifndef XC_STORE_CLAIM_H
#define XC_STORE_CLAIM_H

#include <stdbool.h>

enum { CLAIM_MAX = 64 };

// False if the file is another installation's. One that nobody has claimed is claimed; where the
// file system keeps no such thing, everybody's is everybody's.
bool claim_file(int descriptor, const char *owner);

#endif
