// SPDX-License-Identifier: MIT
#include "cmd/findings.h"

#include <stdio.h>

#include "base/text.h"
#include "link/ownaddress.h"

// Sources of the protocol facts: scom.md, can.md; of what is met in the field: field.md, section 1.
static const struct finding findings[] = {
    // --- Ports of this computer ------------------------------------------------------------------
    [FINDING_PORT] = {"port", GRADE_OK, "", ""},
    [FINDING_INTERFACE] = {"interface", GRADE_OK, "", ""},
    [FINDING_NO_PORTS] = {"no-ports", GRADE_HINT,
                          "An Xcom-232i needs a serial port, usually a USB adapter.",
                          "plug the adapter in; if it still isn't listed, dmesg tells what the "
                          "kernel made of it"},
    [FINDING_NO_INTERFACES] = {"no-interfaces", GRADE_OK,
                               "Only an Xcom-CAN needs one; serial-line CAN adapters (SLCAN) are "
                               "serial ports.",
                               ""},
    [FINDING_NOT_ASKED] = {"not-asked", GRADE_HINT,
                           "Without a LINK the doctor lists and listens; whether a gateway answers "
                           "it only finds out on one that is named.",
                           "run it again with one: xcomtop doctor LINK"},
    [FINDING_ADDRESSES] = {"addresses", GRADE_OK,
                           "A Moxa in TCP client mode needs such an address as its destination.",
                           ""},
    [FINDING_MISSING] = {"missing", GRADE_PROBLEM,
                         "What the LINK names isn't there, or not under this name any more.",
                         "see what there is with xcomtop doctor; USB ports can get another name "
                         "each time they are plugged in, but names in /dev/serial/by-id stay the "
                         "same"},
    [FINDING_PERMISSION] = {"no-permission", GRADE_PROBLEM,
                            "It is there, but this user may not use it.",
                            "become a member of the group that is named, log out and in again; "
                            "root isn't needed"},
    [FINDING_IN_USE] = {"in-use", GRADE_PROBLEM,
                        "Only one program at a time can use it: two on one line would take each "
                        "other's answers.",
                        "end the other program, or its service (ModemManager and brltty are known "
                        "to take serial ports), then try again"},
    [FINDING_WRONG_KIND] = {"wrong-kind", GRADE_PROBLEM, "Something else has that name.",
                            "see what there is with xcomtop doctor"},
    [FINDING_SETTINGS_REFUSED] = {"settings-refused", GRADE_PROBLEM,
                                  "The port can't be set, or may not be changed, to what the LINK "
                                  "says.",
                                  "leave baud and parity, or the bit rate, out of the LINK; or use "
                                  "another adapter"},
    [FINDING_INTERFACE_DOWN] = {"interface-down", GRADE_PROBLEM,
                                "A CAN interface carries nothing until it is started with the bit "
                                "rate of the bus.",
                                "start it with the command that is named, with the bit rate that "
                                "the Xcom-CAN's switches 6-8 say"},
    [FINDING_LISTEN_ONLY] = {"listen-only", GRADE_PROBLEM,
                             "The CAN controller may not send, so nothing can be asked.",
                             "switch listen-only off, as named"},
    // --- The way to the gateway ------------------------------------------------------------------
    [FINDING_UNKNOWN_HOST] = {"unknown-host", GRADE_PROBLEM,
                              "The name or address doesn't lead to a computer.",
                              "check the spelling, or give the Moxa's address in numbers (it is "
                              "192.168.127.254 as delivered)"},
    [FINDING_UNREACHABLE] = {"unreachable", GRADE_PROBLEM,
                             "Nobody answers at that address: the Moxa is off, has another "
                             "address, or is in another network than this computer.",
                             "look at its lights and at the address in its web page; a Moxa as "
                             "delivered is at 192.168.127.254, which only a computer in that "
                             "network reaches"},
    [FINDING_REFUSED] = {"refused", GRADE_PROBLEM,
                         "The Moxa is there, but doesn't wait for connections on this port: "
                         "usually it is set to dial out itself (TCP client).",
                         "use tcp-listen:4001 and this computer's address as destination in the "
                         "Moxa's Operating Settings; or set it to TCP server there"},
    [FINDING_HUNG_UP] = {"hung-up", GRADE_PROBLEM,
                         "A connection came about and was ended from the other side.",
                         "a Moxa does that when it has as many connections as it allows: end the "
                         "other program that is connected to it, or raise Max Connection in its "
                         "Operating Settings"},
    [FINDING_NOT_OPENED] = {"not-opened", GRADE_PROBLEM, "The link couldn't be had.",
                            "see what it says above"},
    [FINDING_NOT_DIALLED] =
        {"not-dialled", GRADE_PROBLEM,
         "A Moxa in TCP client mode dials in about once a minute; none is there.",
         "is this computer's address its destination? (Moxa: Operating "
         "Settings, mode TCP Client, this port); does a firewall let the port "
         "in?"},
    [FINDING_NOT_ALLOWED] = {"not-allowed", GRADE_PROBLEM,
                             "Somebody dialled in who isn't among those allowed.",
                             "if that is the Moxa, give it with --allow"},
    [FINDING_DIALLED] = {"dialled-in", GRADE_OK, "", ""},
    [FINDING_ANYONE] = {"anyone", GRADE_HINT, "Whoever reaches this port is taken for the gateway.",
                        "name the Moxa's address with --allow"},
    [FINDING_BUS] = {"bus", GRADE_OK, "", ""},
    [FINDING_BUS_QUIET] = {"bus-quiet", GRADE_OK,
                           "An Xcom-CAN that nobody asks is silent, so that is no fault by itself.",
                           ""},
    [FINDING_BUS_ERRORS] = {"bus-errors", GRADE_PROBLEM,
                            "The CAN controller sees errors instead of frames: another bit rate on "
                            "the bus, a missing terminator, CAN-H and CAN-L exchanged, or nobody "
                            "else on the bus.",
                            "compare the bit rate with the Xcom-CAN's switches 6-8; 120 ohms at "
                            "both ends make 60 between CAN-H and CAN-L"},
    // --- The gateway's answers -------------------------------------------------------------------
    [FINDING_SILENT] = {"silent", GRADE_PROBLEM,
                        "The port is open, but nothing at all came back. With a wrong parity or "
                        "speed a gateway is silent, too.",
                        "is the gateway on, and do cable, baud rate and parity fit? The cable is a "
                        "straight one, no null modem; 38400 or 115200 bit/s, 8E1 (behind a Moxa: "
                        "8N1)"},
    [FINDING_SILENT_NETWORK] = {"silent-network", GRADE_PROBLEM,
                                "The network is fine up to the Moxa, but the gateway behind it "
                                "says nothing.",
                                "is the gateway on, and do the serial settings of its Moxa fit? "
                                "115200 bit/s, 8 data bits, no parity, 1 stop bit, no flow "
                                "control (Serial Settings)"},
    [FINDING_SILENT_BUS] = {"silent-bus", GRADE_PROBLEM,
                            "The bus is open, but the Xcom-CAN says nothing.",
                            "is the Xcom-CAN on, is the bus terminated at both ends, and do its "
                            "switches fit?"},
    [FINDING_NO_ADAPTER] = {"no-adapter", GRADE_PROBLEM,
                            "Nothing at this port answers as a serial-line CAN adapter (SLCAN) "
                            "does, and no frame came.",
                            "is it the adapter's port, and does its firmware speak SLCAN "
                            "(Lawicel)? Behind a real serial line its speed counts, too: ?baud=N; "
                            "an Xcom-232i is serial:, not slcan:"},
    [FINDING_NOISE] = {"noise", GRADE_PROBLEM,
                       "What came can't be read: another speed or parity, or something that isn't "
                       "a Studer gateway.",
                       "is it the gateway's port, and is the gateway set to 38400 or 115200 bit/s? "
                       "--trace FILE shows the bytes"},
    [FINDING_ECHO] = {"echo", GRADE_PROBLEM,
                      "What we send comes back to us: a plug that joins both lines, a short in the "
                      "cable, an adapter that hears itself, or an address of this computer.",
                      "is the gateway at the other end of this cable or address? Look at the plug "
                      "(2 and 3 mustn't touch) and switch the adapter's local echo off"},
    [FINDING_WRONG_SETTINGS] = {"wrong-settings", GRADE_PROBLEM,
                                "The gateway is there, but its line is set otherwise than the LINK "
                                "says.",
                                "correct baud and parity in the LINK, or leave them out"},
    [FINDING_ANSWERS] = {"answers", GRADE_OK, "", ""},
    [FINDING_DAMAGED] = {"damaged", GRADE_PROBLEM,
                         "Bytes are changed, lost or added on the way. They are never used, but "
                         "each costs a question.",
                         "shorten or shield the cable (at 115200 bit/s at most 1.3 m), keep it "
                         "away from power lines, connect the ground; try another adapter"},
    [FINDING_LOST_ANSWERS] = {"lost-answers", GRADE_PROBLEM,
                              "Some questions aren't answered in time though the device is there: "
                              "a bad line, or another master that asks at the same moment.",
                              "look for other programs on this line; check plugs and cable"},
    [FINDING_SLOW] = {"slow", GRADE_HINT,
                      "Up to 2 s are within the protocol, but screens fill slowly. A Moxa that "
                      "waits to pack more bytes, or a far network, does that.",
                      "set the Moxa's Force transmit to a few milliseconds (Data Packing); leave "
                      "the gateway to fewer programs"},
    [FINDING_BUSY] = {"busy", GRADE_HINT,
                      "The gateway is saving to its SD card, or another program keeps it busy.",
                      "wait a minute; what was asked is asked again by itself"},
    [FINDING_LINE_ENDS] = {"line-ends", GRADE_HINT,
                           "The Moxa adds CR LF (delimiters) to what the gateway sends. It does no "
                           "harm here, but other programs stumble over it.",
                           "Moxa, Serial Settings, Data Packing: switch delimiter 1 and 2 off"},
    [FINDING_OTHER_MASTER] = {"other-master", GRADE_HINT,
                              "Somebody else asks the gateway, too: the Studer portal, a home "
                              "automation, another xcomtop. Their answers are never taken for "
                              "ours, but questions can collide.",
                              "nothing, if all is well; else let the others ask less often, or "
                              "--source N take another address"},
    [FINDING_SAME_ADDRESS] = {"same-address", GRADE_PROBLEM,
                              "Another master uses the same address as we do, so its answers look "
                              "like ours.",
                              "give this program another address with --source N (on CAN 0 to "
                              "1023)"},
    [FINDING_EXCLUSIVE] = {"exclusive", GRADE_HINT,
                           "The Xcom-CAN is in exclusive mode: it answers every frame on the bus "
                           "with an error, also those of other devices.",
                           "on a bus that others share set its switches 1-4 to off on off on "
                           "(tolerant)"},
    // --- The installation ------------------------------------------------------------------------
    [FINDING_UNFINISHED] = {"unfinished", GRADE_HINT, "The time was too short to see all.",
                            "give more with --wait 2m"},
    [FINDING_NO_DEVICES] = {"no-devices", GRADE_PROBLEM,
                            "The gateway answers, but no Xtender, VarioTrack, VarioString or "
                            "battery monitor does: they are off, or the communication cable "
                            "between them and the gateway is.",
                            "look at the devices, the cable and its terminators (both ends: T)"},
    [FINDING_NOT_SEARCHED] = {"not-searched", GRADE_HINT,
                              "A question to an absent device could make the gateway restart.",
                              "name the devices with --devices XT1,VT1,BSP"},
    [FINDING_DEVICES] = {"devices", GRADE_OK, "", ""},
    [FINDING_NOT_CHECKED] = {"not-checked", GRADE_HINT,
                             "Something may be wrong there, and wouldn't be seen.",
                             "try again; if it stays so, have what is named looked at, or updated"},
    [FINDING_OLD_GATEWAY] = {"old-gateway", GRADE_HINT,
                             "The gateway doesn't know multi-infos, which came with firmware "
                             "1.6.74: every value is a question of its own, and screens fill more "
                             "slowly. One older than 1.6.12 takes no changes in RAM either, only "
                             "in flash, which wears.",
                             "have the gateway updated (by SD card)"},
    [FINDING_OLD_FIRMWARE] = {"old-firmware", GRADE_HINT,
                              "Parameters can't be changed in RAM (XT, VS and BSP from 1.6.12, VT "
                              "from 1.6.14), only in flash, which wears.",
                              "have the devices updated before changing parameters often"},
    [FINDING_UNKNOWN_FIRMWARE] = {"unknown-firmware", GRADE_HINT,
                                  "It isn't known whether the device takes changes in RAM, so they "
                                  "are refused.",
                                  "try again; else have the device updated"},
    [FINDING_CLOCK_WRONG] = {"clock-wrong", GRADE_PROBLEM,
                             "Messages, logs on the SD card, tariffs and timers go by this clock. "
                             "It knows no summer time.",
                             "if this computer's clock and time zone are right: xcomtop clock "
                             "--set -c LINK"},
    [FINDING_CLOCK_DRIFT] = {"clock-drift", GRADE_HINT,
                             "The installation's clock drifts; messages and logs go by it.",
                             "xcomtop clock --set -c LINK sets it by this computer's"},
    [FINDING_PORTAL_HOURS] = {"portal-hours", GRADE_HINT,
                              "From midnight to 01:00 by the installation's clock the gateway "
                              "saves the day's log, and the Studer portal fetches it; a program "
                              "that asks all the time can make that fail.",
                              "leave the gateway alone until 01:00 (P pauses the screens)"},
    [FINDING_SD_FULL] = {"sd-full", GRADE_PROBLEM,
                         "The gateway's SD card is full: nothing is logged any more.",
                         "copy the logs from the card and delete them there"},
    [FINDING_SD_MISSING] = {"sd-missing", GRADE_HINT,
                            "The gateway has no SD card, or can't read it: it logs nothing, and "
                            "the portal has gaps.",
                            "insert a card"},
    [FINDING_RESTARTED] = {"restarted", GRADE_OK,
                           "The gateway has restarted since this flag was cleared (XCOM 5104); "
                           "values in RAM may be lost.",
                           "nothing, if that is known: the key c in the screens' Link view clears "
                           "the flag, so that the next restart is seen"},
    [FINDING_SCOM_WATCHDOG] = {"scom-watchdog", GRADE_HINT,
                               "The gateway restarts when nobody asks it for so long, or when a "
                               "device doesn't answer for so long. Absent devices aren't searched "
                               "for.",
                               "nothing, if it is wanted; else switch XCOM 5095 off"},
    [FINDING_DEVICE_WATCHDOG] = {"device-watchdog", GRADE_HINT,
                                 "Once a parameter is changed in RAM, these devices stop and "
                                 "restart unless it is written again in time.",
                                 "xcomtop keep writes it again; or switch the watchdog off (XT "
                                 "1628, VT 10342, VS 14218)"},
};

