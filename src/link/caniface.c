// SPDX-License-Identifier: MIT
// Reading is one question to rtnetlink. libsocketcan would do it too, but it asks the kernel anew
// for every number, waits for ever when the interface vanishes while it is asked, and prints what
// goes wrong; it is used for what changes an interface.
#include "link/caniface.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libsocketcan.h>
#include <linux/can/netlink.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

enum { ANSWER_MAX = 16384 };

// --- Reading -------------------------------------------------------------------------------------

struct attributes {
    const char *bytes;
    size_t length;
};

// The attribute of a type in a list of them; false when there is none of at least this size.
static bool find(struct attributes list, unsigned type, size_t size, struct attributes *found)
{
    struct rtattr head;

    while (list.length >= sizeof head) {
        memcpy(&head, list.bytes, sizeof head);
        if (head.rta_len < sizeof head || head.rta_len > list.length)
            return false;
        if ((head.rta_type & NLA_TYPE_MASK) == type) {
            *found = (struct attributes){list.bytes + sizeof head, head.rta_len - sizeof head};
            return found->length >= size;
        }
        size_t step = RTA_ALIGN(head.rta_len);
        if (step > list.length)
            return false;
        list.bytes += step;
        list.length -= step;
    }
    return false;
}

static unsigned read_number(struct attributes list, unsigned type)
{
    struct attributes found;
    uint32_t number = 0;

    if (find(list, type, sizeof number, &found))
        memcpy(&number, found.bytes, sizeof number);
    return number;
}

static enum link_bus_state bus_state(unsigned state)
{
    switch (state) {
    case CAN_STATE_ERROR_ACTIVE:
        return BUS_ACTIVE;
    case CAN_STATE_ERROR_WARNING:
        return BUS_WARNING;
    case CAN_STATE_ERROR_PASSIVE:
        return BUS_PASSIVE;
    case CAN_STATE_BUS_OFF:
        return BUS_OFF;
    default: // stopped, sleeping
        return BUS_UNKNOWN;
    }
}

static void read_controller(struct attributes data, struct caniface *iface)
{
    struct attributes found;
    struct can_bittiming timing = {0};
    struct can_berr_counter counter;
    struct can_ctrlmode mode = {0};

    iface->controller = true;
    iface->state = bus_state(read_number(data, IFLA_CAN_STATE));
    iface->restart_ms = read_number(data, IFLA_CAN_RESTART_MS);
    if (find(data, IFLA_CAN_BITTIMING, sizeof timing, &found))
        memcpy(&timing, found.bytes, sizeof timing);
    iface->bitrate = timing.bitrate;
    if (find(data, IFLA_CAN_CTRLMODE, sizeof mode, &found))
        memcpy(&mode, found.bytes, sizeof mode);
    iface->one_shot = mode.flags & CAN_CTRLMODE_ONE_SHOT;
    iface->listen_only = mode.flags & CAN_CTRLMODE_LISTENONLY;
    if (find(data, IFLA_CAN_BERR_COUNTER, sizeof counter, &found)) {
        memcpy(&counter, found.bytes, sizeof counter);
        iface->transmit_errors = counter.txerr;
        iface->receive_errors = counter.rxerr;
    }
}

// Sends the question and takes its answer, which is there as soon as the question has been sent.
static ssize_t ask(const char *name, char *answer, size_t size)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg info;
        struct rtattr attribute;
        char name[IFNAMSIZ];
    } question = {.head = {.nlmsg_len = sizeof question,
                           .nlmsg_type = RTM_GETLINK,
                           .nlmsg_flags = NLM_F_REQUEST},
                  .info = {.ifi_family = AF_UNSPEC},
                  .attribute = {.rta_len = RTA_LENGTH(IFNAMSIZ), .rta_type = IFLA_IFNAME}};
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t n = -1;

    if (descriptor < 0)
        return -1;
    snprintf(question.name, sizeof question.name, "%s", name);
    if (send(descriptor, &question, sizeof question, 0) == (ssize_t)sizeof question)
        n = recv(descriptor, answer, size, MSG_DONTWAIT);
    int error = errno;
    close(descriptor);
    errno = error;
    return n;
}

