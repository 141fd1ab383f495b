// SPDX-License-Identifier: MIT
// cmd: frames in words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "cmd/decode.h"

static struct decoded *decode(struct scom_frame frame)
{
    struct decoded *decoded = xcalloc(1, sizeof *decoded);
    decode_frame(&frame, decoded);
    return decoded;
}

static void addresses_are_named(void **state)
{
    static const struct {
        uint32_t address;
        const char *text;
    } cases[] = {{1, "1"},          {101, "101 XT1"},  {100, "100 all XT"}, {192, "192 L2"},
                 {315, "315 VT15"}, {501, "501 XCOM"}, {0, "0 everyone"},   {601, "601 BSP or BMS"},
                 {701, "701 VS1"},  {9999, "9999"}};
    char text[DECODE_NAME_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(decode_address(cases[i].address, text), cases[i].text);
}

static void a_value_is_shown_as_the_tables_say(void **state)
{
    uint8_t bytes[4];

    (void)state;
    le_put_float(bytes, 12.359375f);
    struct decoded *decoded = decode((struct scom_frame){.source = 101,
                                                         .destination = 1,
                                                         .service_flags = SCOM_RESPONSE,
                                                         .service_id = SCOM_READ,
                                                         .object_type = SCOM_USER_INFO,
                                                         .object_id = 3000,
                                                         .property_id = 1,
                                                         .frame_flags = 0x35,
                                                         .data = bytes,
                                                         .data_length = 4});
    assert_string_equal(decoded->direction, "answer");
    assert_string_equal(decoded->object, "info");
    assert_string_equal(decoded->items[0].name, "3000 Battery voltage");
    assert_non_null(strstr(decoded->items[0].value, " V"));
    assert_int_equal(strncmp(decoded->items[0].value, "12.", 3), 0);
    assert_string_equal(decoded->flags,
                        "message pending, SD card present, new datalog file, datalogger supported");
    free(decoded);
}

static void parts_of_parameters_are_named(void **state)
{
    static const struct {
        uint16_t property;
        const char *text;
    } cases[] = {{5, "value in flash"}, {6, "minimum"},       {7, "maximum"},
                 {8, "level"},          {13, "value in RAM"}, {99, "property 99"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decoded *decoded = decode((struct scom_frame){.destination = 101,
                                                             .service_id = SCOM_READ,
                                                             .object_type = SCOM_PARAMETER,
                                                             .object_id = 1138,
                                                             .property_id = cases[i].property});
        assert_string_equal(decoded->property, cases[i].text);
        assert_string_equal(decoded->items[0].value, "");
        free(decoded);
    }
}

static void an_error_is_told_in_words(void **state)
{
    static const uint8_t code[] = {0x28, 0x00};

    (void)state;
    struct decoded *decoded =
        decode((struct scom_frame){.source = 101,
                                   .destination = 1,
                                   .service_flags = SCOM_RESPONSE | SCOM_ERROR,
                                   .service_id = SCOM_WRITE,
                                   .object_type = SCOM_PARAMETER,
                                   .object_id = 1138,
                                   .property_id = 5,
                                   .data = code,
                                   .data_length = 2});
    assert_string_equal(decoded->direction, "error");
    assert_non_null(strstr(decoded->error, "0x28 DATA_TOO_BIG"));
    assert_string_equal(decoded->items[0].value, "");
    free(decoded);
}

static void multi_infos_are_told_item_by_item(void **state)
{
    static const struct scom_multi_item items[] = {
        {3000, 1, 53.25f}, {3136, SCOM_AGGREGATE_SUM, 2.5f}, {7002, 0, 81.0f}, {2, 3, 1.0f}};
    uint8_t data[8 + 7 * 4];

    (void)state;
    size_t length = scom_multi_answer_encode(SCOM_MULTI_XT_PRESENT | SCOM_MULTI_BSP_PRESENT | 1,
                                             1503571330, items, 4, data);
    struct decoded *decoded = decode((struct scom_frame){.source = 501,
                                                         .destination = 1,
                                                         .service_flags = SCOM_RESPONSE,
                                                         .service_id = SCOM_READ,
                                                         .object_type = SCOM_MULTI_INFO,
                                                         .object_id = 1,
                                                         .property_id = 7,
                                                         .data = data,
                                                         .data_length = (uint16_t)length});
    assert_int_equal(decoded->item_count, 4);
    assert_string_equal(decoded->property, "tag 7");
    assert_string_equal(decoded->items[0].name, "3000 Battery voltage, XT1");
    assert_string_equal(decoded->items[1].name, "3136 Output active power, XT.sum");
    assert_non_null(strstr(decoded->items[2].name, "BSP master"));
    assert_string_equal(decoded->items[3].name, "2 (not in the tables), device 3");
    assert_non_null(strstr(decoded->remark, "2017-08-24 10:42:10"));
    assert_non_null(strstr(decoded->remark, "LAN; XT BSP present"));
    free(decoded);
}

static void messages_are_told_in_words(void **state)
{
    static const uint8_t data[] = {0xD0, 3,    0,    0,    16,   0, 105, 0, 0,
                                   0,    0x82, 0xAD, 0x9E, 0x59, 0, 0,   0, 0};

    (void)state;
    struct decoded *decoded = decode((struct scom_frame){.source = 501,
                                                         .destination = 1,
                                                         .service_flags = SCOM_RESPONSE,
                                                         .service_id = SCOM_READ,
                                                         .object_type = SCOM_MESSAGE,
                                                         .data = data,
                                                         .data_length = sizeof data});
    assert_string_equal(decoded->items[0].name, "message 16 of 105 XT5, 2017-08-24 10:42:10");
    assert_non_null(strstr(decoded->items[0].value, "Fan error detected"));
    free(decoded);
}

static void text_from_the_wire_is_made_harmless(void **state)
{
    static const uint8_t data[] = "LG171010.CSV\n\x1b[2J\x9b";

    (void)state;
    struct decoded *decoded = decode((struct scom_frame){.source = 501,
                                                         .destination = 1,
                                                         .service_flags = SCOM_RESPONSE,
                                                         .service_id = SCOM_READ,
                                                         .object_type = SCOM_DATALOG,
                                                         .object_id = 1,
                                                         .property_id = 0x26,
                                                         .data = data,
                                                         .data_length = sizeof data - 1});
    assert_string_equal(decoded->property, "finish");
    assert_string_equal(decoded->items[0].value, "LG171010.CSV\\x0A\\x1B[2J\\x9B");
    free(decoded);
}

// Whatever the bytes: no crash, no unterminated or unprintable text (the sanitizers watch).
static void any_content_can_be_told(void **state)
{
    uint8_t data[600];
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        for (size_t i = 0; i < sizeof data; i++) {
            seed = seed * 1664525 + 1013904223;
            data[i] = (uint8_t)(seed >> 24);
        }
        static const uint16_t objects[] = {1, 2, 3, 4, 5, 10, 0x100, 0x101, 77};
        static const uint32_t addresses[] = {1, 101, 191, 301, 501, 601, 701, 12345678};
        static const uint16_t ids[] = {3000, 3028, 3056, 1138, 5002, 7004, 7002, 11047, 9999};
        struct decoded *decoded = decode((struct scom_frame){
            .frame_flags = data[0],
            .source = addresses[data[1] % 8],
            .destination = addresses[data[2] % 8],
            .service_flags = data[3] & 3,
            .service_id = data[4] & 3,
            .object_type = objects[data[5] % 9],
            .object_id = ids[data[6] % 9],
            .property_id = data[7] % 16,
            .data = data,
            .data_length = (uint16_t)(data[8] % 8 ? data[8] % 16 : data[9] * 2)});
        assert_true(decoded->item_count <= SCOM_MULTI_MAX);
        for (size_t i = 0; i < decoded->item_count; i++)
            for (const char *p = decoded->items[i].value; *p; p++)
                assert_true((unsigned char)*p >= 0x20 && *p != 0x7F);
        free(decoded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_named),
        cmocka_unit_test(a_value_is_shown_as_the_tables_say),
        cmocka_unit_test(parts_of_parameters_are_named),
        cmocka_unit_test(an_error_is_told_in_words),
        cmocka_unit_test(multi_infos_are_told_item_by_item),
        cmocka_unit_test(messages_are_told_in_words),
        cmocka_unit_test(text_from_the_wire_is_made_harmless),
        cmocka_unit_test(any_content_can_be_told),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