_Static_assert(sizeof findings / sizeof *findings == FINDING_COUNT, "a row a finding");

const struct finding *finding(enum finding_key key)
{
    return &findings[key];
}

const char *grade_name(enum grade grade)
{
    static const char *const names[] = {
        [GRADE_OK] = "ok", [GRADE_HINT] = "hint", [GRADE_PROBLEM] = "problem"};
    return names[grade];
}

enum finding_key finding_of_fault(enum link_fault fault)
{
    switch (fault) {
    case LINK_FAULT_MISSING:
        return FINDING_MISSING;
    case LINK_FAULT_PERMISSION:
        return FINDING_PERMISSION;
    case LINK_FAULT_IN_USE:
        return FINDING_IN_USE;
    case LINK_FAULT_KIND:
        return FINDING_WRONG_KIND;
    case LINK_FAULT_SETTINGS:
        return FINDING_SETTINGS_REFUSED;
    case LINK_FAULT_NAME:
        return FINDING_UNKNOWN_HOST;
    case LINK_FAULT_UNREACHABLE:
        return FINDING_UNREACHABLE;
    case LINK_FAULT_REFUSED:
        return FINDING_REFUSED;
    case LINK_FAULT_DOWN:
        return FINDING_INTERFACE_DOWN;
    case LINK_FAULT_LISTEN_ONLY:
        return FINDING_LISTEN_ONLY;
    case LINK_FAULT_BUS_OFF:
        return FINDING_BUS_ERRORS;
    case LINK_FAULT_LOST:
        return FINDING_HUNG_UP;
    case LINK_FAULT_NONE:
    case LINK_FAULT_OTHER:
        break;
    }
    return FINDING_NOT_OPENED;
}

