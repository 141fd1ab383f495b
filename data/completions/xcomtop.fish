# fish completion for xcomtop; made by "xcomtop completion fish"

# The command and its words so far, without options.
function __xcomtop_words
    set -l tokens (commandline -opc)
    set -l skip 1
    for token in $tokens
        if test $skip = 1
            set skip 0
            continue
        end
        switch $token
            case --connect -c --site --source --timeout --wait --trace --allow --devices --theme --format --part --confirm --every --keep --guid --last --since --until --undo --only --output --select --preset --count --sync --rotate --rotate-keep --alarm --on-message --width --height --history --datalog-directory
                set skip 1
            case '-*'
            case '*'
                echo $token
        end
    end
end

# Is it one of these commands? Without any it is the screens.
function __xcomtop_in
    set -l words (__xcomtop_words)
    set -q words[1]; or set words screens
    contains -- $words[1] $argv
end

# Is it this command's word of this number (or one behind it)?
function __xcomtop_at
    set -l words (__xcomtop_words)
    test "$words[1]" = $argv[1]; or return 1
    test (count $words) = $argv[2]; and return 0
    set -q argv[3]; and test (count $words) -gt $argv[2]
end

function __xcomtop_links
    printf '%s\n' serial: tcp: tcp-listen: udp: can: slcan: demo:
    for port in /dev/serial/by-id/* /dev/ttyUSB* /dev/ttyACM*
        echo $port
    end
end

function __xcomtop_sites
    set -l home $XDG_CONFIG_HOME
    test -n "$home"; or set home ~/.config
    sed -n 's/^\[\(.*\)\].*/\1/p' $home/xcomtop/xcomtop.conf 2>/dev/null
end

function __xcomtop_themes
    set -l home $XDG_CONFIG_HOME
    test -n "$home"; or set home ~/.config
    string split ' ' -- 'default light contrast mono'
    for file in $home/xcomtop/themes/*.theme
        string replace -rf '.*/([A-Za-z0-9_-]+)\.theme$' '$1' -- $file
    end
end

function __xcomtop_devices
    string split ' ' -- 'XT1 XT2 XT3 XT4 XT5 XT6 XT7 XT8 XT9 VT1 VT2 VT3 VT4 VT5 VT6 VT7 VT8 VT9 VT10 VT11 VT12 VT13 VT14 VT15 VS1 VS2 VS3 VS4 VS5 VS6 VS7 VS8 VS9 VS10 VS11 VS12 VS13 VS14 VS15 BSP BMS L1 L2 L3 XCOM '
end

function __xcomtop_ids
    set -l words (__xcomtop_words)
    xcomtop completion ids (string replace -r '[0-9,.*].*' '' -- "$words[2]") 2>/dev/null
end

