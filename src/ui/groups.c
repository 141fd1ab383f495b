// SPDX-License-Identifier: MIT
#include "ui/groups.h"

#include <stddef.h>

#define IDS(...)                                                                                   \
    (const uint16_t[])                                                                             \
    {                                                                                              \
        __VA_ARGS__, 0                                                                             \
    }

static const struct info_group xt_groups[] = {
    {"State", false, IDS(3028, 3010, 3049, 3020, 3168, 3160, 3018, 3019, 3161, 3162)},
    {"Battery", false, IDS(3000, 3005, 3004, 3164, 3001, 3007, 3006, 3008, 3002, 3003)},
    {"AC input", false, IDS(3137, 3138, 3011, 3012, 3084, 3017)},
    {"AC output", false, IDS(3136, 3139, 3021, 3022, 3085)},
    {"Energy", true, IDS(3081, 3083, 3078, 3080, 3082, 3076)},
    {"Temperatures", true, IDS(3104, 3103, 3102, 3107, 3106, 3105)},
    {"Relays and entries", true, IDS(3030, 3031, 3054, 3032, 3055, 3074, 3075, 3086, 3056, 3051)},
    {"Injection and limits", true, IDS(3155, 3158, 3159, 3165, 3166, 3167)},
    {"Counters", true, IDS(3045, 3046, 3047)},
    {"Minute statistics", true,
     IDS(3090, 3091, 3092, 3093, 3094, 3095, 3096, 3097, 3098, 3099, 3100, 3101, 3108, 3109, 3110,
         3111, 3112, 3113, 3114, 3115, 3116, 3117, 3118, 3119, 3120, 3121, 3122)},
    {"Less accurate", true, IDS(3013, 3023, 3087, 3088, 3154)},
    {"Identity", true, IDS(3124, 3089, 3125, 3126, 3127, 3128, 3050, 3129, 3132, 3130, 3156, 3135)},
    {"Internals", true, IDS(3133, 3134, 3140, 3141, 3142)},
    {0},
};

static const struct info_group vt_groups[] = {
    {"State", false, IDS(11016, 11038, 11069, 11034, 11066, 11037)},
    {"Solar", false, IDS(11004, 11002, 11003, 11007, 11025)},
    {"Battery", false, IDS(11000, 11001, 11005)},
    {"Energy", true, IDS(11006, 11011, 11010, 11026, 11008, 11009)},
    {"Today's extremes", true, IDS(11019, 11017, 11018, 11020, 11021)},
    {"Temperatures", true, IDS(11045, 11046)},
    {"Relays and entries", true,
     IDS(11061, 11063, 11062, 11064, 11077, 11079, 11078, 11080, 11082, 11088)},
    {"Minute averages", true, IDS(11043, 11041, 11039, 11040, 11044)},
    {"Identity", true, IDS(11015, 11047, 11048, 11049, 11050, 11067, 11052)},
    {"Internals", true, IDS(11076, 11012, 11013, 11014)},
    {0},
};

static const struct info_group vs_groups[] = {
    {"State", false, IDS(15013, 15002, 15108, 15049, 15050, 15051, 15052)},
    {"Solar", false, IDS(15010, 15004, 15007, 15017, 15030)},
    {"Battery", false, IDS(15000, 15001, 15053, 15032)},
    {"Two inputs", true,
     IDS(15003, 15011, 15012, 15005, 15006, 15008, 15009, 15014, 15015, 15018, 15019)},
    {"Energy", true,
     IDS(15016, 15027, 15026, 15031, 15020, 15023, 15028, 15029, 15021, 15022, 15024, 15025)},
    {"Today's extremes", true,
     IDS(15037, 15033, 15036, 15040, 15041, 15042, 15038, 15039, 15034, 15035)},
    {"Voltages to earth", true, IDS(15043, 15044, 15045, 15046)},
    {"Temperatures", true, IDS(15065, 15066, 15067, 15068, 15069, 15070)},
    {"Relays and entries", true, IDS(15088, 15090, 15089, 15091, 15111)},
    {"Minute statistics", true,
     IDS(15061, 15062, 15063, 15058, 15059, 15060, 15054, 15055, 15056, 15057, 15064)},
    {"Identity", true, IDS(15074, 15075, 15076, 15077, 15102, 15079)},
    {"Internals", true, IDS(15109, 15071, 15072, 15073)},
    {0},
};

static const struct info_group bsp_groups[] = {
    {"Battery", false, IDS(7002, 7000, 7001, 7003, 7029, 7004)},
    {"Charge", false, IDS(7007, 7008, 7009, 7010)},
    {"Counters", false, IDS(7011, 7012, 7013, 7017, 7018, 7019)},
    {"Minute averages", true, IDS(7030, 7031, 7032, 7033)},
    {"More", true, IDS(7005, 7006, 7047)},
    {"Identity", true, IDS(7034, 7035, 7036, 7037, 7048, 7041)},
    {"Internals", true, IDS(7059, 7039, 7040, 7060)},
    {0},
};

static const struct info_group bms_groups[] = {
    {"Battery", false, IDS(7002, 7000, 7001, 7003, 7029, 7068, 7057)},
    {"What the battery allows", false, IDS(7061, 7062, 7063, 7064, 7065, 7066)},
    {"Charge", false, IDS(7007, 7008, 7009, 7010, 7055)},
    {"State of charge", true, IDS(7047, 7058, 7022, 7069, 7070, 7071)},
    {"Minute averages", true, IDS(7030, 7031, 7032, 7033)},
    {"Identity", true, IDS(7067, 7053, 7054, 7056)},
    {"Internals", true, IDS(7059)},
    {0},
};

const struct info_group *info_groups(enum family family)
{
    switch (family) {
    case FAMILY_XT:
        return xt_groups;
    case FAMILY_VT:
        return vt_groups;
    case FAMILY_VS:
        return vs_groups;
    case FAMILY_BSP:
        return bsp_groups;
    case FAMILY_BMS:
        return bms_groups;
    default:
        return NULL;
    }
}
