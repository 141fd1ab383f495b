// SPDX-License-Identifier: MIT
// A log file: whole lines only, never a byte of earlier ones lost, one writer.
#include <setjmp.h>
#include <stdarg.h>
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
#include <time.h>
#include <unistd.h>

#include "store/logfile.h"

static char directory[64], path[96], note[LOGFILE_TEXT_MAX];

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

    if (logfile_open(path, header, &file, note) != XC_OK)
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

static void other_columns_begin_another_file(void **state)
{
    (void)state;
    char former[512] = "";

    put("time,b\n1,2\n");
    struct logfile *file = open_it("time,a\n");
    assert_non_null(strstr(note, "has other columns: it is "));
    add(file, "3,4\n");
    logfile_close(file);
    assert_int_equal(list(former), 2);
    assert_holds(former, "time,b\n1,2\n");
    assert_holds(path, "time,a\n3,4\n");
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

    assert_int_equal(logfile_open(path, "", &second, note), XC_IO);
    assert_non_null(strstr(note, "another program is writing it"));
    logfile_close(file);
    unlink(path);
    snprintf(target, sizeof target, "%s/elsewhere", directory);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(logfile_open(path, "", &second, note), XC_IO);
    assert_non_null(strstr(note, "a symbolic link isn't followed"));
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(logfile_open(path, "", &second, note), XC_IO);
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_file_begins_with_its_header, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(a_torn_last_line_is_cut_off, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(other_columns_begin_another_file, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(one_that_is_moved_away_is_made_anew, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(rotated_ones_are_kept_up_to_a_number, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(two_writers_and_links_are_refused, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(of_a_full_disk_nothing_is_left, make_directory,
                                        remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
