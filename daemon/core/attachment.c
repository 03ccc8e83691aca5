/* Attachment: the allow list. Called by app when a mail is noted and by core when one is planned, so
 * that a mail never names a file that is not in it. What is not on the list stays with Lots. */
#include "base/prelude.h"
#include "core/attachment.h"

#include "base/text.h"

#define LOGO_BYTES 20000

static bool type_allowed(const char *type)
{
	static const char *const types[] = {"image/png", "image/jpeg", "image/gif", "image/webp",
		"image/heic", "image/bmp", "image/tiff", "application/pdf", "text/plain",
		"text/csv", "application/rtf", "text/rtf", "application/msword",
		"application/vnd.ms-excel", "application/vnd.ms-powerpoint"};
	static const char *const families[] = {"application/vnd.openxmlformats-officedocument.",
		"application/vnd.oasis.opendocument."};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i], type) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		if (strncmp(type, families[i], strlen(families[i])) == 0)
			return true;
	}
	return false;
}

/* Programs that call everything application/octet-stream tell by the name alone. */
static bool name_allowed(const char *name)
{
	static const char *const ends[] = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic",
		".bmp", ".tif", ".tiff", ".pdf", ".txt", ".csv", ".rtf", ".doc", ".docx", ".xls",
		".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".odp"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(ends); i++) {
		if (ascii_equal_nocase(dot, ends[i]))
			return true;
	}
	return false;
}

bool attachment_may_go(const struct mail_attachment *a)
{
	bool generic = strcmp(a->type, "application/octet-stream") == 0 || !*a->type;

	if (a->raw_offset < 0 || (a->is_inline && a->size < LOGO_BYTES))
		return false;
	/* A harmless type under a harmful name is harmful: both must be right. */
	if (*a->name && strchr(a->name, '.') && !name_allowed(a->name))
		return false;
	return generic ? name_allowed(a->name) : type_allowed(a->type);
}

bool attachment_is_trimming(const char *type, int64_t size)
{
	return (strncmp(type, "image/", 6) == 0 && size < LOGO_BYTES) ||
	       strstr(type, "pkcs7-signature") != NULL || strstr(type, "pgp-signature") != NULL;
}
