// SPDX-License-Identifier: MIT
// The tables of commands and options, and the help that is made of them.
#include "cmd/options.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

// --- Tables --------------------------------------------------------------------------------------

static const struct command commands[] = {
    {COMMAND_SCREENS, "", "", "the live screens",
     "Shows the installation live: energy flow, devices, messages, the link. The\n"
     "bottom line shows the keys; ? explains them all; q leaves.\n"
     "With --once it prints the overview once, as plain text, and ends.\n",
     0, 0, true},
    {COMMAND_SCAN, "scan", "", "list the devices: model, firmware, FID",
     "Finds the devices of the installation and prints a line for each: name, address,\n"
     "family, model, firmware, FID; and the gateway's GUID on standard error.\n",
     0, 0, true},
    {COMMAND_READ, "read", "DEVICE ID…", "read values of devices",
     "DEVICE is XT1…XT9, L1…L3 (the master of a phase), VT1…VT15, VS1…VS15, BSP, BMS,\n"
     "XCOM, an address like 101, XT* for each of a family, XT.sum or XT.avg for the\n"
     "sum or average over it; several are joined by commas. ID is the number of an\n"
     "info or parameter, or a range of numbers of the tables like 3000-3010.\n"
     "A number that isn't in the tables is read as a raw value: as an info when the\n"
     "family has infos in the same thousand, else as a parameter; --info and\n"
     "--parameter choose.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 read XT1 3000 3028\n"
     "  xcomtop --demo read 'XT*,XT.sum' 3136\n"
     "  xcomtop --demo read XT1 1138 --part max\n",
     2, WORDS_ANY, true},
    {COMMAND_WRITE, "write", "DEVICE ID VALUE", "change a parameter",
     "Changes a parameter in RAM, where it runs until the device restarts, or with\n"
     "--flash for good: 1000 writes to the flash memory of a parameter are guaranteed.\n"
     "First its value, limits and more are read from the device, and what would happen\n"
     "is shown; y confirms it. A word is to be typed for flash, for several devices,\n"
     "for the clock, and for what can stop, restart, reset or erase something. Every\n"
     "attempt is recorded (xcomtop writes).\n"
     "DEVICE is XT1…XT9, VT1…VT15, VS1…VS15, BSP, BMS, XCOM; L1…L3 for all Xtenders of\n"
     "a phase; XT, VT or VS for all of a family. VALUE is a number, yes or no, an\n"
     "option's label or number, 13:41, MO,TU,SU, '2026-11-21 14:00:00' (for the\n"
     "clock also now), send for a signal.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 write XT1 1138 45\n"
     "  xcomtop --demo write XT1 1138 45 --flash --confirm flash\n",
     3, 3, true},
    {COMMAND_KEEP, "keep", "[DEVICE ID VALUE]", "hold a RAM value until stopped",
     "Writes a value to RAM, and again whenever its device has restarted, until it is\n"
     "stopped (Ctrl-C); with --every also every so often. It is shown and confirmed\n"
     "once, as by write. Without words it holds what the site's section of the\n"
     "configuration file says (keep = …).\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 keep XT1 1138 45 --every 10m\n",
     0, 3, true},
    {COMMAND_WRITES, "writes", "[DEVICE [ID]]", "list the record of writes, undo one",
     "Lists every attempt to change a parameter, oldest first: when, which device and\n"
     "parameter, the value before and the new one, flash or RAM, and what came of it.\n"
     "An attempt is recorded before it is sent. No link is needed. DEVICE is a name\n"
     "like XT1, L2 or BSP, or a family like XT; ID is the number of a parameter.\n"
     "--site NAME takes only those of one site; --demo those of the demonstration,\n"
     "which are kept apart.\n"
     "With --undo N the value from before write N is written again, to RAM or flash as\n"
     "then, to the same device whatever its number is now, and with the same checks.\n"
     "\n"
     "  xcomtop writes --last 10\n"
     "  xcomtop writes XT 1138 --flash --since 30d\n"
     "  xcomtop -c /dev/ttyUSB0 writes --undo 12\n",
     0, 2, false},
    {COMMAND_BLINK, "blink", "DEVICE|off", "make a device's LEDs flash",
     "Makes the LEDs of a device flash for 45 seconds, to see which one it is; off\n"
     "stops them. DEVICE is a name like XT2, VT1 or BSP, a phase L1…L3, or XT, VT or\n"
     "VS for all of a family. Nothing is asked: it writes parameter 5119 of the\n"
     "gateway, in RAM, so that flash isn't worn. It is recorded like every write.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 blink XT2\n",
     1, 1, true},
    {COMMAND_CLOCK, "clock", "", "tell or set the installation's clock",
     "Prints the time of the installation's clock, the computer's local time, and by\n"
     "how many seconds the former is ahead. The installation knows no time zone and no\n"
     "daylight saving. With --set its clock is set to the computer's local time, after\n"
     "the same question as by write XCOM 5002 now: what goes by the clock jumps too.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 clock\n"
     "  xcomtop -c /dev/ttyUSB0 clock --set --confirm clock\n",
     0, 0, true},
    {COMMAND_LIST, "list", "[FAMILY] [TEXT…]", "search infos and parameters",
     "Searches the tables; no link is needed. Prints what has all words of TEXT in its\n"
     "number, name, short name, unit or options. FAMILY: XT, VT, VS, BSP, BMS, RCC.\n"
     "\n"
     "  xcomtop list XT battery voltage\n"
     "  xcomtop list 'AUX 1'\n",
     0, WORDS_ANY, false},
    {COMMAND_DESCRIBE, "describe", "[DEVICE] ID…", "tell everything about a number",
     "Prints what the tables say about infos, parameters and menus; no link is needed.\n"
     "DEVICE is a family or a device, for numbers that several families have.\n"
     "\n"
     "  xcomtop describe 1138\n"
     "  xcomtop describe BMS 7002\n",
     1, WORDS_ANY, false},
    {COMMAND_BACKUP, "backup", "FILE", "save all settings in a file",
     "Reads the settings of all devices and of the gateway, as they are in flash, and\n"
     "writes them to FILE: one line a setting, made for reading, diff and git. With\n"
     "--limits also what each model allows. FILE appears when it is whole. Until then\n"
     "FILE.part has what was read; interrupted, the same command goes on from there.\n"
     "What couldn't be read stands there as a comment with the reason.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 backup emosson.txt\n"
     "  xcomtop --demo backup --devices XT1,BSP demo.txt\n",
     1, 1, true},
    {COMMAND_COMPARE, "compare", "FILE [FILE2]", "compare a backup with something",
     "Compares the settings in FILE with those in the devices now; or with FILE2,\n"
     "another backup; or, with the word defaults for FILE2, with the factory's values\n"
     "for this battery and AC voltage. Only what is in FILE is read. Prints what\n"
     "differs: device, number, name, both values. Devices are the same by their FID,\n"
     "then by name. Exit status: 0 nothing differs, 1 something does.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 compare emosson.txt\n"
     "  xcomtop compare before.txt after.txt\n"
     "  xcomtop compare emosson.txt defaults\n",
     1, 2, true},
    {COMMAND_RESTORE, "restore", "FILE", "write a backup's settings back",
     "Compares the settings in FILE with those in the devices and shows a plan: what\n"
     "is left out and why, what is changed, and last what is dangerous. Once the word\n"
     "restore is typed it writes to flash, each setting with the checks of write, and\n"
     "reports each. What a device doesn't allow or refuses is tried again at the end,\n"
     "since it may depend on other settings. --devices and --only choose. Interrupted,\n"
     "the same command goes on with what still differs.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 restore emosson.txt --devices XT1 --only 1138\n"
     "  xcomtop -c /dev/ttyUSB0 restore emosson.txt 2> plan.txt    (only the plan)\n",
     1, 1, true},
    {COMMAND_COPY, "copy", "FROM TO", "copy settings to other devices",
     "Writes the settings of the device FROM that differ to TO: other devices of its\n"
     "family, joined by commas, or XT* for all others. In RAM, or with --flash for\n"
     "good. As a plan that is shown and confirmed (by the word copy), like restore.\n"
     "--only chooses.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 copy XT1 XT2,XT3 --only 1138\n"
     "  xcomtop --demo copy VT1 'VT*' --flash\n",
     2, 2, true},
    {COMMAND_DECODE, "decode", "HEX…|FILE|-", "explain frames of SCOM and on CAN",
     "Explains frames given as bytes in hexadecimal (SCOM) or as ID#DATA (Xcom-CAN),\n"
     "or read from a file or, with -, from standard input: such text, lines of\n"
     "candump, or what --trace has written. No link is needed.\n"
     "\n"
     "  xcomtop decode AA 00 01 00 00 00 65 00 00 00 0A 00 6F 71 \\\n"
     "      00 01 01 00 B8 0B 00 00 01 00 C5 90\n"
     "  xcomtop decode 0000CA00#0BB84145C000\n"
     "  candump can0 | xcomtop decode -\n",
     1, WORDS_ANY, false},
    {COMMAND_LOG, "log", "", "write values to a file, for years",
     "Writes a row of values to a file (--output) every 10 seconds or --every so\n"
     "often, at whole multiples of it on the clock, until it is stopped. CSV with a\n"
     "column for each value, JSON lines or SQLite, as --format says, or the file's\n"
     "name (.jsonl, .sqlite). What is logged: --preset overview or all, or --select,\n"
     "a list like XT1:3000,3005,XT*:3136,XT.sum:3136,BSP:7000-7003.\n"
     "A row is in the file as a whole or not at all, and every value of it was read\n"
     "for it: where none came the field is empty, and while the gateway is away there\n"
     "are no rows. A file that is moved away is made anew.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 log --output site.csv --every 1m\n"
     "  xcomtop --demo log --output - --select XT.sum:3136 --format jsonl --count 3\n",
     0, 0, true},
    {COMMAND_EXPORT, "export", "FILE", "turn a log in SQLite into CSV",
     "Prints what is in FILE, a log that was written with --format sqlite, as the rows\n"
     "that log writes in CSV or JSON lines: from --since until before --until, the\n"
     "values of --select, or all. With --every a row for each such time, with the\n"
     "means of what was logged in it. No link is needed; FILE may be in use.\n"
     "\n"
     "  xcomtop export site.sqlite --since 2026-11-01 --until 2026-12-01 > nov.csv\n"
     "  xcomtop export site.sqlite --select XT.sum:3136,BSP:7002 --every 15m\n",
     1, 1, false},
    {COMMAND_GRAPH, "graph", "FILE [VALUE…]", "draw what is in a log",
     "Draws up to six values from a log, whichever of its formats it has, as text.\n"
     "VALUE is a device and a number, like XT1:3000, XT.sum:3136 or, for each that\n"
     "is in the file, XT*:3136; without any, what is in the file is listed. A line\n"
     "is the mean, and has its number on it; what lay between the least and the\n"
     "greatest value is shaded.\n"
     "\n"
     "  xcomtop graph site.sqlite XT.sum:3136 BSP:7002 --since 2d\n"
     "  xcomtop graph site.csv XT1:3000 --since '2026-11-21 08:00' --width 120\n",
     1, WORDS_ANY, false},
    {COMMAND_COMPLETION, "completion", "bash|zsh|fish", "print what a shell needs to complete",
     "Prints the script that completes commands, options, devices and numbers when Tab\n"
     "is pressed. Packages bring these scripts along; bash needs the package\n"
     "bash-completion for it. \"completion ids FAMILY\" lists a family's numbers with\n"
     "their names, as the scripts ask for them.\n"
     "\n"
     "  source <(xcomtop completion bash)\n",
     1, 2, false},
    {COMMAND_MESSAGES, "messages", "", "list messages and alarms",
     "Lists what the devices have reported, oldest first: time, device, number, how\n"
     "severe it is, text; and alarms on values (--alarm). The gateway's history is\n"
     "read back to what is known from before, and kept; with --leave-messages it is\n"
     "left unread, and only what is known is listed, without a link. Times are those\n"
     "of the installation's clock. With --follow it goes on with new ones.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 messages --last 20\n"
     "  xcomtop --site emosson messages --since 30d --format csv\n"
     "  xcomtop -c :4001 messages --follow \\\n"
     "      --on-message 'mail -s \"$XCOMTOP_MESSAGE_TEXT\" me'\n",
     0, 0, true},
    {COMMAND_DATALOG, "datalog", "list|get [NAME…]", "fetch the files of the SD card",
     "The gateway keeps a datalog file of each day, LGyymmdd.CSV, on its SD card. list\n"
     "prints their names and what is here already; get fetches those named, or --all,\n"
     "or --new: those that aren't here or weren't whole. They go to --output or the\n"
     "configured directory, else to the site's below $XDG_DATA_HOME/xcomtop/datalog. A\n"
     "file takes about a minute on a serial line; it is there when it is whole, and\n"
     "another file of its name is left as it is. --quiet-hours leaves the card to the\n"
     "manufacturer's portal from 23:59 to 01:00.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 datalog list\n"
     "  xcomtop -c /dev/ttyUSB0 datalog get --new --output logs\n"
     "  xcomtop --demo datalog get --all\n",
     1, WORDS_ANY, true},
    {COMMAND_NOTE, "note", "TEXT", "write a note into the day's datalog",
     "Writes the gateway's custom datalog field, which it stores in the day's datalog\n"
     "file at 00:00:30 and then forgets: at most 250 characters of ISO-8859-15, and\n"
     "no line ends or other controls. Commas, semicolons and quotes separate values in\n"
     "CSV files and are better left out. The field can't be read. It is confirmed by\n"
     "y; since it is no parameter it isn't in the record of writes.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 note 'fan of XT2 cleaned'\n",
     1, 1, true},
    {COMMAND_DOCTOR, "doctor", "[LINK…]", "tell why it doesn't connect, what to change",
     "Without LINK it lists the serial ports and CAN interfaces, and what speaks\n"
     "against using them; it opens none. With one, or with -c or --site, it tries\n"
     "what makes sense there within 30 seconds (60 where a Moxa has to dial in;\n"
     "--wait), reading only, and says in words what it found: wrong settings, another\n"
     "master, a port in use, a Moxa that isn't right, old firmware, a wrong clock,\n"
     "and more. A CAN bus is listened to first, without sending.\n"
     "Each finding: what was seen, what it means, what to do; ok, a hint or a\n"
     "problem. Exit status: 0 no problem, 1 problems, 3 no link or no answer.\n"
     "\n"
     "  xcomtop doctor\n"
     "  xcomtop doctor /dev/ttyUSB0\n"
     "  xcomtop doctor :4001\n",
     0, WORDS_ANY, false},
    {COMMAND_BUG_REPORT, "bug-report", "[FILE]", "what a report of a fault should tell",
     "Prints versions, the kernel, the terminal, which keys the configuration has,\n"
     "and with a link (-c, --site, --demo) the devices' models and firmware and what\n"
     "was counted on the line; with FILE, which holds what xcomtop printed on standard\n"
     "error, or a journal of it, xcomtop's last 20 messages (--last). Addresses, names\n"
     "of sites and hosts, settings, values and home directories are left out, GUIDs\n"
     "shortened; --values puts them in. Look through it before you send it.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 bug-report > report.txt\n",
     0, 1, false},
    {COMMAND_HELP, "help", "[COMMAND]", "explain a command", "", 0, 1, false},
};

