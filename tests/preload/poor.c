/* poor.so: preloaded into lotsd by tests/e2e/test_memory, it lets one allocation fail.
 *
 * The environment says in whom and which: POOR_ROLE (desk, reader, sender, parser, child of the parser, parent), POOR_NAME (of
 * a reader or sender, "" any), POOR_AT (the n-th, 0 never), POOR_EVER (all that follow, too), and POOR_STATE, a
 * file of 64 bytes that all processes share: only the first process of that kind is the victim. It is mapped
 * before the cage closes; nothing else here needs a system call. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What lotsd's own malloc (daemon/app/main_heap.c) calls: its names come first, these are ours. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

struct shared {
	long taken;   /* there is a victim */
	long counted; /* its allocations so far */
	long failed;
};

static struct shared *shared;
static long at;
static bool ever, right_role, in_child;
static long *
	mine; /* in a page that a child finds empty: 1 in the process itself, 2 in a child that was looked at */
static bool victim;

static const char *word(const char *name)
{
	const char *v = getenv(name);
	return v != NULL ? v : "";
}

static bool has_word(int argc, char **argv, const char *start, const char *value)
{
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], start, strlen(start)) == 0)
			return value[0] == '\0' || strcmp(argv[i] + strlen(start), value) == 0;
	return value[0] == '\0';
}

__attribute__((constructor)) static void begin(int argc, char **argv)
{
	const char *role = word("POOR_ROLE");
	int fd = open(word("POOR_STATE"), O_RDWR | O_CLOEXEC);
	in_child = strcmp(role, "child") == 0;
	if (strcmp(role, "parent") == 0)
		right_role = has_word(argc, argv, "--once", "") &&
			     !has_word(argc, argv, "--role=", "x") && argc > 4;
	else
		right_role = has_word(argc, argv, "--role=", in_child ? "parser" : role) &&
			     has_word(argc, argv, "--name=", word("POOR_NAME"));
	at = atol(word("POOR_AT"));
	ever = word("POOR_EVER")[0] != '\0';
	if (fd < 0)
		return;
	void *map = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	close(fd);
	if (map == MAP_FAILED || page == MAP_FAILED || madvise(page, 4096, MADV_WIPEONFORK) != 0)
		abort();
	mine = page;
	*mine = 1;
	if (right_role && !in_child)
		victim = __sync_bool_compare_and_swap(&((struct shared *)map)->taken, 0, 1);
	shared = map;
}

/* True if this allocation is to fail. */
static bool fails(void)
{
	if (shared == NULL || !right_role)
		return false;
	if (*mine == 0) { /* a child, for the first time */
		*mine = 2;
		victim = in_child && __sync_bool_compare_and_swap(&shared->taken, 0, 1);
	}
	if (!victim)
		return false;
	long n = ++shared->counted;
	if (at == 0 || (ever ? n < at : n != at))
		return false;
	shared->failed++;
	errno = ENOMEM;
	return true;
}

#define NEXT(name) ((name##_type)(uintptr_t)dlsym(RTLD_NEXT, "__libc_" #name))
typedef void *(*malloc_type)(size_t);
typedef void *(*calloc_type)(size_t, size_t);
typedef void *(*realloc_type)(void *, size_t);
typedef void *(*memalign_type)(size_t, size_t);

void *__libc_malloc(size_t n)
{
	static malloc_type next;
	if (next == NULL)
		next = NEXT(malloc);
	return fails() ? NULL : next(n);
}

void *__libc_calloc(size_t n, size_t size)
{
	static calloc_type next;
	if (next == NULL)
		next = NEXT(calloc);
	return fails() ? NULL : next(n, size);
}

void *__libc_realloc(void *p, size_t n)
{
	static realloc_type next;
	if (next == NULL)
		next = NEXT(realloc);
	return fails() ? NULL : next(p, n);
}

void *__libc_memalign(size_t alignment, size_t n)
{
	static memalign_type next;
	if (next == NULL)
		next = NEXT(memalign);
	return fails() ? NULL : next(alignment, n);
}
