// SPDX-License-Identifier: MIT
/*
 * printk.c - from a format to lines of the log
 *
 * A message is formatted on the caller's stack and handed to log_emit()
 * (log_sink.c) as a whole: nothing is shared on the way, so no lock is needed and
 * lines cannot mix. Only a message without a final newline is kept, because a
 * pr_cont() may follow: in a slot that belongs to its thread until the line is
 * complete, the thread begins another line, or somebody who logs finds that it
 * waited too long.
 *
 * Locks: the slot's, held to copy text, never while a sink or the system is
 * called. Callable in any context with any lock held, from the sink as well.
 *
 * Differs from Linux: see linux/printk.h.
 */
#define KBUILD_MODNAME "uwq"
#include <errno.h>
#include <string.h>

#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <uwq/log.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/printk_internal.h"

/* As long a message as the kernel takes; the rest is cut off. */
#define MESSAGE_MAX	1024
#define NR_SLOTS	32

int console_loglevel = CONSOLE_LOGLEVEL_DEFAULT;
EXPORT_SYMBOL_GPL(console_loglevel);
int oops_in_progress;
EXPORT_SYMBOL(oops_in_progress);
static bool ignore_loglevel;

unsigned long long log_stale_ns = 50000000;

/* Both spellings: the kernel's own, and the library's prefix. */
core_param(loglevel, console_loglevel, int, 0644);
core_param(ignore_loglevel, ignore_loglevel, bool, 0644);
__module_param_call("uwq.log", level, &param_ops_int, &console_loglevel, 0644, -1, 0);

/* A line that may be continued. */
struct slot {
	struct futex_lock lock;
	const void	 *owner;	/* L: the thread's mark; NULL = free */
	unsigned long long since;	/* L: when the last part came */
	int		  level;	/* L */
	size_t		  len;		/* L */
	char		  text[MESSAGE_MAX];	/* L */
};

static struct slot slots[NR_SLOTS];
/* atomic: slots in use; 0 spares everybody the search */
static int nr_open;

/* What this thread has open. The address of the record is the thread's mark. */
static __thread struct {
	struct slot *slot;	/* where it left a line, if that is still its own */
	bool	     hidden;	/* its open line is not shown, nor what continues it */
} mine __attribute__((__tls_model__("initial-exec")));

/* A message on its way; @text has room for MESSAGE_MAX bytes with the NUL. */
struct message {
	int   level;
	bool  cont;	/* continues the line before */
	bool  complete;	/* ended with a newline, which is off */
	size_t len;
	const char *text;
};

bool uwq_log_shows(int level)
{
	return level < __atomic_load_n(&console_loglevel, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&ignore_loglevel, __ATOMIC_RELAXED);
}
EXPORT_SYMBOL(uwq_log_shows);

/* L: empty the slot into @text; returns the level, or -1 if it held nothing. */
static int slot_take(struct slot *slot, char *text, size_t *len)
{
	if (!slot->owner)
		return -1;
	memcpy(text, slot->text, slot->len);
	text[slot->len] = '\0';
	*len = slot->len;
	slot->owner = NULL;
	__atomic_fetch_sub(&nr_open, 1, __ATOMIC_RELAXED);
	return slot->level;
}

/* L: as much of @text as there is room for. */
static void slot_append(struct slot *slot, const struct message *msg)
{
	size_t room = MESSAGE_MAX - 1 - slot->len;
	size_t len = msg->len < room ? msg->len : room;

	memcpy(slot->text + slot->len, msg->text, len);
	slot->len += len;
	slot->since = log_now_ns();
}

/* Show what this thread left open, if somebody else did not do so already. */
static void flush_mine(void)
{
	struct slot *slot = mine.slot;
	char text[MESSAGE_MAX];
	size_t len = 0;
	int level = -1;

	mine.hidden = false;
	if (!slot)
		return;
	mine.slot = NULL;
	futex_lock(&slot->lock);
	if (slot->owner == &mine)
		level = slot_take(slot, text, &len);
	futex_unlock(&slot->lock);
	if (level >= 0)
		log_emit(level, text, len);
}

/* Show lines that were last added to before @before. */
static void flush_older(unsigned long long before)
{
	char text[MESSAGE_MAX];

	for (int i = 0; i < NR_SLOTS; i++) {
		struct slot *slot = &slots[i];
		size_t len = 0;
		int level = -1;

		if (!futex_trylock(&slot->lock))
			continue;
		if (slot->owner && slot->since < before)
			level = slot_take(slot, text, &len);
		futex_unlock(&slot->lock);
		if (level >= 0)
			log_emit(level, text, len);
	}
}