enum {
    ALL = (1 << COMMAND_COUNT) - 1,
    SCREENS = 1 << COMMAND_SCREENS,
    READ = 1 << COMMAND_READ,
    WRITE = 1 << COMMAND_WRITE,
    KEEP = 1 << COMMAND_KEEP,
    WRITES = 1 << COMMAND_WRITES,
    COPY = 1 << COMMAND_COPY,
    PLANS = COPY | 1 << COMMAND_RESTORE,
    BLINK = 1 << COMMAND_BLINK,
    CLOCK = 1 << COMMAND_CLOCK,
    CHANGES = WRITE | KEEP | WRITES | PLANS | BLINK | CLOCK,
    BACKUP = 1 << COMMAND_BACKUP,
    LOG = 1 << COMMAND_LOG,
    DOCTOR = 1 << COMMAND_DOCTOR,
    REPORT = 1 << COMMAND_BUG_REPORT,
    DATALOG = 1 << COMMAND_DATALOG,
    NOTE = 1 << COMMAND_NOTE,
    EXPORT = 1 << COMMAND_EXPORT,
    MESSAGES = 1 << COMMAND_MESSAGES,
    WATCHES = SCREENS | LOG | MESSAGES,
    PRINTS = BLINK | CLOCK | DOCTOR | DATALOG | LOG | EXPORT | MESSAGES | WRITE | WRITES | PLANS |
             1 << COMMAND_SCAN | 1 << COMMAND_READ | 1 << COMMAND_LIST | 1 << COMMAND_DESCRIBE |
             1 << COMMAND_COMPARE | 1 << COMMAND_DECODE,
    GRAPH = 1 << COMMAND_GRAPH,
};

