/* IPC: what a taken-over peer could send. Each bad packet or memfd must be refused without leaving
 * a descriptor open. */
#include "base/prelude.h"

#include "base/clock.h"
#include "base/ipc.h"
#include "tests/unit/cmocka_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_fds(void)
{
	int n = 0;
	DIR *d = opendir("/proc/self/fd");
	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static json_t *head(const char *op)
{
	return json_pack("{s:s}", "op", op);
}

/* Sends raw bytes and descriptors past the checks of ipc_send. */
static void send_raw(int sock, const void *p, size_t n, const int *fds, size_t nfds)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * 16)];
	} control;
	memset(&control, 0, sizeof(control));
	struct iovec iov = {.iov_base = (void *)(uintptr_t)p, .iov_len = n};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	if (nfds > 0) {
		m.msg_control = control.room;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	assert_int_equal(sendmsg(sock, &m, 0), n);
}

TEST(carries_a_head_and_descriptors)
{
	int before = open_fds(), s[2], fds[MAX_IPC_FDS];
	struct ipc_message m;
	assert_int_equal(ipc_pair(s), 0);
	assert_int_equal(ipc_recv(s[1], &m, 0), 1);
	for (int i = 0; i < MAX_IPC_FDS; i++) {
		fds[i] = ipc_seal_bytes("hej", 3);
		assert_true(fds[i] >= 0);
	}
	json_t *h = json_pack("{s:s,s:s,s:i}", "op", "x", "text", "\xC3\xA5", "n", 7);
	assert_int_equal(ipc_send_wait(s[0], h, fds, MAX_IPC_FDS), 0);
	json_decref(h);
	assert_int_equal(ipc_recv(s[1], &m, -1), 0);
	assert_int_equal(m.nfds, MAX_IPC_FDS);
	assert_string_equal(json_str(m.head, "text", ""), "\xC3\xA5");
	assert_int_equal(json_int(m.head, "n", 0), 7);
	int taken = ipc_take_fd(&m, 1);
	assert_true(taken >= 0);
	assert_int_equal(ipc_take_fd(&m, 1), -1);
	assert_int_equal(ipc_take_fd(&m, 9), -1);
	assert_true((fcntl(taken, F_GETFD) & FD_CLOEXEC) != 0);
	ipc_message_release(&m);
	struct bytes b;
	assert_int_equal(ipc_map(taken, 3, &b), 0);
	assert_memory_equal(b.p, "hej", 3);
	ipc_unmap(&b);
	close(taken);
	for (int i = 0; i < MAX_IPC_FDS; i++)
		close(fds[i]);
	close(s[0]);
	close(s[1]);
	assert_int_equal(open_fds(), before);
}

TEST(blocking_timeout_and_end)
{
	int s[2];
	struct ipc_message m;
	assert_int_equal(ipc_pair(s), 0);
	int64_t t = clock_mono_ms();
	assert_int_equal(ipc_recv(s[1], &m, 30), 1);
	assert_true(clock_mono_ms() - t >= 29);
	json_t *h = head("fill");
	int n = 0, r;
	while ((r = ipc_send(s[0], h, NULL, 0)) == 0)
		n++;
	assert_int_equal(r, 1);
	assert_true(n > 10);
	for (int i = 0; i < n; i++) {
		assert_int_equal(ipc_recv(s[1], &m, 0), 0);
		ipc_message_release(&m);
	}
	assert_int_equal(ipc_recv(s[1], &m, 0), 1);
	close(s[1]);
	assert_int_equal(ipc_send(s[0], h, NULL, 0), -1);
	assert_int_equal(ipc_send_wait(s[0], h, NULL, 0), -1);
	json_decref(h);
	assert_int_equal(ipc_recv(s[0], &m, -1), -1);
	close(s[0]);
}

TEST(a_peer_that_does_not_listen_is_given_up)
{
	int s[2], n = 0, r;
	json_t *h = head("x");
	assert_int_equal(ipc_pair(s), 0);
	while ((r = ipc_send_within(s[0], h, NULL, 0, 50)) == 0 && n < 100000)
		n++;
	assert_int_equal(r, 1);
	int64_t begun = clock_mono_ms();
	assert_int_equal(ipc_send_within(s[0], h, NULL, 0, 50), 1);
	assert_true(clock_mono_ms() - begun >= 50);
	close(s[1]);
	assert_int_equal(ipc_send_within(s[0], h, NULL, 0, 50), -1);
	json_decref(h);
	close(s[0]);
}

