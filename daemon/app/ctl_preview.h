/* Ctl_preview: `lotsctl preview [DIR]`: every mail Lots can send, in every language, filled with sample
 * cases and the installation's own names; to standard output, or as one .txt and one .html a mail in
 * DIR (made new). argv[0] is the first argument after the word. Returns a code of sysexits.h. */
#ifndef LOTS_APP_CTL_PREVIEW_H
#define LOTS_APP_CTL_PREVIEW_H

int ctl_preview(const char *settings, int argc, char **argv);

#endif