static const struct option_spec specs[] = {
    {OPTION_CONNECT, "connect", 'c', "LINK", ALL, "link", "connect to LINK, as below"},
    {OPTION_DEMO, "demo", 0, NULL, ALL, NULL, "a simulated installation, no hardware needed"},
    {OPTION_SITE, "site", 0, "NAME", ALL, NULL, "link and settings from the configuration file"},
    {OPTION_READ_ONLY, "read-only", 0, NULL, ALL, "read-only",
     "send nothing but reads (or XCOMTOP_READ_ONLY=1)"},
    {OPTION_SOURCE, "source", 0, "N", ALL, "source", "our address on the link (1; CAN: 0)"},
    {OPTION_TIMEOUT, "timeout", 0, "TIME", ALL, "timeout",
     "wait this long for an answer (3s; CAN: 1s)"},
    {OPTION_WAIT, "wait", 0, "TIME", ALL, "wait", "wait this long for the link to come up"},
    {OPTION_TRACE, "trace", 0, "FILE", ALL, NULL, "write every byte to FILE, for decode"},
    {OPTION_ALLOW, "allow", 0, "ADDRESS", ALL, "allow", "who may dial in; can be repeated"},
    {OPTION_DEVICES, "devices", 0, "LIST", ALL, "devices",
     "ask only these (XT1,XT2,BSP), search for none"},
    {OPTION_LEAVE_MESSAGES, "leave-messages", 0, NULL, ALL, "leave-messages",
     "leave the gateway's messages unread"},
    {OPTION_ASCII, "ascii", 0, NULL, ALL, "ascii", "draw and print ASCII characters only"},
    {OPTION_THEME, "theme", 0, "default|light|contrast|mono|NAME", ALL, "theme",
     "colours of the screens; NAME: of a file"},
    {OPTION_VERBOSE, "verbose", 'v', NULL, ALL, NULL, "tell on stderr what the link does"},
    {OPTION_FORMAT, "format", 0, "text|csv|jsonl|sqlite", PRINTS, "log-format",
     "how results are printed (text; log: csv, sqlite)"},
    {OPTION_ONCE, "once", 0, NULL, SCREENS, NULL, "print the overview once, as text, and end"},
    {OPTION_PART, "part", 0, "value|ram|min|max|level", READ, NULL,
     "which part of a parameter (value)"},
    {OPTION_INFO, "info", 0, NULL, READ, NULL, "numbers not in the tables are infos"},
    {OPTION_PARAMETER, "parameter", 0, NULL, READ, NULL,
     "numbers not in the tables are parameters"},
    {OPTION_FLASH, "flash", 0, NULL, WRITE | COPY | WRITES, NULL,
     "write to flash, for good; list only such writes"},
    {OPTION_YES, "yes", 0, NULL, WRITE | KEEP | WRITES | NOTE, NULL, "don't ask where y would do"},
    {OPTION_CONFIRM, "confirm", 0, "WORD", CHANGES, NULL, "the word that would be asked for"},
    {OPTION_UNRECORDED, "unrecorded", 0, NULL, SCREENS | CHANGES, NULL,
     "write also when it can't be recorded"},
    {OPTION_EVERY, "every", 0, "TIME", KEEP | LOG | EXPORT, "log-every",
     "keep: write again; log, export: a row (log: 10s)"},
    {OPTION_KEEP, "keep", 0, "LIST", KEEP, "keep", "what is kept: XT1 1138 45 10m | …"},
    {OPTION_GUID, "guid", 0, "GUID", SCREENS | CHANGES | NOTE, "guid",
     "write only to the gateway with this GUID"},
    {OPTION_LAST, "last", 0, "N", WRITES | MESSAGES | REPORT, NULL, "only the last N"},
    {OPTION_SINCE, "since", 0, "TIME", WRITES | MESSAGES | EXPORT | GRAPH, NULL,
     "only since then: 2026-11-21, 'DATE 14:00', 2h, 3d"},
    {OPTION_UNTIL, "until", 0, "TIME", EXPORT | GRAPH, NULL, "only before then, likewise"},
    {OPTION_UNDO, "undo", 0, "N", WRITES, NULL, "take the write with number N back"},
    {OPTION_ONLY, "only", 0, "LIST", PLANS, NULL, "only these numbers (1138,1140-1145)"},
    {OPTION_LIMITS, "limits", 0, NULL, BACKUP, NULL, "also save what each model allows"},
    {OPTION_OUTPUT, "output", 0, "PATH", LOG | EXPORT | DATALOG, "log-output",
     "the file, - is stdout; datalog: the directory"},
    {OPTION_SELECT, "select", 0, "LIST", LOG | EXPORT, "log-select",
     "values: XT1:3000,XT*:3136,XT.sum:3136"},
    {OPTION_PRESET, "preset", 0, "NAME", LOG, "log-preset",
     "or overview, all, or one of the configuration"},
    {OPTION_SAMPLES, "count", 0, "N", LOG, NULL, "end after N rows"},
    {OPTION_WHY, "why", 0, NULL, LOG, "log-why", "also why values are missing"},
    {OPTION_SYNC, "sync", 0, "TIME", LOG, "log-sync", "onto the disk at least this often (5s)"},
    {OPTION_ROTATE, "rotate", 0, "WHEN", LOG, "log-rotate",
     "a new file daily, hourly or at a size (10M)"},
    {OPTION_ROTATE_KEEP, "rotate-keep", 0, "N", LOG, "log-rotate-keep",
     "keep N former files, remove older ones"},
    {OPTION_FOLLOW, "follow", 0, NULL, MESSAGES, NULL, "go on with new messages and alarms"},
    {OPTION_ALARM, "alarm", 0, "LIST", WATCHES, "alarm",
     "alarms on values: low: BSP:7002 < 40 for 1m | ..."},
    {OPTION_ON_MESSAGE, "on-message", 0, "CMD", WATCHES, "on-message",
     "run CMD for each new message and alarm"},
    {OPTION_SET, "set", 0, NULL, CLOCK, NULL, "set it to this computer's local time"},
    {OPTION_WIDTH, "width", 0, "N", GRAPH, NULL, "columns of the picture (the terminal's)"},
    {OPTION_HEIGHT, "height", 0, "N", GRAPH, NULL, "rows of the picture (24)"},
    {OPTION_HISTORY, "history", 0, "FILE", SCREENS, "history",
     "a log in SQLite to read for older times"},
    {OPTION_ALL, "all", 0, NULL, DATALOG, NULL, "get all files of the list"},
    {OPTION_NEW, "new", 0, NULL, DATALOG, NULL, "get those that aren't here, or not whole"},
    {OPTION_DATALOG_DIRECTORY, "datalog-directory", 0, "DIR", SCREENS | DATALOG,
     "datalog-directory", "where datalog files are kept"},
    {OPTION_QUIET_HOURS, "quiet-hours", 0, NULL, SCREENS | DATALOG, "quiet-hours",
     "fetch none from 23:59 to 01:00: the portal does"},
    {OPTION_VALUES, "values", 0, NULL, REPORT, NULL, "also addresses, names and settings"},
    {OPTION_HELP, "help", 'h', NULL, ALL, NULL, "explain xcomtop, or the command"},
    {OPTION_VERSION, "version", 0, NULL, ALL, NULL, "print versions"},
};

