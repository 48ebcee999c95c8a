/* SPDX-License-Identifier: MIT */
/*
 * printk.h - the log
 *
 * Usable in any context, with any lock held, by any number of threads; lines
 * never mix. Where the text goes: uwq/log.h. Shown are levels below the
 * console level (parameter loglevel=, 7 by default, so no debug messages).
 *
 * Differs from Linux: pr_debug() is always compiled in and needs no dynamic
 * debug; loglevel=8 shows it. Several threads may have a pr_cont() line open
 * at once, each its own. Hidden messages are not formatted and count as 0
 * characters. No buffer of past messages is kept.
 */
#ifndef UWQ_LINUX_PRINTK_H
#define UWQ_LINUX_PRINTK_H

#include <stdarg.h>
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/hex.h>
#include <linux/kern_levels.h>
#include <linux/once_lite.h>
#include <linux/ratelimit_types.h>
#include <linux/sprintf.h>
#include <uwq/api.h>

#define MESSAGE_LOGLEVEL_DEFAULT	4
#define CONSOLE_LOGLEVEL_SILENT		0
#define CONSOLE_LOGLEVEL_MIN		1
#define CONSOLE_LOGLEVEL_QUIET		4
#define CONSOLE_LOGLEVEL_DEFAULT	7
#define CONSOLE_LOGLEVEL_DEBUG		10
#define CONSOLE_LOGLEVEL_MOTORMOUTH	15

/* For %pV: a format and its arguments as one argument. */
struct va_format {
	const char *fmt;
	va_list *va;
};

enum {
	DUMP_PREFIX_NONE,
	DUMP_PREFIX_ADDRESS,
	DUMP_PREFIX_OFFSET
};

UWQ_API_BEGIN
extern int console_loglevel;	/* atomic; user code may set it at any time */
extern int oops_in_progress;

int _printk(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));
int vprintk(const char *fmt, va_list args) __attribute__((__format__(__printf__, 1, 0)));
int _printk_deferred(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/* True if a message of this level would be shown now. */
bool uwq_log_shows(int level);

void dump_stack(void) __attribute__((__cold__));
void dump_stack_lvl(const char *log_lvl) __attribute__((__cold__));

int hex_dump_to_buffer(const void *buf, size_t len, int rowsize, int groupsize,
		       char *linebuf, size_t linebuflen, bool ascii);
void print_hex_dump(const char *level, const char *prefix_str, int prefix_type, int rowsize,
		    int groupsize, const void *buf, size_t len, bool ascii);
UWQ_API_END

/* Level of a marked message, 0 when it carries no mark. */
static inline int printk_get_level(const char *buffer)
{
	if (buffer[0] == KERN_SOH_ASCII && buffer[1] &&
	    ((buffer[1] >= '0' && buffer[1] <= '7') || buffer[1] == 'c'))
		return buffer[1];
	return 0;
}

static inline const char *printk_skip_level(const char *buffer)
{
	return printk_get_level(buffer) ? buffer + 2 : buffer;
}

static inline const char *printk_skip_headers(const char *buffer)
{
	while (printk_get_level(buffer))
		buffer += 2;
	return buffer;
}

static inline void console_silent(void)
{
	__atomic_store_n(&console_loglevel, CONSOLE_LOGLEVEL_SILENT, __ATOMIC_RELAXED);
}

static inline void console_verbose(void)
{
	if (__atomic_load_n(&console_loglevel, __ATOMIC_RELAXED))
		__atomic_store_n(&console_loglevel, CONSOLE_LOGLEVEL_MOTORMOUTH,
				 __ATOMIC_RELAXED);
}

#ifndef pr_fmt
#define pr_fmt(fmt)	fmt
#endif

#define printk(...)		_printk(__VA_ARGS__)
#define printk_deferred(...)	_printk_deferred(__VA_ARGS__)

/* Checked by the compiler, never printed, arguments not evaluated. */
#define no_printk(...) __extension__					\
({									\
	if (0)								\
		_printk(__VA_ARGS__);					\
	0;								\
})

#define pr_emerg(fmt, ...)	printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...)	printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...)	printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)	printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)	printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warning		pr_warn
#define pr_notice(fmt, ...)	printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)	printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_cont(fmt, ...)	printk(KERN_CONT fmt, ##__VA_ARGS__)
/* Arguments are not evaluated while debug messages are hidden. */
#define pr_debug(fmt, ...)						\
	(uwq_log_shows(LOGLEVEL_DEBUG) ?				\
	 printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__) : 0)
#ifdef DEBUG
#define pr_devel(fmt, ...)	printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#else
#define pr_devel(fmt, ...)	no_printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#endif

#define printk_once(fmt, ...)	DO_ONCE_LITE(printk, fmt, ##__VA_ARGS__)
#define printk_deferred_once(fmt, ...)	DO_ONCE_LITE(printk_deferred, fmt, ##__VA_ARGS__)

#define pr_emerg_once(fmt, ...)	 printk_once(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert_once(fmt, ...)	 printk_once(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit_once(fmt, ...)	 printk_once(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err_once(fmt, ...)	 printk_once(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_once(fmt, ...)	 printk_once(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice_once(fmt, ...) printk_once(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_once(fmt, ...)	 printk_once(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug_once(fmt, ...)	 printk_once(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#ifdef DEBUG
#define pr_devel_once(fmt, ...)	 printk_once(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#else
#define pr_devel_once(fmt, ...)	 no_printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)
#endif

/* Ten messages in five seconds per place; see linux/ratelimit.h. */
#define printk_ratelimited(fmt, ...) __extension__			\
({									\
	static DEFINE_RATELIMIT_STATE(uwq_rs, DEFAULT_RATELIMIT_INTERVAL, \
				      DEFAULT_RATELIMIT_BURST);		\
									\
	if (__ratelimit(&uwq_rs))					\
		printk(fmt, ##__VA_ARGS__);				\
})

#define pr_emerg_ratelimited(fmt, ...)	printk_ratelimited(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert_ratelimited(fmt, ...)	printk_ratelimited(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit_ratelimited(fmt, ...)	printk_ratelimited(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err_ratelimited(fmt, ...)	printk_ratelimited(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn_ratelimited(fmt, ...)	printk_ratelimited(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice_ratelimited(fmt, ...)	printk_ratelimited(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_ratelimited(fmt, ...)	printk_ratelimited(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug_ratelimited(fmt, ...)	\
	do {								\
		if (uwq_log_shows(LOGLEVEL_DEBUG))			\
			printk_ratelimited(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__); \
	} while (0)

/* Tracing goes to the log: there is no trace buffer. */
#define trace_printk(fmt, ...)	printk(KERN_DEBUG fmt, ##__VA_ARGS__)
#define trace_puts(str)		printk(KERN_DEBUG "%s", str)
#define trace_dump_stack(skip)	dump_stack_lvl(KERN_DEBUG)

#define print_hex_dump_bytes(prefix_str, prefix_type, buf, len)		\
	print_hex_dump(KERN_DEBUG, prefix_str, prefix_type, 16, 1, buf, len, true)
#define print_hex_dump_debug(prefix_str, prefix_type, rowsize, groupsize, buf, len, ascii) \
	print_hex_dump(KERN_DEBUG, prefix_str, prefix_type, rowsize, groupsize, buf, len, ascii)

#endif
