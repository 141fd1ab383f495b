// SPDX-License-Identifier: MIT
#include "cmd/completion.h"

#include <stdbool.h>
#include <string.h>

#include "catalogue/address.h"
#include "cmd/options.h"

const char *const shell_names[SHELL_COUNT] = {"bash", "zsh", "fish"};

// --- What stands where ---------------------------------------------------------------------------

// What can be in the place of an option's argument or of a word of a command.
enum content {
    CONTENT_ANY, // nothing that a shell could know
    CONTENT_WORDS,
    CONTENT_FILE,
    CONTENT_DIRECTORY,
    CONTENT_LINK,
    CONTENT_SITE,
    CONTENT_DEVICE,
    CONTENT_DEVICES, // joined by commas
    CONTENT_ID,
    CONTENT_DEVICE_OR_ID,
    CONTENT_THEME,
    CONTENT_FAMILY,
    CONTENT_COMMAND,
    CONTENT_COUNT,
};

// Names as they stand in the tables of options.c, alternatives joined by |, with … where there may
// be several.
static enum content content_of(const char *name, size_t length)
{
    static const struct {
        const char *name;
        enum content content;
    } contents[] = {
        {"FILE", CONTENT_FILE},     {"FILE2", CONTENT_FILE},    {"PATH", CONTENT_FILE},
        {"DIR", CONTENT_DIRECTORY}, {"LINK", CONTENT_LINK},     {"SITE", CONTENT_SITE},
        {"DEVICE", CONTENT_DEVICE}, {"FROM", CONTENT_DEVICE},   {"TO", CONTENT_DEVICES},
        {"ID", CONTENT_ID},         {"FAMILY", CONTENT_FAMILY}, {"COMMAND", CONTENT_COMMAND},
    };

    for (size_t at = 0; at < length; at++) {
        size_t here = 0;
        while (at + here < length && name[at + here] != '|')
            here++;
        for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
            if (strlen(contents[i].name) == here && strncmp(contents[i].name, name + at, here) == 0)
                return contents[i].content;
        at += here;
    }
    // Words themselves are in lower case.
    return length > 0 && name[0] >= 'a' && name[0] <= 'z' ? CONTENT_WORDS : CONTENT_ANY;
}

static enum content content_of_option(const struct option_spec *spec)
{
    if (spec->key == OPTION_SITE)
        return CONTENT_SITE;
    if (spec->key == OPTION_DEVICES)
        return CONTENT_DEVICES;
    if (spec->key == OPTION_THEME)
        return CONTENT_THEME;
    return content_of(spec->argument, strlen(spec->argument));
}

// at: 0 for the command's first word.
static enum content content_of_word(const struct command *command, unsigned at, const char *word,
                                    size_t length)
{
    if (at == 0 && command->key == COMMAND_READ)
        return CONTENT_DEVICES;
    // There the device may be left out.
    if (at == 0 && command->key == COMMAND_DESCRIBE)
        return CONTENT_DEVICE_OR_ID;
    return content_of(word, length);
}

// The next word of a command's words ("[FAMILY] [TEXT…]"): where it is, and how long. NULL at the
// end; often is set where it can be repeated.
static const char *next_word(const char **words, size_t *length, bool *often)
{
    static const char dots[] = "…";
    const char *start = *words + strspn(*words, " []");
    size_t whole = strcspn(start, " []");
    const char *more = strstr(start, dots);

    if (*start == '\0')
        return NULL;
    *often = more && more < start + whole;
    *length = *often && more[sizeof dots - 1] != '|' ? (size_t)(more - start) : whole;
    *words = start + whole;
    return start;
}

// Words joined by | with blanks in between; one in capitals stands for others.
static void put_words(FILE *out, const char *words, size_t length)
{
    for (size_t i = 0, word; i < length; i += word + 1) {
        word = strcspn(words + i, "|");
        word = word < length - i ? word : length - i;
        if (words[i] >= 'a' && words[i] <= 'z')
            fprintf(out, "%s%.*s", i > 0 ? " " : "", (int)word, words + i);
    }
}

