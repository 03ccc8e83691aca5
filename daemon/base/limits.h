/* Every maximum in Lots, in one place. A buffer or loop that grows with what others send names one
 * of these. Settings may lower some of them, never raise them. */
#ifndef LOTS_BASE_LIMITS_H
#define LOTS_BASE_LIMITS_H

#define MAX_MAIL_BYTES (35u << 20)    /* raw size of one mail */
#define MAX_HEADER_BYTES (256u << 10) /* header of one mail, all lines */
#define MAX_MIME_DEPTH 20	      /* nested parts */
#define MAX_MIME_PARTS 500
#define MAX_ADDRESSES 500	  /* in one mail, all fields */
#define MAX_REFERENCES 100	  /* message ids kept of References */
#define MAX_TEXT_BYTES (1u << 20) /* decoded text handed over per mail */
#define MAX_ADDRESS_BYTES 254	  /* RFC 5321 4.5.3.1.3 less the brackets */
#define MAX_LOCAL_PART_BYTES 64	  /* RFC 5321 4.5.3.1.1 */
#define MAX_MESSAGE_ID_BYTES 998
#define MAX_SUBJECT_BYTES 2000
#define MAX_SHOWN_SUBJECT_BYTES 200 /* of a case, in our mails about it */
#define MAX_NAME_BYTES 256	    /* a person's or file's name, after decoding */
#define MAX_COMMANDS 20		    /* command lines obeyed in one mail */
#define MAX_IPC_HEADER (16u << 10)  /* JSON header of one IPC packet */
#define MAX_IPC_FDS 4
#define MAX_IPC_PAYLOAD (64u << 20)  /* one sealed memfd */
#define MAX_ARENA_BYTES (256u << 20) /* one turn */
#define MAX_BATCH 32		     /* mails in one commit */
#define MAX_TRIES 3		     /* of a turn or a parse, then quarantine */
#define MAX_JSON_DEPTH 32
#define MAX_SETTINGS_BYTES (4u << 20) /* one YAML or CSV file */
#define MAX_SETTINGS_ERRORS 50	      /* told in one run of --check */
#define MAX_TEMPLATE_BYTES (64u << 10)
#define MAX_TEMPLATE_OUTPUT (2u << 20)
#define MAX_LINE_OUT 998 /* RFC 5322 2.1.1 */

#endif