TEST(packets_that_break_a_limit_are_not_sent)
{
	int s[2], fds[MAX_IPC_FDS + 1] = {0};
	assert_int_equal(ipc_pair(s), 0);
	char *big = malloc(MAX_IPC_HEADER + 1);
	memset(big, 'x', MAX_IPC_HEADER);
	big[MAX_IPC_HEADER] = '\0';
	json_t *h = head(big), *small = head("x"), *array = json_array();
	assert_int_equal(ipc_send(s[0], h, NULL, 0), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(ipc_send(s[0], small, fds, MAX_IPC_FDS + 1), -1);
	assert_int_equal(ipc_send(s[0], array, NULL, 0), -1);
	/* The largest that fits: {"op":"xxx"} */
	big[MAX_IPC_HEADER - 9] = '\0';
	json_decref(h);
	h = head(big);
	assert_int_equal(ipc_send(s[0], h, NULL, 0), 0);
	struct ipc_message m;
	assert_int_equal(ipc_recv(s[1], &m, 0), 0);
	ipc_message_release(&m);
	json_decref(h);
	json_decref(small);
	json_decref(array);
	free(big);
	close(s[0]);
	close(s[1]);
}

static void expect_malformed(const void *p, size_t n, size_t nfds)
{
	int s[2], fds[16];
	struct ipc_message m;
	assert_int_equal(ipc_pair(s), 0);
	for (size_t i = 0; i < nfds; i++)
		fds[i] = s[0];
	int before = open_fds();
	send_raw(s[0], p, n, fds, nfds);
	assert_int_equal(ipc_recv(s[1], &m, 1000), -1);
	assert_null(m.head);
	assert_int_equal(m.nfds, 0);
	assert_int_equal(open_fds(), before);
	close(s[0]);
	close(s[1]);
}

TEST(malformed_packets_are_refused)
{
	static char big[MAX_IPC_HEADER + 10], deep[200];
	memset(big, ' ', sizeof(big));
	memcpy(big, "{}", 2);
	expect_malformed(big, sizeof(big), 0);
	expect_malformed(big, sizeof(big), 2);
	expect_malformed("{}", 2, MAX_IPC_FDS + 1);
	expect_malformed("{}", 2, 16);
	expect_malformed("[]", 2, 1);
	expect_malformed("{", 1, 1);
	expect_malformed("{}x", 3, 0);
	expect_malformed("\"x\"", 3, 0);
	expect_malformed("{\"a\":1,\"a\":2}", 13, 0);
	expect_malformed("{\"a\":\"\xFF\"}", 9, 0);
	expect_malformed("{\"a\":\"\\u0000\"}", 14, 0);
	expect_malformed("", 0, 0);
	int n = 0;
	for (int i = 0; i < MAX_JSON_DEPTH + 1; i++)
		n += snprintf(deep + n, sizeof(deep) - (size_t)n, "%s", i == 0 ? "{\"a\":" : "[");
	for (int i = 0; i < MAX_JSON_DEPTH; i++)
		deep[n++] = ']';
	deep[n++] = '}';
	expect_malformed(deep, (size_t)n, 0);
}

static int memfd(size_t n, int seals)
{
	int fd = memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)n), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void expect_unmappable(int fd, size_t max)
{
	struct bytes b;
	assert_int_equal(ipc_map(fd, max, &b), -1);
	assert_int_equal(b.n, 0);
	close(fd);
}