static void put_commands(FILE *out)
{
    const struct command *command;

    for (size_t i = 0; (command = command_at(i)); i++)
        if (command->name[0])
            fprintf(out, "%s ", command->name);
}

static void put_themes(FILE *out)
{
    const struct option_spec *spec = option_at(OPTION_THEME);

    put_words(out, spec->argument, strlen(spec->argument));
}

// In double quotes of a shell, as the tables' texts can stand there: none has a backquote or $.
static void put_quoted(FILE *out, const char *text, const char *escape)
{
    for (const char *c = text; *c; c++)
        fprintf(out, strchr(escape, *c) ? "\\%c" : "%c", *c);
}

static bool takes(const struct command *command, const struct option_spec *spec)
{
    return spec->commands & 1u << command->key;
}

// For each option that takes an argument: its names as alternatives of a shell's case.
static void put_case(FILE *out, const struct option_spec *spec)
{
    fprintf(out, "--%s", spec->name);
    if (spec->letter)
        fprintf(out, "|-%c", spec->letter);
}

static void put_option_names(FILE *out, const struct command *command)
{
    const struct option_spec *spec;

    for (size_t i = 0; (spec = option_at(i)); i++)
        if (takes(command, spec))
            fprintf(out, "--%s ", spec->name);
}

static void put_devices(FILE *out)
{
    static const char *const others[] = {"L1", "L2", "L3", "XCOM"};

    for (enum family family = FAMILY_XT; family < FAMILY_COUNT; family++)
        for (unsigned index = 1; family != FAMILY_RCC && index <= family_devices_max(family);
             index++) {
            char name[DEVICE_NAME_MAX];
            fprintf(out, "%s ", device_name(family, index, name, sizeof name));
        }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        fprintf(out, "%s ", others[i]);
}

static void put_families(FILE *out)
{
    for (enum family family = FAMILY_XT; family < FAMILY_COUNT; family++)
        fprintf(out, "%s ", family_name(family));
}

// How a shell is told what can be in a place.
struct dialect {
    const char *before, *after;        // around words to choose from
    const char *others[CONTENT_COUNT]; // of what isn't words
};

static void put_content(FILE *out, const struct dialect *dialect, enum content content,
                        const char *words, size_t length)
{
    if (dialect->others[content]) {
        fputs(dialect->others[content], out);
        return;
    }
    fputs(dialect->before, out);
    if (content == CONTENT_FAMILY)
        put_families(out);
    else if (content == CONTENT_COMMAND)
        put_commands(out);
    else
        put_words(out, words, length);
    fputs(dialect->after, out);
}

// --- bash ----------------------------------------------------------------------------------------

static const struct dialect bash = {
    "_xcomtop_words '",
    "'",
    {[CONTENT_ANY] = ":",
     [CONTENT_FILE] = "_filedir",
     [CONTENT_DIRECTORY] = "_filedir -d",
     [CONTENT_LINK] = "_xcomtop_link",
     [CONTENT_SITE] = "_xcomtop_site",
     [CONTENT_DEVICE] = "_xcomtop_device",
     [CONTENT_DEVICES] = "_xcomtop_device",
     [CONTENT_ID] = "_xcomtop_id",
     [CONTENT_DEVICE_OR_ID] = "_xcomtop_device_or_id",
     [CONTENT_THEME] = "_xcomtop_theme"},
};