// The Xcom-CAN's switches 6-8 (can.md).
static const struct {
    unsigned bitrate;
    const char *switches, *name;
} rates[] = {{10000, "000", "10 kbit/s"},   {20000, "001", "20 kbit/s"},
             {50000, "010", "50 kbit/s"},   {100000, "011", "100 kbit/s"},
             {125000, "100", "125 kbit/s"}, {250000, "101", "250 kbit/s"},
             {500000, "110", "500 kbit/s"}, {1000000, "111", "1 Mbit/s"}};

char *finding_switches(char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        text_append(out, size, &used, "%s%s for %s", i ? ", " : "", rates[i].switches,
                    rates[i].name);
    return out;
}

char *finding_can_advice(unsigned bitrate, bool given, char *out, size_t size)
{
    char switches[64] = "the bus's bit rate", other[120] = "";

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (rates[i].bitrate == bitrate)
            snprintf(switches, sizeof switches, "%s for %s", rates[i].switches, rates[i].name);
    if (given)
        snprintf(
            other, sizeof other,
            "; or the bus has another bit rate than bitrate=%u: try another one, or without it",
            bitrate);
    snprintf(out, size,
             "%s 6-8: %s; 1-4: off on off off (exclusive) or off on off on (tolerant: other "
             "devices share the bus)%s",
             finding(FINDING_SILENT_BUS)->todo, switches, other);
    return out;
}

char *finding_dial_advice(const struct link_spec *spec, char *out, size_t size)
{
    char addresses[OWN_ADDRESSES_TEXT_MAX];
    unsigned port = spec->port;

    own_addresses(spec, addresses, sizeof addresses);
    if (own_alone(spec))
        snprintf(
            out, size,
            "%s is for programs on this computer: no Moxa reaches it; to let one dial in, write "
            "the LINK as :%u",
            spec->host, port);
    else if (addresses[0])
        snprintf(
            out, size,
            "is this computer the Moxa's destination (Moxa: Operating Settings, mode TCP Client, "
            "port %u)? It is reached at %s; does a firewall let the port in?",
            port, addresses);
    else
        snprintf(out, size,
                 "this computer has no address that a Moxa could dial: connect it to the Moxa's "
                 "network first, see ip address");
    return out;
}