TEST(only_sealed_memfds_are_mapped)
{
	const int all = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
	struct bytes b;
	expect_unmappable(memfd(100, 0), 1000);
	expect_unmappable(memfd(100, F_SEAL_WRITE | F_SEAL_GROW), 1000); /* could be truncated */
	expect_unmappable(memfd(100, F_SEAL_GROW | F_SEAL_SHRINK), 1000);
	expect_unmappable(memfd(100, F_SEAL_WRITE | F_SEAL_SHRINK), 1000);
	expect_unmappable(memfd(1001, all), 1000);
	expect_unmappable(open("/dev/null", O_RDWR), 1000);
	expect_unmappable(open("/proc/self/exe", O_RDONLY), SIZE_MAX);
	int p[2];
	assert_int_equal(pipe(p), 0);
	expect_unmappable(p[0], 1000);
	close(p[1]);
	assert_int_equal(ipc_map(-1, 10, &b), -1);
	int fd = memfd(1000, all);
	assert_int_equal(ipc_map(fd, 1000, &b), 0);
	assert_int_equal(b.n, 1000);
	ipc_unmap(&b);
	assert_int_equal(b.n, 0);
	close(fd);
	fd = ipc_seal_bytes("", 0);
	assert_int_equal(ipc_map(fd, 1000, &b), 0);
	assert_int_equal(b.n, 0);
	assert_non_null(b.p);
	ipc_unmap(&b);
	close(fd);
}

TEST(a_sealed_memfd_cannot_be_changed)
{
	int fd = ipc_seal_bytes("hej", 3);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, 10), -1);
	assert_ptr_equal(mmap(NULL, 3, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
}

TEST(pieces_are_sealed_one_after_the_other)
{
	const struct bytes parts[] = {{(const unsigned char *)"he", 2},
		{(const unsigned char *)"", 0}, {(const unsigned char *)"j", 1}};
	struct bytes b;
	int fd = ipc_seal_parts(parts, ARRAY_LEN(parts));
	assert_int_equal(ipc_map(fd, 10, &b), 0);
	assert_int_equal(b.n, 3);
	assert_memory_equal(b.p, "hej", 3);
	ipc_unmap(&b);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	close(fd);
}

/* Small ones are copied, large ones mapped: nobody is to see which. */
TEST(of_any_size_the_content_is_given)
{
	static unsigned char sent[200000];
	static const size_t sizes[] = {1, 4096, 32767, 32768, 32769, 65536, sizeof(sent)};
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (unsigned char)(i * 31 + i / 257);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct bytes once, twice;
		int fd = ipc_seal_bytes(sent, sizes[i]);
		assert_int_equal(ipc_map(fd, sizes[i] - 1, &once), -1);
		assert_int_equal(ipc_map(fd, sizes[i], &once), 0);
		assert_int_equal(ipc_map(fd, sizes[i], &twice), 0);
		close(fd);
		assert_int_equal(once.n, sizes[i]);
		assert_memory_equal(once.p, sent, sizes[i]);
		ipc_unmap(&once);
		assert_memory_equal(twice.p, sent, sizes[i]);
		ipc_unmap(&twice);
		assert_int_equal(once.n + twice.n, 0);
	}
}

TEST(json_members_have_defaults)
{
	static const char text[] =
		"{\"s\":\"x\",\"n\":-5,\"t\":true,\"f\":false,\"z\":null,\"r\":1.5,"
		"\"q\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"}";
	json_t *o = json_read(text, sizeof(text) - 1);
	assert_non_null(o);
	assert_string_equal(json_str(o, "s", "-"), "x");
	assert_string_equal(json_str(o, "n", "-"), "-");
	assert_null(json_str(o, "absent", NULL));
	assert_int_equal(json_int(o, "n", 0), -5);
	assert_int_equal(json_int(o, "s", 9), 9);
	assert_int_equal(json_int(o, "r", 9), 9);
	assert_true(json_flag(o, "t", false));
	assert_false(json_flag(o, "f", true));
	assert_true(json_flag(o, "z", true));
	json_decref(o);
	assert_null(json_read("{} {}", 5));
	assert_null(json_read("", 0));
	assert_null(json_read("{\"n\":99999999999999999999}", 26));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_a_head_and_descriptors),
		cmocka_unit_test(blocking_timeout_and_end),
		cmocka_unit_test(a_peer_that_does_not_listen_is_given_up),
		cmocka_unit_test(packets_that_break_a_limit_are_not_sent),
		cmocka_unit_test(malformed_packets_are_refused),
		cmocka_unit_test(only_sealed_memfds_are_mapped),
		cmocka_unit_test(a_sealed_memfd_cannot_be_changed),
		cmocka_unit_test(pieces_are_sealed_one_after_the_other),
		cmocka_unit_test(of_any_size_the_content_is_given),
		cmocka_unit_test(json_members_have_defaults),
	};
	return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