// What is behind an option; for some it depends on the command.
static void bash_argument(FILE *out, const struct option_spec *spec)
{
    static const enum command_key others[] = {COMMAND_LOG, COMMAND_EXPORT};
    const char *argument = option_argument(spec, command_at(COMMAND_READ));

    if (argument == spec->argument) {
        put_content(out, &bash, content_of_option(spec), argument, strlen(argument));
        return;
    }
    fputs("case $command in", out);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct command *command = command_at(others[i]);
        fprintf(out, " %s) ", command->name);
        put_content(out, &bash, content_of_option(spec), option_argument(spec, command),
                    strlen(option_argument(spec, command)));
        fputs(" ;;", out);
    }
    fputs(" *) ", out);
    put_content(out, &bash, content_of_option(spec), argument, strlen(argument));
    fputs(" ;; esac", out);
}

static void bash_command(FILE *out, const struct command *command)
{
    const char *words = command->words, *word;
    bool often = false;
    size_t length;

    for (unsigned at = 0; (word = next_word(&words, &length, &often)); at++) {
        fprintf(out, "        %s:%s) ", command->name, often ? "*" : (char[]){(char)('0' + at), 0});
        put_content(out, &bash, content_of_word(command, at, word, length), word, length);
        fputs(" ;;\n", out);
    }
}

static void bash_script(FILE *out)
{
    const struct command *command;
    const struct option_spec *spec;

    fputs("# bash completion for xcomtop; made by \"xcomtop completion bash\"\n"
          "\n"
          "_xcomtop_words()\n"
          "{\n"
          "    COMPREPLY=($(compgen -W \"$1\" -- \"$cur\"))\n"
          "}\n"
          "\n"
          "_xcomtop_link()\n"
          "{\n"
          "    local kinds='serial: tcp: tcp-listen: udp: can: slcan: demo:'\n"
          "    local ports\n"
          "    ports=$(compgen -G '/dev/tty[UA][SC][BM]*'; compgen -G '/dev/serial/by-id/*')\n"
          "    COMPREPLY=($(compgen -W \"$kinds $ports\" -- "
          "\"$cur\"))\n"
          "    __ltrim_colon_completions \"$cur\"\n"
          "    [[ ${COMPREPLY-} == *: ]] && compopt -o nospace\n"
          "}\n"
          "\n"
          "_xcomtop_site()\n"
          "{\n"
          "    local sites\n"
          "    sites=$(sed -n 's/^\\[\\(.*\\)\\].*/\\1/p' "
          "\"${XDG_CONFIG_HOME:-$HOME/.config}/xcomtop/xcomtop.conf\" 2>/dev/null)\n"
          "    COMPREPLY=($(compgen -W \"$sites\" -- \"$cur\"))\n"
          "}\n"
          "\n"
          "_xcomtop_device()\n"
          "{\n"
          "    local before=\n"
          "    [[ $cur == *,* ]] && before=${cur%,*},\n"
          "    COMPREPLY=($(compgen -P \"$before\" -W '",
          out);
    put_devices(out);
    fputs("' -- \"${cur##*,}\"))\n"
          "}\n"
          "\n"
          "_xcomtop_id()\n"
          "{\n"
          "    COMPREPLY=($(compgen -W \"$(xcomtop completion ids ${device%%[0-9,.*]*} "
          "2>/dev/null | cut -f 1)\" -- \"$cur\"))\n"
          "}\n"
          "\n"
          "_xcomtop_device_or_id()\n"
          "{\n"
          "    if [[ $cur == [0-9]* ]]; then _xcomtop_id; else _xcomtop_device; fi\n"
          "}\n"
          "\n"
          "_xcomtop_theme()\n"
          "{\n"
          "    local own\n"
          "    # What is offered is expanded by bash: only names that are allowed.\n"
          "    own=$(cd \"${XDG_CONFIG_HOME:-$HOME/.config}/xcomtop/themes\" 2>/dev/null &&\n"
          "        compgen -G '*.theme' | sed -n 's/^\\([A-Za-z0-9_-]*\\)\\.theme$/\\1/p')\n"
          "    COMPREPLY=($(compgen -W \"",
          out);
    put_themes(out);
    fputs(" $own\" -- \"$cur\"))\n"
          "}\n"
          "\n"
          "_xcomtop()\n"
          "{\n"
          "    local cur prev words cword command= device= at=0 i\n"
          "    _init_completion -n := || return\n"
          "    # Which command, and which of its words.\n"
          "    for ((i = 1; i < cword; i++)); do\n"
          "        case ${words[i]} in\n"
          "            ",
          out);
    for (size_t i = 0, before = 0; (spec = option_at(i)); i++) {
        if (!spec->argument)
            continue;
        fputs(before++ ? "|" : "", out);
        put_case(out, spec);
    }
    fputs(") ((i++)) ;;\n"
          "            -*) ;;\n"
          "            *)\n"
          "                if [[ -z $command ]]; then command=${words[i]}\n"
          "                else ((at++)) || device=${words[i]}; fi ;;\n"
          "        esac\n"
          "    done\n"
          "    case $prev in\n",
          out);
    for (size_t i = 0; (spec = option_at(i)); i++) {
        if (!spec->argument)
            continue;
        fputs("        ", out);
        put_case(out, spec);
        fputs(") ", out);
        bash_argument(out, spec);
        fputs("; return ;;\n", out);
    }
    fputs("    esac\n"
          "    if [[ $cur == -* ]]; then\n"
          "        case $command in\n",
          out);
    for (size_t i = 0; (command = command_at(i)); i++) {
        fprintf(out, "            %s) _xcomtop_words '", command->name[0] ? command->name : "''");
        put_option_names(out, command);
        fputs("' ;;\n", out);
    }
    fputs("        esac\n"
          "        return\n"
          "    fi\n"
          "    case $command:$at in\n"
          "        :0) _xcomtop_words '",
          out);
    put_commands(out);
    fputs("' ;;\n", out);
    for (size_t i = 0; (command = command_at(i)); i++)
        bash_command(out, command);
    fputs("    esac\n"
          "} &&\n"
          "    complete -F _xcomtop xcomtop\n",
          out);
}