_Static_assert(sizeof commands / sizeof *commands == COMMAND_COUNT, "a row a command");
_Static_assert(sizeof specs / sizeof *specs == OPTION_COUNT, "a row an option");

const struct command *command_at(size_t i)
{
    return i < COMMAND_COUNT ? &commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].name[0] && strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

const struct option_spec *option_at(size_t i)
{
    return i < OPTION_COUNT ? &specs[i] : NULL;
}

const char *option_argument(const struct option_spec *spec, const struct command *command)
{
    if (spec->key != OPTION_FORMAT || (command && !(spec->commands & 1u << command->key)))
        return spec->argument;
    if (!command || command->key == COMMAND_LOG)
        return "csv|jsonl|sqlite";
    return command->key == COMMAND_EXPORT ? "csv|jsonl" : "text|csv|jsonl";
}

// --- Help ----------------------------------------------------------------------------------------

// command: NULL: all.
static void help_option(FILE *out, const struct option_spec *spec, const struct command *command)
{
    const char *argument = command ? option_argument(spec, command) : spec->argument;
    char left[64];
    size_t used = 0;

    text_append(left, sizeof left, &used, spec->letter ? "  -%c, " : "      ", spec->letter);
    text_append(left, sizeof left, &used, "--%s", spec->name);
    if (argument)
        text_append(left, sizeof left, &used, " %s", argument);
    if (used > 28)
        fprintf(out, "%s\n%30s%s\n", left, "", spec->help);
    else
        fprintf(out, "%-30s%s\n", left, spec->help);
}

