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
#include "cmd/candump.h"
#include "cmd/decode.h"
#include "cmd/decode_can.h"

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

// --- CAN -----------------------------------------------------------------------------------------

static struct canframe can(const char *text)
{
    struct canframe frame = {.id = 0};
    char time[CANDUMP_TIME_MAX];

    assert_int_equal(candump_read(text, &frame, time), XC_OK);
    return frame;
}

static struct decoded *decode_can(const char *text, enum decode_way way)
{
    struct decoded *decoded = xcalloc(1, sizeof *decoded);
    struct canframe frame = can(text);

    (void)decode_can_frame(&frame, way, decoded);
    return decoded;
}

// The examples of reference can.md.
static void frames_on_can_are_told_in_words(void **state)
{
    static const struct {
        const char *frame, *source, *destination, *direction, *service, *object, *property, *name,
            *value;
    } cases[] = {
        {"03280000#0BB8", "0", "101 XT1", "request", "read", "info", "value",
         "3000 Battery voltage", ""},
        {"0000CA00#0BB84145C000", "101 XT1", "0", "answer", "read", "info", "value",
         "3000 Battery voltage", "12.36 V"},
        {"03280040#050602", "0", "101 XT1", "request", "read", "parameter", "maximum",
         "1286 AC Output voltage", ""},
        {"03280080#05060443660000", "0", "101 XT1", "request", "write", "parameter", "value in RAM",
         "1286 AC Output voltage", "230 Vac"},
        {"0000CA81#050600000028", "101 XT1", "0", "error", "write", "parameter", "",
         "1286 AC Output voltage", ""},
        {"0FA0D2C0#001000000000", "105 XT5", "500 all RCC: messages", "notification", "", "message",
         "", "16", "warning: Fan error detected (value 0)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decoded *decoded = decode_can(cases[i].frame, DECODE_ANY_WAY);
        char text[DECODE_CAN_TEXT_MAX];
        struct canframe frame = can(cases[i].frame);
        assert_string_equal(decode_can_text(&frame, text), cases[i].frame);
        assert_string_equal(decoded->source, cases[i].source);
        assert_string_equal(decoded->destination, cases[i].destination);
        assert_string_equal(decoded->direction, cases[i].direction);
        assert_string_equal(decoded->service, cases[i].service);
        assert_string_equal(decoded->object, cases[i].object);
        assert_string_equal(decoded->property, cases[i].property);
        assert_int_equal(decoded->item_count, 1);
        assert_string_equal(decoded->items[0].name, cases[i].name);
        assert_string_equal(decoded->items[0].value, cases[i].value);
        assert_int_equal(strncmp(decoded->error, "0x28 DATA_TOO_BIG: ", 19) == 0,
                         strcmp(cases[i].direction, "error") == 0);
        assert_string_equal(decoded->remark, "");
        free(decoded);
    }
}

static void parts_on_can_are_named(void **state)
{
    static const struct {
        const char *frame, *property, *remark;
    } cases[] = {
        {"0000CA40#05060043660000", "value in flash", ""},
        {"0000CA40#05060143660000", "minimum", ""},
        {"0000CA40#05060243660000", "maximum", ""},
        {"0000CA40#05060443660000", "value in RAM", "reading RAM answers the value in flash"},
        {"0000CA40#05060743660000", "part 0x07", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decoded *decoded = decode_can(cases[i].frame, DECODE_ANY_WAY);
        assert_string_equal(decoded->property, cases[i].property);
        assert_string_equal(decoded->items[0].value, "230 Vac");
        assert_string_equal(decoded->remark, cases[i].remark);
        free(decoded);
    }
}

// 3028 is an enum; NaN is an info that the device hasn't.
static void floats_are_shown_as_the_tables_say(void **state)
{
    static const struct {
        const char *frame, *value, *remark;
    } cases[] = {
        {"0000CA00#0BD43F800000", "Inverter", ""},
        {"0000CA00#0BD43FC00000", "1.5", "it doesn't fit the table's format"},
        {"0000CA00#0BD47F800000", "-- (not a number)", "it doesn't fit the table's format"},
        {"0000CA00#0BD47FC00000", "-- (not a number)", ""},
        {"0000CA00#0BB87FC00000", "-- (not a number)", ""},
        {"0000CA00#FFFF41480000", "12.5", ""},
        {"0000CA00#FFFFFF800000", "-- (not a number)", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decoded *decoded = decode_can(cases[i].frame, DECODE_ANY_WAY);
        assert_string_equal(decoded->items[0].value, cases[i].value);
        assert_string_equal(decoded->remark, cases[i].remark);
        free(decoded);
    }
}

static void writes_and_their_answers_are_told_apart(void **state)
{
    static const struct {
        const char *frame;
        enum decode_way way;
        const char *direction;
    } cases[] = {
        {"03280080#05060443660000", DECODE_ANY_WAY, "request"},         // from 0 to 101
        {"0000CA80#05060443660000", DECODE_ANY_WAY, "answer"},          // and back
        {"03280080#05060443660000", DECODE_FROM_GATEWAY, "request"},    // another client's
        {"00080480#05060443660000", DECODE_ANY_WAY, "write or answer"}, // from 2 to 1
        {"00080480#05060443660000", DECODE_TO_GATEWAY, "request"},
        {"00080480#05060443660000", DECODE_FROM_GATEWAY, "answer"},
        {"0328CA80#05060443660000", DECODE_ANY_WAY, "write or answer"}, // both are devices'
        // Lengths tell, whoever says otherwise.
        {"03280000#0BB8", DECODE_FROM_GATEWAY, "request"},
        {"0000CA00#0BB84145C000", DECODE_TO_GATEWAY, "answer"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decoded *decoded = decode_can(cases[i].frame, cases[i].way);
        assert_string_equal(decoded->direction, cases[i].direction);
        assert_int_equal(decoded->remark[0] != '\0',
                         strcmp(cases[i].direction, "write or answer") == 0);
        free(decoded);
    }
}

static void other_frames_on_can_get_their_reason(void **state)
{
    static const struct {
        const char *frame, *remark;
    } cases[] = {
        {"7FF#0BB8", "7FF#0BB8: no frame of the Xcom-CAN (11-bit frame)"},
        {"03280000#R2", "03280000#R2: no frame of the Xcom-CAN (remote frame)"},
        {"20000004#0001", "20000004#0001: no frame of the Xcom-CAN (error frame)"},
        {"03280002#0BB8", "03280002#0BB8: no frame of the Xcom-CAN (unknown flags)"},
        {"03280100#0BB8", "03280100#0BB8: no frame of the Xcom-CAN (unknown service)"},
        {"03280000#0B", "03280000#0B: no frame of the Xcom-CAN (wrong length)"},
        {"03280000#", "03280000#: no frame of the Xcom-CAN (wrong length)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decoded *decoded = decode_can(cases[i].frame, DECODE_ANY_WAY);
        assert_string_equal(decoded->direction, "other");
        assert_string_equal(decoded->remark, cases[i].remark);
        assert_int_equal(decoded->item_count, 0);
        free(decoded);
    }
}

static void frames_are_read_as_candump_writes_them(void **state)
{
    static const struct {
        const char *text, *frame, *time;
    } cases[] = {
        {"0000CA00#0BB84145C000", "0000CA00#0BB84145C000", ""},
        {"0000ca00#0b.b8.41.45.c0.00", "0000CA00#0BB84145C000", ""},
        {"7ff#1122334455667788", "7FF#1122334455667788", ""},
        {"123#", "123#", ""},
        {"123#R", "123#R", ""},
        {"1FFFFFFF#r8", "1FFFFFFF#R8", ""},
        {"(1436509052.249713) can0 0000CA00#0BB8", "0000CA00#0BB8", "1436509052.249713"},
        {"(2015-07-10 07:37:32.249713) vcan0  123   [2]  0B B8", "123#0BB8",
         "2015-07-10 07:37:32.249713"},
        {"  can0  0000CA00   [6]  0B B8 41 45 C0 00", "0000CA00#0BB84145C000", ""},
        {"can0  RX - -  0000CA00   [2]  0B B8   '..'", "0000CA00#0BB8", ""},
        {"can0  0000CA00   [0]", "0000CA00#", ""},
        {"can0  123   [3]  remote request", "123#R3", ""},
        {"can0  20000004   [2]  00 01   ERRORFRAME", "20000004#0001", ""},
        {"(1.5) can0 0000CA00#0BB8 R", "0000CA00#0BB8", "1.5"},
    };
    char time[CANDUMP_TIME_MAX], text[DECODE_CAN_TEXT_MAX];
    struct canframe frame;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(candump_read(cases[i].text, &frame, time), XC_OK);
        assert_string_equal(decode_can_text(&frame, text), cases[i].frame);
        assert_string_equal(time, cases[i].time);
    }
}

static void what_is_no_can_frame_is_told_from_what_is_no_text_of_one(void **state)
{
    static const char *const broken[] = {
        "800#00",                 // beyond 11 bits
        "40000000#00",            // beyond 29
        "80000000#00",            //
        "0000CA00#0",             // half a byte
        "0000CA00#0G",            //
        "0000CA00#0B.",           //
        "123#112233445566778899", // nine
        "123##1112233",           // CAN FD
        "123#R9",                 //
        "can0 123 [9] 11 22 33 44 55 66 77 88 99",
        "can0 123 [2] 11",
        "can0 123 [1] 11 22",
        "can0 123 [08] 11 22 33 44 55 66 77 88",
        "can0 123 [",
    };
    static const char *const other[] = {
        "",
        "(",
        "()",
        "can0",
        "AA 34 65 00",
        "AA000001",
        "AA000001 # remark",
        "AA 000001AA#remark", // not behind an interface
        "1234#00",
        "2026-11-21T14:00:00.123456Z > AA 00 00",
        "can0 can1 123#00",
        "(999999999999999999999999999999999999999999999999999999) can0 123#00",
        "(\x1b[2J) can0 123#00",
    };
    char time[CANDUMP_TIME_MAX];
    struct canframe frame;

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(candump_read(broken[i], &frame, time), XC_MALFORMED);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_int_equal(candump_read(other[i], &frame, time), XC_SYNTAX);
}

static void assert_harmless(const char *text)
{
    for (; *text; text++)
        assert_true((unsigned char)*text >= 0x20 && *text != 0x7F);
}

// Whatever the frame, and whatever the text: no crash, and texts that can be shown.
static void any_can_frame_can_be_told(void **state)
{
    static const char letters[] = "0123456789ABCDEF##[]()  .RTXcan\t-";
    static const uint16_t numbers[] = {3000, 3028, 3001, 1138, 1286, 5002, 7002, 16, 9999};
    struct decoded *decoded = xcalloc(1, sizeof *decoded);
    uint32_t seed = 1, random[8];

    (void)state;
    for (int round = 0; round < 50000; round++) {
        for (size_t i = 0; i < 8; i++)
            random[i] = (seed = seed * 1664525 + 1013904223) >> 8;
        struct canframe frame = {.id = random[0] << 6 & CANFRAME_EXTENDED_MAX,
                                 .length = (uint8_t)(random[1] % 9),
                                 .extended = random[1] & 0xF0,
                                 .remote = random[1] % 50 == 0,
                                 .error = random[1] % 51 == 0};
        frame.id |= random[2] % 3 ? 0 : random[2] % 64;
        if (!frame.extended && !frame.error)
            frame.id &= CANFRAME_STANDARD_MAX;
        be_put32(frame.data + 4, random[3] << 8);
        be_put32(frame.data, random[4] << 4);
        be_put16(frame.data, numbers[random[5] % 9]);
        (void)decode_can_frame(&frame, (enum decode_way)(random[6] % 3), decoded);
        assert_true(decoded->item_count <= 1);
        assert_harmless(decoded->remark);
        assert_harmless(decoded->error);
        assert_harmless(decoded->items[0].value);

        char text[24], time[CANDUMP_TIME_MAX];
        size_t length = random[7] % sizeof text;
        for (size_t i = 0; i < length; i++)
            text[i] = letters[((seed = seed * 1664525 + 1013904223) >> 16) % (sizeof letters - 1)];
        text[length] = '\0';
        if (candump_read(text, &frame, time) == XC_OK)
            assert_true(frame.length <= CANFRAME_DATA_MAX && frame.id <= CANFRAME_EXTENDED_MAX);
        assert_harmless(time);
    }
    free(decoded);
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
        cmocka_unit_test(frames_on_can_are_told_in_words),
        cmocka_unit_test(parts_on_can_are_named),
        cmocka_unit_test(floats_are_shown_as_the_tables_say),
        cmocka_unit_test(writes_and_their_answers_are_told_apart),
        cmocka_unit_test(other_frames_on_can_get_their_reason),
        cmocka_unit_test(frames_are_read_as_candump_writes_them),
        cmocka_unit_test(what_is_no_can_frame_is_told_from_what_is_no_text_of_one),
        cmocka_unit_test(any_can_frame_can_be_told),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