// --- zsh -----------------------------------------------------------------------------------------

static const struct dialect zsh = {
    "(",
    ")",
    {[CONTENT_ANY] = " ",
     [CONTENT_FILE] = "_files",
     [CONTENT_DIRECTORY] = "_files -/",
     [CONTENT_LINK] = "_xcomtop_link",
     [CONTENT_SITE] = "_xcomtop_site",
     [CONTENT_DEVICE] = "_xcomtop_device",
     [CONTENT_DEVICES] = "_xcomtop_devices",
     [CONTENT_ID] = "_xcomtop_id",
     [CONTENT_DEVICE_OR_ID] = "_xcomtop_device_or_id",
     [CONTENT_THEME] = "_xcomtop_theme"},
};

static void zsh_option(FILE *out, const struct option_spec *spec, const struct command *command)
{
    fputs("        ", out);
    if (spec->letter)
        fprintf(out, "'(-%c --%s)'{-%c,--%s}\"", spec->letter, spec->name, spec->letter,
                spec->name);
    else
        fprintf(out, "\"--%s", spec->name);
    fputs("[", out);
    put_quoted(out, spec->help, "[]:\"");
    fputs("]", out);
    const char *argument = option_argument(spec, command);
    if (argument) {
        fputs(":", out);
        put_quoted(out, argument, "[]:\"");
        fputs(":", out);
        put_content(out, &zsh, content_of_option(spec), argument, strlen(argument));
    }
    fputs("\"\n", out);
}

static void zsh_command(FILE *out, const struct command *command)
{
    const char *words = command->words, *word;
    const struct option_spec *spec;
    bool often = false;
    size_t length;

    fprintf(out, "    (%s) arguments+=(\n", command->name);
    for (size_t i = 0; (spec = option_at(i)); i++)
        if (takes(command, spec))
            zsh_option(out, spec, command);
    for (unsigned at = 0; (word = next_word(&words, &length, &often)); at++) {
        fprintf(out, "        \"%s:%.*s:", often ? "*" : "", (int)length, word);
        put_content(out, &zsh, content_of_word(command, at, word, length), word, length);
        fputs("\"\n", out);
    }
    fputs("    ) ;;\n", out);
}