static void help_links(FILE *out)
{
    fputs("\n"
          "LINK:\n"
          "  serial:/dev/ttyUSB0[?baud=38400&parity=even]\n"
          "                              Xcom-232i; what isn't given is found by trying\n"
          "  tcp-listen:[ADDR:]PORT      Xcom-LAN that dials in (usually to port 4001)\n"
          "  tcp:HOST:PORT               Xcom-LAN that is called\n"
          "  udp:HOST:PORT[?local=PORT]  Xcom-LAN over UDP\n"
          "  can:can0[?bitrate=250000]   Xcom-CAN; with bitrate one that is down is started\n"
          "  slcan:/dev/ttyACM0[?bitrate=250000]\n"
          "                              Xcom-CAN through a serial-line CAN adapter\n"
          "  demo:[xt=3,vt=2,vs=1,bsp]   a simulated installation\n"
          "  short: /dev/ttyUSB0, :PORT, HOST:PORT, can0; in quotes where there is ? or &\n",
          out);
}

static void help_all(FILE *out)
{
    fputs("xcomtop: a terminal monitor for Studer-Innotec solar installations\n"
          "\n"
          "  xcomtop -c LINK             the live screens\n"
          "  xcomtop --demo              the same, on a simulated installation\n"
          "  xcomtop [-c LINK] COMMAND   one of these:\n"
          "\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char left[64];
        if (!commands[i].name[0])
            continue;
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].words);
        // The width of printf counts bytes.
        fprintf(out, "  %s%*s%s\n", left, 28 - text_width(left), "", commands[i].summary);
    }
    fprintf(out, "\n%s\nOptions, anywhere on the line:\n", commands[COMMAND_SCREENS].details);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        help_option(out, &specs[i], NULL);
    help_links(out);
    fputs("\n"
          "Exit status: 0 done, 1 refused, 2 wrong usage or no terminal, 3 no link or no\n"
          "answer, 4 partly done, 5 it isn't known whether a write was done. See xcomtop(1)\n"
          "and xcomtop.conf(5).\n",
          out);
}

// These have links, and do without.
static bool takes_link(const struct command *command)
{
    return command->needs_link || command->key == COMMAND_DOCTOR ||
           command->key == COMMAND_BUG_REPORT;
}

void options_help(FILE *out, const struct command *command)
{
    if (!command || command->key == COMMAND_HELP) {
        help_all(out);
        return;
    }
    fprintf(out, "xcomtop %s%s%s [OPTION…]: %s\n\n%s", command->name, command->words[0] ? " " : "",
            command->words, command->summary, command->details);
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        // Options that only a link has a use for aren't worth a line where there is none.
        if (specs[i].commands & 1u << command->key &&
            (takes_link(command) || specs[i].commands != ALL || specs[i].key == OPTION_ASCII ||
             specs[i].key == OPTION_HELP))
            help_option(out, &specs[i], command);
    if (takes_link(command))
        help_links(out);
}