/* Continue this thread's line. False: it has none, the message is a line of its own. */
static bool continue_mine(const struct message *msg)
{
	struct slot *slot = mine.slot;
	char text[MESSAGE_MAX];
	size_t len = 0;
	int level = -1;
	bool is_mine;

	if (!slot)
		return false;
	futex_lock(&slot->lock);
	is_mine = slot->owner == &mine;
	if (is_mine) {
		slot_append(slot, msg);
		if (msg->complete)
			level = slot_take(slot, text, &len);
	}
	futex_unlock(&slot->lock);
	if (msg->complete || !is_mine)
		mine.slot = NULL;
	if (level >= 0)
		log_emit(level, text, len);
	return is_mine;
}

/* Keep an unfinished line. False: all slots are taken. */
static bool keep_open(const struct message *msg)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		struct slot *slot = &slots[i];
		bool taken = false;

		if (!futex_trylock(&slot->lock))
			continue;
		if (!slot->owner) {
			slot->owner = &mine;
			slot->level = msg->level;
			slot->len = 0;
			slot_append(slot, msg);
			__atomic_fetch_add(&nr_open, 1, __ATOMIC_RELAXED);
			taken = true;
		}
		futex_unlock(&slot->lock);
		if (taken) {
			mine.slot = slot;
			return true;
		}
	}
	return false;
}

/* Take level marks off the front and the newline off the end. */
static void parse_message(struct message *msg)
{
	msg->level = -1;
	for (int mark; (mark = printk_get_level(msg->text)) != 0; msg->text += 2, msg->len -= 2) {
		if (mark == 'c')
			msg->cont = true;
		else
			msg->level = mark - '0';
	}
	if (msg->len && msg->text[msg->len - 1] == '\n') {
		msg->complete = true;
		msg->len--;
	}
}

/* True if the message belongs to a line that is hidden. */
static bool hide(const struct message *msg)
{
	if (msg->cont && (mine.hidden || mine.slot)) {
		bool hidden = mine.hidden;

		if (msg->complete)
			mine.hidden = false;
		return hidden;
	}
	if (uwq_log_shows(msg->level))
		return false;
	flush_mine();
	mine.hidden = !msg->complete;
	return true;
}

static void log_message(struct message *msg)
{
	if (msg->cont && continue_mine(msg))
		return;
	if (__atomic_load_n(&nr_open, __ATOMIC_RELAXED))
		flush_older(log_now_ns() - __atomic_load_n(&log_stale_ns, __ATOMIC_RELAXED));
	flush_mine();
	if (!msg->complete && keep_open(msg))
		return;
	log_emit(msg->level, msg->text, msg->len);
}

/**
 * vprintk - log a message
 * @fmt: level mark and format; without a mark the level is 4, warning
 * @args: arguments
 *
 * Context: any, with any lock held. Ordering: messages of one thread appear in
 * the order logged. Return: length of the text; 0 if it was not shown.
 */
int vprintk(const char *fmt, va_list args)
{
	char text[MESSAGE_MAX];
	struct message msg = { .text = text };
	int saved = errno;
	int mark = printk_get_level(fmt);

	/* the usual way to hide: before anything is formatted */
	if (mark && mark != 'c' && !uwq_log_shows(mark - '0') && !mine.slot) {
		size_t n = strlen(fmt);

		mine.hidden = n && fmt[n - 1] != '\n';
		return 0;
	}
	msg.len = (size_t)vscnprintf(text, sizeof(text), fmt, args);
	if (msg.len == sizeof(text) - 1)
		text[msg.len - 1] = '\n';
	parse_message(&msg);
	if (msg.level < 0)
		msg.level = MESSAGE_LOGLEVEL_DEFAULT;
	text[msg.text - text + (long)msg.len] = '\0';
	if (hide(&msg))
		msg.len = 0;
	else
		log_message(&msg);
	errno = saved;
	return (int)msg.len + (msg.len && msg.complete);
}
EXPORT_SYMBOL(vprintk);

int _printk(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vprintk(fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(_printk);

/* Linux defers where the scheduler's locks are held; printing needs none of them here. */
int _printk_deferred(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vprintk(fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL_GPL(_printk_deferred);

void log_flush_current(void)
{
	int saved = errno;

	if (mine.slot || mine.hidden)
		flush_mine();
	errno = saved;
}

/**
 * uwq_log_flush - show every line that still waits for its pr_cont()
 *
 * For the end of a program, or before waiting long. Context: any.
 */
void uwq_log_flush(void)
{
	int saved = errno;

	flush_mine();
	if (__atomic_load_n(&nr_open, __ATOMIC_RELAXED))
		flush_older(~0ull);
	errno = saved;
}
EXPORT_SYMBOL(uwq_log_flush);

__attribute__((__destructor__)) static void flush_at_exit(void)
{
	uwq_log_flush();
}

/* Lines that other threads left open are the parent's to show. */
static void forget_lines_of_others(void)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		if (!slots[i].owner || slots[i].owner == &mine)
			continue;
		slots[i].owner = NULL;
		__atomic_fetch_sub(&nr_open, 1, __ATOMIC_RELAXED);
	}
}

void printk_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		forget_lines_of_others();
	for (int i = 0; i < NR_SLOTS; i++)
		fork_step_lock(&slots[i].lock, step);
}