static void zsh_script(FILE *out)
{
    const struct command *command;
    const struct option_spec *spec;

    fputs("#compdef xcomtop\n"
          "# made by \"xcomtop completion zsh\"\n"
          "\n"
          "_xcomtop_link() {\n"
          "    local -a ports=(/dev/serial/by-id/*(N) /dev/ttyUSB*(N) /dev/ttyACM*(N))\n"
          "    compadd -S '' -- serial: tcp: tcp-listen: udp: can: slcan: demo:\n"
          "    compadd -- $ports\n"
          "}\n"
          "\n"
          "_xcomtop_site() {\n"
          "    local file=${XDG_CONFIG_HOME:-$HOME/.config}/xcomtop/xcomtop.conf\n"
          "    compadd -- ${(f)\"$(sed -n 's/^\\[\\(.*\\)\\].*/\\1/p' $file 2>/dev/null)\"}\n"
          "}\n"
          "\n"
          "_xcomtop_device() {\n"
          "    compadd -- ",
          out);
    put_devices(out);
    fputs("\n"
          "}\n"
          "\n"
          "_xcomtop_devices() {\n"
          "    _values -s , device ",
          out);
    put_devices(out);
    fputs("\n"
          "}\n"
          "\n"
          "_xcomtop_device_or_id() {\n"
          "    if [[ $PREFIX == [0-9]* ]]; then _xcomtop_id; else _xcomtop_device; fi\n"
          "}\n"
          "\n"
          "_xcomtop_theme() {\n"
          "    compadd -- ",
          out);
    put_themes(out);
    fputs(" ${XDG_CONFIG_HOME:-$HOME/.config}/xcomtop/themes/*.theme(N:t:r)\n"
          "}\n"
          "\n"
          "_xcomtop_id() {\n"
          "    local -a ids=(${(f)\"$(xcomtop completion ids ${${line[1]}%%[0-9,.*]*} "
          "2>/dev/null)\"})\n"
          "    ids=(${ids//:/\\\\:})\n"
          "    ids=(${ids/$'\\t'/:})\n"
          "    _describe -V id ids\n"
          "}\n"
          "\n"
          "_xcomtop_command() {\n"
          "    local -a commands=(\n",
          out);
    for (size_t i = 0; (command = command_at(i)); i++) {
        if (!command->name[0])
            continue;
        fprintf(out, "        \"%s:", command->name);
        put_quoted(out, command->summary, "\":");
        fputs("\"\n", out);
    }
    fputs("    )\n"
          "    _describe command commands\n"
          "}\n"
          "\n"
          "_xcomtop() {\n"
          "    local curcontext=$curcontext command= i\n"
          "    local -a arguments line\n"
          "    local -A opt_args\n"
          "    for ((i = 2; i < CURRENT; i++)); do\n"
          "        case ${words[i]} in\n"
          "            (",
          out);
    for (size_t i = 0, before = 0; (spec = option_at(i)); i++) {
        if (!spec->argument)
            continue;
        fputs(before++ ? "|" : "", out);
        put_case(out, spec);
    }
    fputs(") ((i++)) ;;\n"
          "            (-*) ;;\n"
          "            (*) command=${words[i]}; words[i]=(); ((CURRENT--)); break ;;\n"
          "        esac\n"
          "    done\n"
          "    case $command in\n"
          "    ('') arguments+=(\n",
          out);
    for (size_t i = 0; (spec = option_at(i)); i++)
        if (takes(command_at(0), spec))
            zsh_option(out, spec, command_at(0));
    fputs("        \"1:command:_xcomtop_command\"\n    ) ;;\n", out);
    for (size_t i = 0; (command = command_at(i)); i++)
        if (command->name[0])
            zsh_command(out, command);
    fputs("    esac\n"
          "    _arguments -S $arguments\n"
          "}\n"
          "\n"
          "_xcomtop \"$@\"\n",
          out);
}

