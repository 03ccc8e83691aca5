/* Reply words: the phrase tables of reply_sign.c, NULL-ended, folded by text_fold. */
#ifndef LOTS_MAIL_REPLY_WORDS_H
#define LOTS_MAIL_REPLY_WORDS_H

/* "Med vänlig hälsning": only a name and what belongs to it follows. */
extern const char *const reply_closings[];
/* Thanks: words to the reader that may also close. */
extern const char *const reply_soft_closings[];
/* "Skickat från min iPhone". */
extern const char *const reply_footer_starts[];
/* Of employers, in a paragraph of their own. */
extern const char *const reply_disclaimers[];
/* Of gateways, at the top; their first sign ("OBS"), their core, and how their next line goes on. */
extern const char *const reply_banners[];
extern const char *const reply_banner_signs[];
extern const char *const reply_banner_core[];
extern const char *const reply_banner_goes_on[];

#endif
