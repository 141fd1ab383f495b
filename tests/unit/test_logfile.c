// SPDX-License-Identifier: MIT
// A log file: whole lines only, never a byte of earlier ones lost, one writer.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/logfile.h"

static char directory[64], path[96], note[LOGFILE_TEXT_MAX];
static char *former_search; // PATH

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/xcomtop-log-XXXXXX");
    snprintf(path, sizeof path, "%s", mkdtemp(directory));
    snprintf(path, sizeof path, "%s/a.csv", directory);
    return 0;
}

static unsigned list(char name[512])
{
    DIR *files = opendir(directory);
    struct dirent *file;
    unsigned count = 0;

    while ((file = readdir(files)))
        if (file->d_name[0] != '.') {
            count++;
            if (strcmp(file->d_name, "a.csv") != 0)
                snprintf(name, 512, "%s/%s", directory, file->d_name);
        }
    closedir(files);
    return count;
}

static int remove_directory(void **state)
{
    char name[512] = "";

    (void)state;
    unlink(path);
    while (list(name) > 0 && unlink(name) == 0)
        continue;
    return rmdir(directory);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
}

static void assert_holds(const char *name, const char *text)
{
    char got[512] = "";
    FILE *file = fopen(name, "r");

    assert_non_null(file);
    got[fread(got, 1, sizeof got - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(got, text);
}

static struct logfile *open_it(const char *header)
{
    struct logfile *file;

    if (logfile_open(path, header, *header ? "time," : "", &file, note) != XC_OK)
        fail_msg("%s", note);
    return file;
}

static void add(struct logfile *file, const char *line)
{
    assert_int_equal(logfile_append(file, line, strlen(line), note), XC_OK);
}

static void a_new_file_begins_with_its_header(void **state)
{
    (void)state;
    struct stat what;
    struct logfile *file = open_it("time,a\n");

    assert_string_equal(note, "");
    add(file, "1,2\n");
    logfile_close(file);
    file = open_it("time,a\n");
    assert_string_equal(note, "");
    add(file, "3,4\n");
    logfile_close(file);
    assert_holds(path, "time,a\n1,2\n3,4\n");
    assert_int_equal(stat(path, &what), 0);
    assert_int_equal(what.st_mode & 0777, 0600);
}

static void a_torn_last_line_is_cut_off(void **state)
{
    (void)state;
    put("time,a\n1,2\n3,");
    logfile_close(open_it("time,a\n"));
    assert_non_null(strstr(note, "a.csv: the last line wasn't whole: 2 bytes cut off"));
    assert_holds(path, "time,a\n1,2\n");
    put("time");
    logfile_close(open_it("time,a\n"));
    assert_holds(path, "time,a\n");
}

static void anothers_file_is_put_aside(void **state)
{
    static const char here[] = "a1b2", there[] = "c3d4";
    struct logfile *file;
    char aside[512] = "";

    (void)state;
    put("h\n1\n");
    if (setxattr(path, "user.xcomtop.test", "", 0, 0) != 0)
        skip();                   // this file system doesn't keep whose it is
    for (int i = 0; i < 2; i++) { // again by the same
        assert_int_equal(logfile_open(path, "h\n", "h", &file, note), XC_OK);
        logfile_claim(file, here);
        assert_int_equal(logfile_append(file, "2\n", 2, note), XC_OK);
        logfile_close(file);
    }
    assert_holds(path, "h\n1\n2\n2\n");
    assert_int_equal(logfile_open(path, "h\n", "h", &file, note), XC_OK);
    logfile_claim(file, there);
    assert_holds(path, "h\n1\n2\n2\n");
    assert_int_equal(logfile_append(file, "3\n", 2, note), XC_OK);
    assert_non_null(strstr(note, "is another installation's: it is "));
    assert_int_equal(list(aside), 2);
    assert_holds(aside, "h\n1\n2\n2\n");
    assert_holds(path, "h\n3\n");
    // The new one is claimed, too.
    logfile_close(file);
    assert_int_equal(logfile_open(path, "h\n", "h", &file, note), XC_OK);
    logfile_claim(file, there);
    assert_int_equal(logfile_append(file, "4\n", 2, note), XC_OK);
    assert_string_equal(note, "");
    logfile_close(file);
    assert_holds(path, "h\n3\n4\n");
}

static void an_emptied_file_gets_its_first_line_again(void **state)
{
    struct logfile *file;

    (void)state;
    assert_int_equal(logfile_open(path, "h\n", "h", &file, note), XC_OK);
    assert_int_equal(logfile_append(file, "1\n", 2, note), XC_OK);
    assert_int_equal(truncate(path, 0), 0); // logrotate's copytruncate
    assert_int_equal(logfile_append(file, "2\n", 2, note), XC_OK);
    logfile_close(file);
    assert_holds(path, "h\n2\n");
}

static void rows_without_their_first_line_are_put_aside(void **state)
{
    struct logfile *file;
    char aside[512] = "";

    (void)state;
    put("2026-11-26T10:00:00.000+01:00,1\n");
    assert_int_equal(logfile_open(path, "time,h\n", "time,", &file, note), XC_OK);
    assert_int_equal(logfile_append(file, "2\n", 2, note), XC_OK);
    logfile_close(file);
    assert_int_equal(list(aside), 2);
    assert_holds(aside, "2026-11-26T10:00:00.000+01:00,1\n");
    assert_holds(path, "time,h\n2\n");
}

static void other_columns_begin_another_file(void **state)
{
    (void)state;
    char former[512] = "";

    put("time,b\n1,2\n");
    struct logfile *file = open_it("time,a\n");
    // Nothing may come: until then it has its name.
    assert_string_equal(note, "");
    assert_int_equal(logfile_size(file), 0);
    assert_holds(path, "time,b\n1,2\n");
    add(file, "3,4\n");
    assert_non_null(strstr(note, "has other columns: it is "));
    add(file, "5,6\n");
    assert_string_equal(note, "");
    logfile_close(file);
    assert_int_equal(list(former), 2);
    assert_holds(former, "time,b\n1,2\n");
    assert_holds(path, "time,a\n3,4\n5,6\n");
}

static void what_is_no_log_is_left_as_it_is(void **state)
{
    (void)state;
    static const char *const foreign[] = {"my notes\nof today", "{\"time\":1}\n", "T"};
    struct logfile *file;

    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        put(foreign[i]);
        assert_int_equal(logfile_open(path, "time,a\n", "time,", &file, note), XC_IO);
        assert_non_null(strstr(note,
                               "a.csv: this is no log of this format, whose first line begins "
                               "with time,; it is left as it is"));
        assert_holds(path, foreign[i]);
    }
    put("time,a\n");
    assert_int_equal(logfile_open(path, "", "{\"time\":", &file, note), XC_IO);
    assert_holds(path, "time,a\n");
    FILE *database = fopen(path, "w");
    fwrite("SQLite format 3\0", 1, 16, database);
    fclose(database);
    assert_int_equal(logfile_open(path, "time,a\n", "time,", &file, note), XC_IO);
    assert_non_null(strstr(note, "--format sqlite continues it"));
    put("");
    file = open_it("time,a\n");
    logfile_close(file);
    assert_holds(path, "time,a\n");
}

static void one_that_is_moved_away_is_made_anew(void **state)
{
    (void)state;
    char moved[128];
    struct logfile *file = open_it("time,a\n");

    add(file, "1,2\n");
    snprintf(moved, sizeof moved, "%s.1", path);
    assert_int_equal(rename(path, moved), 0);
    add(file, "3,4\n");
    assert_int_equal(unlink(path), 0);
    add(file, "5,6\n");
    logfile_close(file);
    assert_holds(moved, "time,a\n1,2\n");
    assert_holds(path, "time,a\n5,6\n");
}

static void rotated_ones_are_kept_up_to_a_number(void **state)
{
    (void)state;
    char other[512] = "", line[] = "0\n";
    struct logfile *file = open_it("time,a\n");

    snprintf(other, sizeof other, "%s.backup", path); // somebody else's
    fclose(fopen(other, "w"));
    for (; line[0] < '5'; line[0]++) {
        add(file, line);
        assert_int_equal(logfile_rotate(file, (int64_t)time(NULL) * 1000000, 2, note), XC_OK);
        assert_non_null(strstr(note, "a.csv: it is "));
    }
    add(file, "6\n");
    assert_int_equal(logfile_size(file), 9);
    assert_true(logfile_changed(file) > 0);
    logfile_close(file);
    assert_holds(path, "time,a\n6\n");
    assert_int_equal(list(other), 4); // the file, two former ones, and the other
}

static void two_writers_and_links_are_refused(void **state)
{
    (void)state;
    char target[128];
    struct logfile *file = open_it(""), *second;

    assert_int_equal(logfile_open(path, "", "", &second, note), XC_IO);
    assert_non_null(strstr(note, "another program is writing it"));
    logfile_close(file);
    unlink(path);
    snprintf(target, sizeof target, "%s/elsewhere", directory);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(logfile_open(path, "", "", &second, note), XC_IO);
    assert_non_null(strstr(note, "a symbolic link isn't followed"));
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(logfile_open(path, "", "", &second, note), XC_IO);
    assert_non_null(strstr(note, "it isn't a file"));
}

// A file that mustn't grow stands for a full disk.
static void of_a_full_disk_nothing_is_left(void **state)
{
    (void)state;
    struct logfile *file = open_it("time,a\n");
    struct rlimit before, limit;

    add(file, "1,2\n");
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){13, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_int_equal(logfile_append(file, "3,4\n", 4, note), XC_IO);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_holds(path, "time,a\n1,2\n");
    add(file, "5,6\n");
    logfile_close(file);
    assert_holds(path, "time,a\n1,2\n5,6\n");
}

// --- Compressed ----------------------------------------------------------------------------------

// A program of the name that logs call, which the tests put in its place.
static void put_gzip(const char *script)
{
    char name[128], *search;

    snprintf(name, sizeof name, "%s/.bin", directory);
    mkdir(name, 0700);
    assert_true(asprintf(&search, "%s:%s", name, former_search) > 0);
    setenv("PATH", search, 1);
    free(search);
    snprintf(name, sizeof name, "%s/.bin/gzip", directory);
    FILE *file = fopen(name, "w");
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    assert_int_equal(chmod(name, 0700), 0);
}

static int take_gzip_away(void **state)
{
    char name[128];

    setenv("PATH", former_search, 1);
    snprintf(name, sizeof name, "%s/.bin/gzip", directory);
    unlink(name);
    snprintf(name, sizeof name, "%s/.bin", directory);
    rmdir(name);
    return remove_directory(state);
}

static void rotate(struct logfile *file, int64_t seconds)
{
    assert_int_equal(logfile_rotate(file, seconds * 1000000, 0, note), XC_OK);
}

static bool is_there(const char *suffix)
{
    char name[160];

    snprintf(name, sizeof name, "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

static void look_until(struct logfile *file, const char *suffix)
{
    for (int i = 0; i < 3000 && !is_there(suffix); i++) {
        logfile_look(file);
        usleep(10000);
    }
    assert_true(is_there(suffix));
}

static void all_that_are_over_are_compressed(void **state)
{
    char command[256];

    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    put_gzip("exit 1");
    struct logfile *file = open_it("time,a\n");
    add(file, "1\n");
    rotate(file, 0);
    // Of what didn't come about nothing is left; it comes about with the next one.
    for (int i = 0; i < 20; i++, usleep(10000))
        logfile_look(file);
    assert_true(is_there(".1970-01-01T000000"));
    assert_false(is_there(".1970-01-01T000000.gz"));
    setenv("PATH", former_search, 1);
    rotate(file, 60);
    look_until(file, ".1970-01-01T000000.gz");
    assert_true(is_there(".1970-01-01T000100.gz"));
    assert_false(is_there(".1970-01-01T000000"));
    assert_false(is_there(".1970-01-01T000100"));
    logfile_close(file);
    snprintf(command, sizeof command,
             "test \"$(gzip -dc %s.1970-01-01T000000.gz)\" = \"$(printf 'time,a\\n1')\"", path);
    assert_int_equal(system(command), 0);
}

static void one_that_is_there_both_ways_is_compressed_already(void **state)
{
    char command[256];

    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    // The power failed before the plain one was removed.
    snprintf(command, sizeof command, "echo 1 >%s.1970-01-01T000000; gzip -k %s.1970-01-01T000000",
             path, path);
    assert_int_equal(system(command), 0);
    struct logfile *file = open_it("time,a\n");
    add(file, "1\n");
    rotate(file, 60);
    look_until(file, ".1970-01-01T000100.gz");
    for (int i = 0; i < 1000 && is_there(".1970-01-01T000000"); i++, usleep(10000))
        logfile_look(file);
    assert_false(is_there(".1970-01-01T000000"));
    assert_true(is_there(".1970-01-01T000000.gz"));
    logfile_close(file);
}

static void what_is_half_compressed_is_nowhere(void **state)
{
    char mark[160], script[400];

    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    snprintf(mark, sizeof mark, "%s/.begun", directory);
    snprintf(script, sizeof script, "printf half; : >%s; exec sleep 1000", mark);
    put_gzip(script);
    struct logfile *file = open_it("time,a\n");
    add(file, "1\n");
    rotate(file, 0);
    for (int i = 0; i < 3000 && access(mark, F_OK) != 0; i++)
        usleep(10000);
    assert_int_equal(unlink(mark), 0);
    logfile_look(file);
    assert_false(is_there(".1970-01-01T000000.gz"));
    // Nobody waits for it.
    logfile_close(file);
    assert_true(is_there(".1970-01-01T000000"));
    assert_false(is_there(".1970-01-01T000000.gz"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_file_begins_with_its_header, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(a_torn_last_line_is_cut_off, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(anothers_file_is_put_aside, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(an_emptied_file_gets_its_first_line_again, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(rows_without_their_first_line_are_put_aside, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(other_columns_begin_another_file, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(what_is_no_log_is_left_as_it_is, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(one_that_is_moved_away_is_made_anew, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(rotated_ones_are_kept_up_to_a_number, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(two_writers_and_links_are_refused, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(of_a_full_disk_nothing_is_left, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(all_that_are_over_are_compressed, make_directory,
                                        take_gzip_away),
        cmocka_unit_test_setup_teardown(one_that_is_there_both_ways_is_compressed_already,
                                        make_directory, take_gzip_away),
        cmocka_unit_test_setup_teardown(what_is_half_compressed_is_nowhere, make_directory,
                                        take_gzip_away),
    };
    former_search = xstrdup(getenv("PATH"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