complete -c xcomtop -n '__xcomtop_in screens' -f -a scan -d "list the devices: model, firmware, FID"
complete -c xcomtop -n '__xcomtop_in screens' -f -a read -d "read values of devices"
complete -c xcomtop -n '__xcomtop_at read 1' -x -a '(__xcomtop_devices)'
complete -c xcomtop -n '__xcomtop_at read 2 more' -x -a '(__xcomtop_ids)'
complete -c xcomtop -n '__xcomtop_in screens' -f -a write -d "change a parameter"
complete -c xcomtop -n '__xcomtop_at write 1' -x -a '(__xcomtop_devices)'
complete -c xcomtop -n '__xcomtop_at write 2' -x -a '(__xcomtop_ids)'
complete -c xcomtop -n '__xcomtop_at write 3' -x
complete -c xcomtop -n '__xcomtop_in screens' -f -a keep -d "hold a RAM value until stopped"
complete -c xcomtop -n '__xcomtop_at keep 1' -x -a '(__xcomtop_devices)'
complete -c xcomtop -n '__xcomtop_at keep 2' -x -a '(__xcomtop_ids)'
complete -c xcomtop -n '__xcomtop_at keep 3' -x
complete -c xcomtop -n '__xcomtop_in screens' -f -a writes -d "list the record of writes, undo one"
complete -c xcomtop -n '__xcomtop_at writes 1' -x -a '(__xcomtop_devices)'
complete -c xcomtop -n '__xcomtop_at writes 2' -x -a '(__xcomtop_ids)'
complete -c xcomtop -n '__xcomtop_in screens' -f -a blink -d "make a device's LEDs flash"
complete -c xcomtop -n '__xcomtop_at blink 1' -x -a '(__xcomtop_devices)'
complete -c xcomtop -n '__xcomtop_in screens' -f -a clock -d "tell or set the installation's clock"
complete -c xcomtop -n '__xcomtop_in screens' -f -a list -d "search infos and parameters"
complete -c xcomtop -n '__xcomtop_at list 1' -x -a 'XT VT VS BSP BMS RCC '
complete -c xcomtop -n '__xcomtop_at list 2 more' -x
complete -c xcomtop -n '__xcomtop_in screens' -f -a describe -d "tell everything about a number"
complete -c xcomtop -n '__xcomtop_at describe 1' -x -a '(__xcomtop_devices; __xcomtop_ids)'
complete -c xcomtop -n '__xcomtop_at describe 2 more' -x -a '(__xcomtop_ids)'
complete -c xcomtop -n '__xcomtop_in screens' -f -a backup -d "save all settings in a file"
complete -c xcomtop -n '__xcomtop_at backup 1' -F
complete -c xcomtop -n '__xcomtop_in screens' -f -a compare -d "compare a backup with something"
complete -c xcomtop -n '__xcomtop_at compare 1' -F
complete -c xcomtop -n '__xcomtop_at compare 2' -F
complete -c xcomtop -n '__xcomtop_in screens' -f -a restore -d "write a backup's settings back"
complete -c xcomtop -n '__xcomtop_at restore 1' -F
complete -c xcomtop -n '__xcomtop_in screens' -f -a copy -d "copy settings to other devices"
complete -c xcomtop -n '__xcomtop_at copy 1' -x -a '(__xcomtop_devices)'
complete -c xcomtop -n '__xcomtop_at copy 2' -x -a '(__xcomtop_devices)'
complete -c xcomtop -n '__xcomtop_in screens' -f -a decode -d "explain frames of SCOM and on CAN"
complete -c xcomtop -n '__xcomtop_at decode 1 more' -F
complete -c xcomtop -n '__xcomtop_in screens' -f -a log -d "write values to a file, for years"
complete -c xcomtop -n '__xcomtop_in screens' -f -a export -d "turn a log in SQLite into CSV"
complete -c xcomtop -n '__xcomtop_at export 1' -F
complete -c xcomtop -n '__xcomtop_in screens' -f -a graph -d "draw what is in a log"
complete -c xcomtop -n '__xcomtop_at graph 1' -F
complete -c xcomtop -n '__xcomtop_at graph 2 more' -x
complete -c xcomtop -n '__xcomtop_in screens' -f -a completion -d "print what a shell needs to complete"
complete -c xcomtop -n '__xcomtop_at completion 1' -x -a 'bash zsh fish'
complete -c xcomtop -n '__xcomtop_in screens' -f -a messages -d "list messages and alarms"
complete -c xcomtop -n '__xcomtop_in screens' -f -a datalog -d "fetch the files of the SD card"
complete -c xcomtop -n '__xcomtop_at datalog 1' -x -a 'list get'
complete -c xcomtop -n '__xcomtop_at datalog 2 more' -x
complete -c xcomtop -n '__xcomtop_in screens' -f -a note -d "write a note into the day's datalog"
complete -c xcomtop -n '__xcomtop_at note 1' -x
complete -c xcomtop -n '__xcomtop_in screens' -f -a doctor -d "tell why it doesn't connect, what to change"
complete -c xcomtop -n '__xcomtop_at doctor 1 more' -x -a '(__xcomtop_links)'
complete -c xcomtop -n '__xcomtop_in screens' -f -a bug-report -d "what a report of a fault should tell"
complete -c xcomtop -n '__xcomtop_at bug-report 1' -F
complete -c xcomtop -n '__xcomtop_in screens' -f -a help -d "explain a command"
complete -c xcomtop -n '__xcomtop_at help 1' -x -a 'scan read write keep writes blink clock list describe backup compare restore copy decode log export graph completion messages datalog note doctor bug-report help '
complete -c xcomtop -f
complete -c xcomtop -l connect -s c -x -a '(__xcomtop_links)' -d "connect to LINK, as below"
complete -c xcomtop -l demo -f -d "a simulated installation, no hardware needed"
complete -c xcomtop -l site -x -a '(__xcomtop_sites)' -d "link and settings from the configuration file"
complete -c xcomtop -l read-only -f -d "send nothing but reads (or XCOMTOP_READ_ONLY=1)"
complete -c xcomtop -l source -x -d "our address on the link (1; CAN: 0)"
complete -c xcomtop -l timeout -x -d "wait this long for an answer (3s; CAN: 1s)"
complete -c xcomtop -l wait -x -d "wait this long for the link to come up"
complete -c xcomtop -l trace -F -d "write every byte to FILE, for decode"
complete -c xcomtop -l allow -x -d "who may dial in; can be repeated"
complete -c xcomtop -l devices -x -a '(__xcomtop_devices)' -d "ask only these (XT1,XT2,BSP), search for none"
complete -c xcomtop -l leave-messages -f -d "leave the gateway's messages unread"
complete -c xcomtop -l ascii -f -d "draw and print ASCII characters only"
complete -c xcomtop -l theme -x -a '(__xcomtop_themes)' -d "colours of the screens; NAME: of a file"
complete -c xcomtop -l verbose -s v -f -d "tell on stderr what the link does"
complete -c xcomtop -n '__xcomtop_in scan read write writes blink clock list describe compare restore copy decode messages datalog doctor ' -l format -x -a 'text csv jsonl' -d "how results are printed (text; log: csv, sqlite)"
complete -c xcomtop -n '__xcomtop_in log ' -l format -x -a 'csv jsonl sqlite' -d "how results are printed (text; log: csv, sqlite)"
complete -c xcomtop -n '__xcomtop_in export ' -l format -x -a 'csv jsonl' -d "how results are printed (text; log: csv, sqlite)"
complete -c xcomtop -n '__xcomtop_in screens ' -l once -f -d "print the overview once, as text, and end"
complete -c xcomtop -n '__xcomtop_in read ' -l part -x -a 'value ram min max level' -d "which part of a parameter (value)"
complete -c xcomtop -n '__xcomtop_in read ' -l info -f -d "numbers not in the tables are infos"
complete -c xcomtop -n '__xcomtop_in read ' -l parameter -f -d "numbers not in the tables are parameters"
complete -c xcomtop -n '__xcomtop_in write writes copy ' -l flash -f -d "write to flash, for good; list only such writes"
complete -c xcomtop -n '__xcomtop_in write keep writes note ' -l yes -f -d "don't ask where y would do"
complete -c xcomtop -n '__xcomtop_in write keep writes blink clock restore copy ' -l confirm -x -d "the word that would be asked for"
complete -c xcomtop -n '__xcomtop_in screens write keep writes blink clock restore copy ' -l unrecorded -f -d "write also when it can't be recorded"
complete -c xcomtop -n '__xcomtop_in keep log export ' -l every -x -d "keep: write again; log, export: a row (log: 10s)"
complete -c xcomtop -n '__xcomtop_in keep ' -l keep -x -d "what is kept: XT1 1138 45 10m | …"
complete -c xcomtop -n '__xcomtop_in screens write keep writes blink clock restore copy note ' -l guid -x -d "write only to the gateway with this GUID"
complete -c xcomtop -n '__xcomtop_in writes messages bug-report ' -l last -x -d "only the last N"
complete -c xcomtop -n '__xcomtop_in writes export graph messages ' -l since -x -d "only since then: 2026-11-21, 'DATE 14:00', 2h, 3d"
complete -c xcomtop -n '__xcomtop_in export graph ' -l until -x -d "only before then, likewise"
complete -c xcomtop -n '__xcomtop_in writes ' -l undo -x -d "take the write with number N back"
complete -c xcomtop -n '__xcomtop_in restore copy ' -l only -x -d "only these numbers (1138,1140-1145)"
complete -c xcomtop -n '__xcomtop_in backup ' -l limits -f -d "also save what each model allows"
complete -c xcomtop -n '__xcomtop_in log export datalog ' -l output -F -d "the file, - is stdout; datalog: the directory"
complete -c xcomtop -n '__xcomtop_in log export ' -l select -x -d "values: XT1:3000,XT*:3136,XT.sum:3136"
complete -c xcomtop -n '__xcomtop_in log ' -l preset -x -d "or overview, all, or one of the configuration"
complete -c xcomtop -n '__xcomtop_in log ' -l count -x -d "end after N rows"
complete -c xcomtop -n '__xcomtop_in log ' -l why -f -d "also why values are missing"
complete -c xcomtop -n '__xcomtop_in log ' -l sync -x -d "onto the disk at least this often (5s)"
complete -c xcomtop -n '__xcomtop_in log ' -l rotate -x -d "a new file daily, hourly or at a size (10M)"
complete -c xcomtop -n '__xcomtop_in log ' -l rotate-keep -x -d "keep N former files, remove older ones"
complete -c xcomtop -n '__xcomtop_in messages ' -l follow -f -d "go on with new messages and alarms"
complete -c xcomtop -n '__xcomtop_in screens log messages ' -l alarm -x -d "alarms on values: low: BSP:7002 < 40 for 1m | ..."
complete -c xcomtop -n '__xcomtop_in screens log messages ' -l on-message -x -d "run CMD for each new message and alarm"
complete -c xcomtop -n '__xcomtop_in clock ' -l set -f -d "set it to this computer's local time"
complete -c xcomtop -n '__xcomtop_in graph ' -l width -x -d "columns of the picture (the terminal's)"
complete -c xcomtop -n '__xcomtop_in graph ' -l height -x -d "rows of the picture (24)"
complete -c xcomtop -n '__xcomtop_in screens ' -l history -F -d "a log in SQLite to read for older times"
complete -c xcomtop -n '__xcomtop_in datalog ' -l all -f -d "get all files of the list"
complete -c xcomtop -n '__xcomtop_in datalog ' -l new -f -d "get those that aren't here, or not whole"
complete -c xcomtop -n '__xcomtop_in screens datalog ' -l datalog-directory -x -a '(__fish_complete_directories)' -d "where datalog files are kept"
complete -c xcomtop -n '__xcomtop_in screens datalog ' -l quiet-hours -f -d "fetch none from 23:59 to 01:00: the portal does"
complete -c xcomtop -n '__xcomtop_in bug-report ' -l values -f -d "also addresses, names and settings"
complete -c xcomtop -l help -s h -f -d "explain xcomtop, or the command"
complete -c xcomtop -l version -f -d "print versions"
