// SPDX-License-Identifier: MIT
/*
 * show_line.c - the text of the state dump
 *
 * The shapes are those that tools know from the kernel's log. Symbols are looked up
 * here, which may read files: no lock is held, and none is taken.
 *
 * Differs from Linux: a line that would be very long is continued in another one with
 * the same beginning. Of the items that wait in one list, the first 32 groups of equal
 * neighbours are named, and the rest is counted ("7 more").
 */
#include <linux/cpumask.h>
#include <linux/printk.h>
#include <linux/sprintf.h>

#include "workqueue/show.h"

#define LINE_FULL	640	/* behind that a line is not continued */

void line_begin(struct shown_line *line, const char *head)
{
	line->head = head;
	line->len = (size_t)scnprintf(line->text, sizeof(line->text), "%s", head);
	line->fresh = true;
}

void line_add(struct shown_line *line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line->len += (size_t)vscnprintf(line->text + line->len, sizeof(line->text) - line->len,
					fmt, args);
	va_end(args);
	line->fresh = false;
}

void line_end(struct shown_line *line)
{
	pr_info("%s\n", line->text);
}

/* Room for one more word. */
static void line_wrap(struct shown_line *line)
{
	if (line->len < LINE_FULL)
		return;
	line_end(line);
	line_begin(line, line->head);
}

void line_add_pool(struct shown_line *line, const struct shown_pool *pool)
{
	line_add(line, " cpus=%*pbl", cpumask_pr_args(&pool->cpus));
	if (pool->node >= 0)
		line_add(line, " node=%d", pool->node);
	line_add(line, " flags=0x%x", pool->flags);
	if (pool->bh)
		line_add(line, " bh%s", pool->nice < 0 ? "-hi" : "");
	else
		line_add(line, " nice=%d", pool->nice);
}

static void add_run(struct shown_line *line, const struct shown *run,
		    const struct shown_pool *pool)
{
	const char *comma = run->comma && !line->fresh ? "," : "";

	if (pool->bh)
		line_add(line, " %sbh%s", comma, pool->nice < 0 ? "-hi" : "");
	else
		line_add(line, " %s%d%s", comma, run->tid, run->rescuer ? "(RESCUER)" : "");
	line_add(line, ":%ps for %lus", (void *)run->func, run->n);
}

static void add_word(struct shown_line *line, const struct shown *word,
		     const struct shown_pool *pool)
{
	const char *comma = word->comma && !line->fresh ? "," : "";

	switch (word->kind) {
	case SHOWN_RUN:
		add_run(line, word, pool);
		break;
	case SHOWN_BARRIER:
		line_add(line, "%s BAR(%d)", comma, word->tid);
		break;
	case SHOWN_IDLE:
		line_add(line, " %d", word->tid);
		break;
	case SHOWN_WORKS:
		if (word->n > 1)
			line_add(line, "%s %lu*%ps", comma, word->n, (void *)word->func);
		else
			line_add(line, "%s %ps", comma, (void *)word->func);
		break;
	}
}

void line_add_list(struct shown_line *line, const struct shown_list *list,
		   const struct shown_pool *pool)
{
	int i;

	for (i = 0; i < list->n; i++) {
		line_wrap(line);
		add_word(line, &list->at[i], pool);
	}
	if (list->left) {
		line_wrap(line);
		line_add(line, "%s %lu more", line->fresh ? "" : ",", list->left);
	}
}
