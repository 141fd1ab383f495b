// SPDX-License-Identifier: MIT
// gateway: questions and their answers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "gateway_rig.h"

static const struct gateway_options plain = {0};

static void an_info_is_asked_and_answered(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 1);
    const struct scom_frame *frame = &rig_last(rig)->frame;
    assert_int_equal(frame->source, 1);
    assert_int_equal(frame->destination, 101);
    assert_int_equal(frame->service_id, SCOM_READ);
    assert_int_equal(frame->object_type, SCOM_USER_INFO);
    assert_int_equal(frame->object_id, 3000);
    assert_int_equal(frame->property_id, 1);
    assert_int_equal(gateway_pending(rig->gateway), 1);

    rig_run(rig, 20 * LOOP_MS);
    assert_int_equal(rig->answer_count, 0);
    rig_reply_float(rig, rig_last(rig), 12.359375f);
    rig_run(rig, 0);
    const struct answer *answer = &rig_heard(rig)->answer;
    assert_int_equal(answer->status, XC_OK);
    assert_true(answer->number == 12.359375);
    assert_int_equal(answer->raw_length, 4);
    assert_memory_equal(answer->raw, ((uint8_t[]){0x00, 0xC0, 0x45, 0x41}), 4);
    assert_int_equal(answer->arrived - answer->sent, 20 * LOOP_MS);
    assert_int_equal(gateway_pending(rig->gateway), 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_info_is_asked_and_answered),
    };
    return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
