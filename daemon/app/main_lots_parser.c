/* lots-parser: the parser role as a program of its own, executed by lotsd (app/spawn.c), never by hand.
 *
 * It is apart because each fork copies every mapping of the zygote: with all of lotsd's libraries (54) a
 * mail costs 0.4 ms more than with the few that reading mail takes. And the process that reads what
 * strangers send has no TLS, SQL or SMTP code mapped. */
#include "base/prelude.h"

#include "app/roles.h"
#include "workers/parser.h"

int main(int argc, char **argv)
{
	static const struct role_mains mains = {.parser = parser_main};
	if (argc != 3 || strcmp(argv[1], "--role=parser") != 0 ||
		strncmp(argv[2], "--name=", 7) != 0) {
		fprintf(stderr, "lots-parser is a part of lotsd(8)\n");
		return 64;
	}
	return role_run("parser", argv[2] + 7, &mains);
}
