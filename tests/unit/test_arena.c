/* Arena: alignment, zeroed memory, reset, and the abort at its maximum. */
#include "base/prelude.h"

#include "base/arena.h"
#include "tests/unit/cmocka_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(gives_zeroed_aligned_memory)
{
	struct arena *a = arena_new(1 << 20);
	for (size_t n = 0; n < 300; n++) {
		unsigned char *p = arena_alloc(a, n);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % sizeof(void *), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xFF, n);
	}
	arena_free(&a);
	assert_null(a);
	arena_free(&a);
}

TEST(blocks_do_not_overlap)
{
	struct arena *a = arena_new(8 << 20);
	char *kept[200];
	for (int i = 0; i < 200; i++)
		kept[i] = arena_printf(
			a, "%d:%s", i, i % 7 == 0 ? (char *)arena_alloc(a, 100000) : "x");
	for (int i = 0; i < 200; i++) {
		char want[16];
		snprintf(want, sizeof(want), "%d:%s", i, i % 7 == 0 ? "" : "x");
		assert_string_equal(kept[i], want);
	}
	arena_free(&a);
}

TEST(strings)
{
	struct arena *a = arena_new(1 << 20);
	assert_string_equal(arena_strdup(a, NULL), "");
	assert_string_equal(arena_strdup(a, "hej"), "hej");
	assert_string_equal(arena_strndup(a, "hejsan", 3), "hej");
	assert_string_equal(arena_strndup(a, "x", 0), "");
	arena_free(&a);
}

TEST(reset_gives_room_again)
{
	struct arena *a = arena_new(100 << 10);
	for (int i = 0; i < 1000; i++) {
		memset(arena_alloc(a, 40 << 10), 1, 40 << 10);
		memset(arena_alloc(a, 100), 1, 100);
		arena_reset(a);
	}
	arena_free(&a);
}

static int signal_of(size_t count, size_t size)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		struct arena *a = arena_new(1 << 20);
		for (int i = 0; i < 100; i++)
			arena_array(a, count, size);
		_exit(0);
	}
	int st;
	assert_int_equal(waitpid(pid, &st, 0), pid);
	return WIFSIGNALED(st) ? WTERMSIG(st) : 0;
}

TEST(aborts_over_its_maximum_and_on_overflow)
{
	assert_int_equal(signal_of(50, 100), 0);
	assert_int_equal(signal_of(1000, 100), SIGABRT);
	assert_int_equal(signal_of(2, 1 << 20), SIGABRT);
	assert_int_equal(signal_of(SIZE_MAX / 2, 3), SIGABRT);
	assert_int_equal(signal_of(SIZE_MAX - 4, 1), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_aligned_memory),
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(strings),
		cmocka_unit_test(reset_gives_room_again),
		cmocka_unit_test(aborts_over_its_maximum_and_on_overflow),
	};
	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