enum xc_status caniface_read(const char *name, struct caniface *iface)
{
    char answer[ANSWER_MAX];
    struct nlmsghdr head;
    struct nlmsgerr failure = {0};
    struct ifinfomsg info;
    ssize_t n = ask(name, answer, sizeof answer);

    *iface = (struct caniface){.transmit_errors = -1, .receive_errors = -1};
    if (n < 0)
        return XC_IO;
    errno = EPROTO;
    if ((size_t)n < sizeof head)
        return XC_IO;
    memcpy(&head, answer, sizeof head);
    if (head.nlmsg_type == NLMSG_ERROR && (size_t)n >= NLMSG_HDRLEN + sizeof failure) {
        memcpy(&failure, answer + NLMSG_HDRLEN, sizeof failure);
        errno = -failure.error;
        return errno == ENODEV ? XC_NOT_FOUND : XC_IO;
    }
    if (head.nlmsg_type != RTM_NEWLINK || (size_t)n < NLMSG_HDRLEN + sizeof info)
        return XC_IO;
    memcpy(&info, answer + NLMSG_HDRLEN, sizeof info);
    iface->index = info.ifi_index;
    iface->is_can = info.ifi_type == ARPHRD_CAN;
    iface->up = info.ifi_flags & IFF_UP;
    iface->running = info.ifi_flags & IFF_RUNNING;
    iface->echo = info.ifi_flags & IFF_ECHO;
    struct attributes list = {answer + NLMSG_HDRLEN + NLMSG_ALIGN(sizeof info),
                              (size_t)n - NLMSG_HDRLEN - NLMSG_ALIGN(sizeof info)};
    struct attributes link, data, unused;
    if (iface->is_can && find(list, IFLA_LINKINFO, 0, &link) &&
        find(link, IFLA_INFO_DATA, 0, &data) && find(data, IFLA_CAN_STATE, 4, &unused))
        read_controller(data, iface);
    return XC_OK;
}

static bool is_can(const char *name)
{
    char path[300], type[16] = "";

    snprintf(path, sizeof path, "/sys/class/net/%.200s/type", name);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool found = fgets(type, sizeof type, file) && strtol(type, NULL, 10) == ARPHRD_CAN;
    fclose(file);
    return found;
}

char *caniface_list(char *out, size_t size)
{
    size_t used = 0;
    DIR *dir = opendir("/sys/class/net");

    out[0] = '\0';
    if (!dir)
        return out;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_can(entry->d_name))
            text_append(out, size, &used, "%s%s", used ? ", " : "", entry->d_name);
    closedir(dir);
    return out;
}

// --- Changing ------------------------------------------------------------------------------------

// libsocketcan says why not only on stderr: errno isn't what the kernel answered any more. The
// terminal isn't its own, so that is caught.
struct capture {
    int stderr_saved, pipe[2];
};

