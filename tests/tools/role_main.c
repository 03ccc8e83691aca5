/* role-tool: one worker alone, in its real cage, for tests that play the desk: role-tool --role=ROLE
 * --name=NAME with the descriptors of app/supervise.h (3 socket, 4 job, 5 secret). */
#include "base/prelude.h"

#include "app/roles.h"
#include "workers/parser.h"
#include "workers/reader.h"
#include "workers/sender.h"

int main(int argc, char **argv)
{
	static const struct role_mains mains = {
		.parser = parser_main, .reader = reader_main, .sender = sender_main};
	if (argc != 3 || strncmp(argv[1], "--role=", 7) != 0 ||
		strcmp(argv[1], "--role=desk") == 0 || strncmp(argv[2], "--name=", 7) != 0) {
		fprintf(stderr, "usage: role-tool --role=reader|sender|parser --name=NAME\n");
		return 64;
	}
	return role_run(argv[1] + 7, argv[2] + 7, &mains);
}