// --- fish ----------------------------------------------------------------------------------------

static const struct dialect fish = {
    "-x -a '",
    "'",
    {[CONTENT_ANY] = "-x",
     [CONTENT_FILE] = "-F",
     [CONTENT_DIRECTORY] = "-x -a '(__fish_complete_directories)'",
     [CONTENT_LINK] = "-x -a '(__xcomtop_links)'",
     [CONTENT_SITE] = "-x -a '(__xcomtop_sites)'",
     [CONTENT_DEVICE] = "-x -a '(__xcomtop_devices)'",
     [CONTENT_DEVICES] = "-x -a '(__xcomtop_devices)'",
     [CONTENT_ID] = "-x -a '(__xcomtop_ids)'",
     [CONTENT_DEVICE_OR_ID] = "-x -a '(__xcomtop_devices; __xcomtop_ids)'",
     [CONTENT_THEME] = "-x -a '(__xcomtop_themes)'"},
};

// An option, for those commands behind which the same stands as behind one's; NULL: for all.
static void fish_option(FILE *out, const struct option_spec *spec, const struct command *like)
{
    const char *argument = like ? option_argument(spec, like) : spec->argument;
    const struct command *command;

    fputs("complete -c xcomtop", out);
    // Options of all commands need no condition; the screens have no name.
    if (like) {
        fputs(" -n '__xcomtop_in ", out);
        for (size_t i = 0; (command = command_at(i)); i++)
            if (takes(command, spec) && option_argument(spec, command) == argument)
                fprintf(out, "%s ", command->name[0] ? command->name : "screens");
        fputs("'", out);
    }
    fprintf(out, " -l %s", spec->name);
    if (spec->letter)
        fprintf(out, " -s %c", spec->letter);
    fputs(" ", out);
    if (argument)
        put_content(out, &fish, content_of_option(spec), argument, strlen(argument));
    else
        fputs("-f", out);
    fputs(" -d \"", out);
    put_quoted(out, spec->help, "\"");
    fputs("\"\n", out);
}

static void fish_options(FILE *out, const struct option_spec *spec)
{
    const struct command *command, *before;
    size_t j;

    if (takes(command_find("help"), spec)) {
        fish_option(out, spec, NULL);
        return;
    }
    // Once for each of what can stand behind it.
    for (size_t i = 0; (command = command_at(i)); i++) {
        for (j = 0; (before = command_at(j)) != command; j++)
            if (takes(before, spec) &&
                option_argument(spec, before) == option_argument(spec, command))
                break;
        if (takes(command, spec) && before == command)
            fish_option(out, spec, command);
    }
}

static void fish_command(FILE *out, const struct command *command)
{
    const char *words = command->words, *word;
    bool often = false;
    size_t length;

    fprintf(out, "complete -c xcomtop -n '__xcomtop_in screens' -f -a %s -d \"", command->name);
    put_quoted(out, command->summary, "\"");
    fputs("\"\n", out);
    for (unsigned at = 1; (word = next_word(&words, &length, &often)); at++) {
        fprintf(out, "complete -c xcomtop -n '__xcomtop_at %s %u%s' ", command->name, at,
                often ? " more" : "");
        put_content(out, &fish, content_of_word(command, at - 1, word, length), word, length);
        fputs("\n", out);
    }
}