static void capture_begin(struct capture *capture)
{
    *capture = (struct capture){-1, {-1, -1}};
    if (pipe2(capture->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return;
    capture->stderr_saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (capture->stderr_saved >= 0)
        (void)dup2(capture->pipe[1], STDERR_FILENO);
}

// reason: "Operation not permitted", for instance.
static void capture_end(const struct capture *capture, char *reason, size_t size)
{
    static const char before[] = "answers: ";
    char text[256] = "";

    snprintf(reason, size, "no reason given");
    if (capture->pipe[0] < 0)
        return;
    if (capture->stderr_saved >= 0)
        (void)dup2(capture->stderr_saved, STDERR_FILENO);
    ssize_t n = read(capture->pipe[0], text, sizeof text - 1);
    if (n > 0 && text[0] != '\n') {
        char *start = strstr(text, before);
        start = start ? start + strlen(before) : text;
        snprintf(reason, size, "%.*s", (int)strcspn(start, "\n"), start);
    }
    close(capture->pipe[0]);
    close(capture->pipe[1]);
    if (capture->stderr_saved >= 0)
        close(capture->stderr_saved);
}

enum change { SET_BITRATE, START, RESTART };

static bool change(const char *name, enum change what, unsigned bitrate, char *reason, size_t size)
{
    struct capture capture;
    int result;

    capture_begin(&capture);
    switch (what) {
    case SET_BITRATE:
        result = can_set_bitrate(name, bitrate);
        break;
    case START:
        result = can_do_start(name);
        break;
    default:
        result = can_do_restart(name);
        break;
    }
    capture_end(&capture, reason, size);
    return result == 0;
}

static bool is_not_allowed(const char *reason)
{
    return strcmp(reason, strerror(EPERM)) == 0;
}

static bool start(const char *name, unsigned bitrate, struct caniface *iface, char *why,
                  size_t size)
{
    char reason[80];
    bool set = change(name, SET_BITRATE, bitrate, reason, sizeof reason);

    if (set && change(name, START, 0, reason, sizeof reason) &&
        caniface_read(name, iface) == XC_OK && iface->up)
        return true;
    if (is_not_allowed(reason))
        snprintf(why, size,
                 "%s is down, and only root may start it: sudo ip link set %s up type can bitrate "
                 "%u",
                 name, name, bitrate);
    else if (!set)
        snprintf(why, size,
                 "%s can't be set to %u bit/s (%s): ip -details link show %s tells what its "
                 "controller can do",
                 name, bitrate, reason, name);
    else
        snprintf(why, size, "%s is set to %u bit/s but can't be started: %s", name, bitrate,
                 reason);
    return false;
}

bool caniface_prepare(const char *name, unsigned bitrate, struct caniface *iface, char *why,
                      size_t size)
{
    if (!iface->is_can) {
        snprintf(why, size, "%s isn't a CAN interface: ip link lists them", name);
        return false;
    }
    if (bitrate && !iface->controller) {
        snprintf(why, size, "%s is virtual and has no bit rate: leave out ?bitrate=%u", name,
                 bitrate);
        return false;
    }
    if (iface->up && bitrate && iface->bitrate != bitrate) {
        snprintf(why, size,
                 "%s is up at %u bit/s, not %u, and is left alone: leave out ?bitrate=%u, or "
                 "sudo ip link set %s down",
                 name, iface->bitrate, bitrate, bitrate, name);
        return false;
    }
    if (!iface->up && bitrate && !start(name, bitrate, iface, why, size))
        return false;
    if (!iface->up) {
        snprintf(why, size,
                 iface->controller ? "%s is down: give its bit rate with ?bitrate=250000, or sudo "
                                     "ip link set %s up type can bitrate 250000"
                                   : "%s is down: sudo ip link set %s up",
                 name, name);
        return false;
    }
    if (iface->listen_only) {
        snprintf(why, size,
                 "%s can only listen: sudo ip link set %s down; sudo ip link set %s up type can "
                 "listen-only off",
                 name, name, name);
        return false;
    }
    return true;
}

enum link_fault caniface_fault(const struct caniface *iface, unsigned bitrate)
{
    if (iface->index == 0)
        return LINK_FAULT_MISSING;
    if (!iface->is_can)
        return LINK_FAULT_KIND;
    if (bitrate && (!iface->controller || (iface->up && iface->bitrate != bitrate)))
        return LINK_FAULT_SETTINGS;
    if (!iface->up)
        return LINK_FAULT_DOWN;
    return iface->listen_only ? LINK_FAULT_LISTEN_ONLY : LINK_FAULT_NONE;
}

bool caniface_restart(const char *name, char *why, size_t size)
{
    char reason[80];

    if (change(name, RESTART, 0, reason, sizeof reason))
        return true;
    if (is_not_allowed(reason))
        snprintf(why, size,
                 "%s is bus-off, and only root may restart it: sudo ip link set %s type can "
                 "restart",
                 name, name);
    else
        snprintf(why, size, "%s is bus-off and can't be restarted: %s", name, reason);
    return false;
}
