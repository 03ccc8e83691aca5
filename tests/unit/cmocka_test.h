/* The includes every unit test begins with: cmocka wants its own system headers first. */
#ifndef LOTS_TESTS_UNIT_CMOCKA_TEST_H
#define LOTS_TESTS_UNIT_CMOCKA_TEST_H

#include "base/prelude.h"

#include <setjmp.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state __attribute__((unused)))

#endif
