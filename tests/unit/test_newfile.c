// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/newfile.h"

static char directory[] = "/tmp/xcomtop-newfile.XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static struct stat stat_of(const char *path)
{
    struct stat what;

    assert_int_equal(lstat(path, &what), 0);
    return what;
}

static void a_new_file_is_only_ours(void **state)
{
    const char *why = NULL;
    mode_t usual = umask(0);
    FILE *file = newfile_open("trace", &why);

    (void)state;
    umask(usual);
    assert_non_null(file);
    assert_null(why);
    fputs("hello", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(stat_of("trace").st_mode & 07777, 0600);
    assert_int_equal(stat_of("trace").st_size, 5);
    unlink("trace");
}

static void a_former_one_is_begun_anew(void **state)
{
    const char *why = NULL;

    (void)state;
    put("trace", "of a former run");
    FILE *file = newfile_open("trace", &why);
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(stat_of("trace").st_size, 0);
    unlink("trace");
}

static void a_symbolic_link_is_not_followed(void **state)
{
    const char *why = NULL;

    (void)state;
    put("precious", "stays");
    assert_int_equal(symlink("precious", "trace"), 0);
    assert_null(newfile_open("trace", &why));
    assert_string_equal(why, "a symbolic link isn't followed");
    assert_int_equal(stat_of("precious").st_size, 5);
    unlink("trace");
    assert_int_equal(symlink("nothing yet", "trace"), 0);
    assert_null(newfile_open("trace", &why));
    assert_int_equal(access("nothing yet", F_OK), -1);
    unlink("trace");
    unlink("precious");
}

static void a_file_of_others_is_left_alone(void **state)
{
    const char *why = NULL;

    (void)state;
    if (geteuid() != 0)
        skip(); // only root makes files of others
    put("trace", "theirs");
    assert_int_equal(chown("trace", 12345, 12345), 0);
    assert_null(newfile_open("trace", &why));
    assert_string_equal(why, "it isn't a file of your own");
    assert_int_equal(stat_of("trace").st_size, 6);
    unlink("trace");
}

static void a_later_part_comes_behind(void **state)
{
    const char *why = NULL;

    (void)state;
    put("trace", "of a session before");
    FILE *file = newfile_append("trace", &why);
    assert_non_null(file);
    fputs(", and more", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(stat_of("trace").st_size, strlen("of a session before, and more"));
    unlink("trace");
    assert_int_equal(symlink("nothing yet", "trace"), 0);
    assert_null(newfile_append("trace", &why));
    assert_string_equal(why, "a symbolic link isn't followed");
    unlink("trace");
}

static void what_is_no_file_is_refused(void **state)
{
    const char *why = NULL;

    (void)state;
    assert_null(newfile_open("/dev/null", &why));
    assert_string_equal(why, "it isn't a file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_null(newfile_open("pipe", &why)); // nobody reads it, nor is waited for
    assert_string_equal(why, "it isn't a file");
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    assert_null(newfile_open("pipe", &why));
    assert_string_equal(why, "it isn't a file");
    close(reader);
    unlink("pipe");
    assert_null(newfile_open(directory, &why));
    assert_string_equal(why, "Is a directory");
    assert_null(newfile_open("none/trace", &why));
    assert_string_equal(why, "No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_is_only_ours),
        cmocka_unit_test(a_former_one_is_begun_anew),
        cmocka_unit_test(a_symbolic_link_is_not_followed),
        cmocka_unit_test(a_file_of_others_is_left_alone),
        cmocka_unit_test(a_later_part_comes_behind),
        cmocka_unit_test(what_is_no_file_is_refused),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