static void fish_script(FILE *out)
{
    const struct command *command;
    const struct option_spec *spec;

    fputs("# fish completion for xcomtop; made by \"xcomtop completion fish\"\n"
          "\n"
          "# The command and its words so far, without options.\n"
          "function __xcomtop_words\n"
          "    set -l tokens (commandline -opc)\n"
          "    set -l skip 1\n"
          "    for token in $tokens\n"
          "        if test $skip = 1\n"
          "            set skip 0\n"
          "            continue\n"
          "        end\n"
          "        switch $token\n"
          "            case",
          out);
    for (size_t i = 0; (spec = option_at(i)); i++) {
        if (!spec->argument)
            continue;
        fprintf(out, " --%s", spec->name);
        if (spec->letter)
            fprintf(out, " -%c", spec->letter);
    }
    fputs("\n"
          "                set skip 1\n"
          "            case '-*'\n"
          "            case '*'\n"
          "                echo $token\n"
          "        end\n"
          "    end\n"
          "end\n"
          "\n"
          "# Is it one of these commands? Without any it is the screens.\n"
          "function __xcomtop_in\n"
          "    set -l words (__xcomtop_words)\n"
          "    set -q words[1]; or set words screens\n"
          "    contains -- $words[1] $argv\n"
          "end\n"
          "\n"
          "# Is it this command's word of this number (or one behind it)?\n"
          "function __xcomtop_at\n"
          "    set -l words (__xcomtop_words)\n"
          "    test \"$words[1]\" = $argv[1]; or return 1\n"
          "    test (count $words) = $argv[2]; and return 0\n"
          "    set -q argv[3]; and test (count $words) -gt $argv[2]\n"
          "end\n"
          "\n"
          "function __xcomtop_links\n"
          "    printf '%s\\n' serial: tcp: tcp-listen: udp: can: slcan: demo:\n"
          "    for port in /dev/serial/by-id/* /dev/ttyUSB* /dev/ttyACM*\n"
          "        echo $port\n"
          "    end\n"
          "end\n"
          "\n"
          "function __xcomtop_sites\n"
          "    set -l home $XDG_CONFIG_HOME\n"
          "    test -n \"$home\"; or set home ~/.config\n"
          "    sed -n 's/^\\[\\(.*\\)\\].*/\\1/p' $home/xcomtop/xcomtop.conf 2>/dev/null\n"
          "end\n"
          "\n"
          "function __xcomtop_themes\n"
          "    set -l home $XDG_CONFIG_HOME\n"
          "    test -n \"$home\"; or set home ~/.config\n"
          "    string split ' ' -- '",
          out);
    put_themes(out);
    fputs("'\n"
          "    for file in $home/xcomtop/themes/*.theme\n"
          "        string replace -rf '.*/([A-Za-z0-9_-]+)\\.theme$' '$1' -- $file\n"
          "    end\n"
          "end\n"
          "\n"
          "function __xcomtop_devices\n"
          "    string split ' ' -- '",
          out);
    put_devices(out);
    fputs("'\n"
          "end\n"
          "\n"
          "function __xcomtop_ids\n"
          "    set -l words (__xcomtop_words)\n"
          "    xcomtop completion ids (string replace -r '[0-9,.*].*' '' -- \"$words[2]\") "
          "2>/dev/null\n"
          "end\n"
          "\n",
          out);
    for (size_t i = 0; (command = command_at(i)); i++)
        if (command->name[0])
            fish_command(out, command);
    fputs("complete -c xcomtop -f\n", out);
    for (size_t i = 0; (spec = option_at(i)); i++)
        fish_options(out, spec);
}

// --- The functions -------------------------------------------------------------------------------

void completion_script(FILE *out, enum shell shell)
{
    static void (*const scripts[SHELL_COUNT])(FILE *) = {bash_script, zsh_script, fish_script};

    scripts[shell](out);
}

void completion_ids(FILE *out, enum family family)
{
    unsigned before = 0;
    const struct datapoint *datapoint;

    for (size_t i = 0; (datapoint = catalogue_at(i)); i++) {
        if (datapoint_kind(datapoint) == KIND_MENU || datapoint_id(datapoint) == before ||
            (family != FAMILY_NONE && datapoint_family(datapoint) != family))
            continue;
        before = datapoint_id(datapoint);
        fprintf(out, "%u\t%s\n", before, datapoint_name(datapoint));
    }
}
