// SPDX-License-Identifier: MIT
/*
 * stats_text.c - the statistics of all queues as lines of text
 *
 * In the columns and under the keys of the kernel's wq_monitor, so that what reads its
 * output can read this.
 */
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <uwq/stats.h>

#define LINE_LEN	512

struct printer {
	void (*line)(const char *text, void *arg);
	void *arg;
	struct timespec64 now;
};

/* ---- table ---- */

/* A figure, or "-" where it cannot be anything. */
static const char *figure(char *buf, size_t size, bool makes_sense, unsigned long long n)
{
	if (!makes_sense)
		return "-";
	scnprintf(buf, size, "%llu", n);
	return buf;
}

static void print_row(const struct uwq_wq_stats *stats, void *arg)
{
	unsigned long long tenths = (stats->cpu_time + 50000) / 100000;
	char seconds[24], hogs[24], moves[24], mayday[24], rescued[24];
	const struct printer *printer = arg;
	char text[LINE_LEN];

	scnprintf(seconds, sizeof(seconds), "%llu.%llu", tenths / 10, tenths % 10);
	scnprintf(text, sizeof(text), "%-24.24s %8llu %5llu %8s %7s %7s %7s %7s ", stats->name,
		  stats->started, stats->started - stats->completed, seconds,
		  figure(hogs, sizeof(hogs), !stats->unbound, stats->cpu_intensive),
		  figure(moves, sizeof(moves), true,
			 stats->unbound ? stats->repatriated : stats->cm_wakeup),
		  figure(mayday, sizeof(mayday), stats->mem_reclaim, stats->mayday),
		  figure(rescued, sizeof(rescued), stats->mem_reclaim, stats->rescued));
	printer->line(text, printer->arg);
}

static void print_header(const struct printer *printer)
{
	char text[LINE_LEN];

	scnprintf(text, sizeof(text), "%-24s %8s %5s %8s %7s %7s %7s %7s ", "", "total", "infl",
		  "CPUtime", "CPUitsv", "CMW/RPR", "mayday", "rescued");
	printer->line(text, printer->arg);
}

/* ---- JSON ---- */

/* The name as the inside of a JSON string. */
static void quote(char *to, size_t size, const char *name)
{
	size_t len = 0;

	for (; *name && len + 7 < size; name++) {
		unsigned char c = (unsigned char)*name;

		if (c == '"' || c == '\\')
			len += (size_t)scnprintf(to + len, size - len, "\\%c", c);
		else if (c < ' ')
			len += (size_t)scnprintf(to + len, size - len, "\\u%04x", c);
		else
			to[len++] = (char)c;
	}
	to[len] = '\0';
}

static void print_object(const struct uwq_wq_stats *stats, void *arg)
{
	const struct printer *printer = arg;
	char name[6 * sizeof(stats->name) + 8];
	char text[LINE_LEN + sizeof(name)];

	quote(name, sizeof(name), stats->name);
	scnprintf(text, sizeof(text),
		  "{\"timestamp\": %lld.%06ld, \"name\": \"%s\", \"unbound\": %s, \"mem_reclaim\": %s, \"started\": %llu, \"completed\": %llu, \"cpu_time\": %llu, \"cpu_intensive\": %llu, \"cm_wakeup\": %llu, \"repatriated\": %llu, \"mayday\": %llu, \"rescued\": %llu}",
		  (long long)printer->now.tv_sec, printer->now.tv_nsec / NSEC_PER_USEC, name,
		  stats->unbound ? "true" : "false", stats->mem_reclaim ? "true" : "false",
		  stats->started, stats->completed, stats->cpu_time, stats->cpu_intensive,
		  stats->cm_wakeup, stats->repatriated, stats->mayday, stats->rescued);
	printer->line(text, printer->arg);
}

static void to_the_log(const char *text, void *arg)
{
	(void)arg;
	pr_info("%s\n", text);
}

/**
 * uwq_wq_stats_print - the statistics of all queues as text
 * @form: a table for people, or JSON for programs
 * @line: called for each line, which has no newline at its end, without locks; NULL: the
 *	  lines go to the log
 * @arg: for @line
 *
 * Columns: total, infl (started and not completed), CPUtime in seconds, CPUitsv (hogs),
 * CMW/RPR (cm_wakeup, or repatriated of an unbound queue), mayday, rescued; "-" where a
 * figure cannot be. JSON has one object in each line, cpu_time in microseconds.
 *
 * Context: May sleep.
 * Return: how many queues there are; -ENOMEM.
 */
long uwq_wq_stats_print(enum uwq_stats_form form, void (*line)(const char *text, void *arg),
			void *arg)
{
	struct printer printer = { .line = line ? line : to_the_log, .arg = arg };

	ktime_get_real_ts64(&printer.now);
	if (form == UWQ_STATS_JSON)
		return uwq_wq_stats_for_each(print_object, &printer);
	print_header(&printer);
	return uwq_wq_stats_for_each(print_row, &printer);
}
EXPORT_SYMBOL_GPL(uwq_wq_stats_print);
