/* Maildir file names. Called by the Maildir reader. Must stay pure. https://cr.yp.to/proto/maildir.html */
#include "base/prelude.h"

#include "workers/maildir_name.h"

bool maildir_key(const char *name, char key[MAILDIR_KEY_SIZE])
{
	size_t used = 0;
	for (const char *p = name; *p && *p != ':'; p++) {
		unsigned char c = (unsigned char)*p;
		if (used + 4 > MAILDIR_KEY_SIZE)
			return false;
		if (c > 0x20 && c < 0x7f && c != '%')
			key[used++] = *p;
		else
			used += (size_t)snprintf(key + used, 4, "%%%02X", c);
	}
	key[used] = '\0';
	return used > 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool maildir_base(const char *key, char base[NAME_MAX + 1])
{
	size_t used = 0;
	for (const char *p = key; *p; p++) {
		char c = *p;
		if (c == '%') {
			int high = hex_value(p[1]), low = high < 0 ? -1 : hex_value(p[2]);
			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			p += 2;
		}
		if (used == NAME_MAX || c == '/' || c == '\0')
			return false;
		base[used++] = c;
	}
	base[used] = '\0';
	return used > 0 && strcmp(base, ".") != 0 && strcmp(base, "..") != 0;
}

bool maildir_seen(const char *name, char out[NAME_MAX + 1])
{
	const char *info = strchr(name, ':');
	int base = info ? (int)(info - name) : (int)strlen(name);
	const char *flags = info && strncmp(info, ":2,", 3) == 0 ? info + 3 : "";
	const char *seen = strchr(flags, 'S') ? "" : "S";
	/* Flags stand in ASCII order; letters before S first. */
	size_t before = strspn(flags, "ABCDEFGHIJKLMNOPQR");
	int n = snprintf(out, NAME_MAX + 1, "%.*s:2,%.*s%s%s", base, name, (int)before, flags, seen,
		flags + before);
	return n > 0 && n <= NAME_MAX;
}
