// SPDX-License-Identifier: MIT
/*
 * report.c - reports of several lines that stay together, and dump_stack()
 *
 * A WARN with its stack trace is put together in one buffer on the stack and
 * shown by one call, so that two threads that report at once do not mix their
 * traces, and no lock has to see to it: the sink may do what it likes.
 *
 * Differs from Linux: there, lines of two reports may mix.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/export.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/stacktrace.h>

#include "kernel-compat/printk_internal.h"

#define TRACE_MAX	48

void report_add(struct report *report, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report->len += (size_t)vscnprintf(report->text + report->len,
					  sizeof(report->text) - report->len, fmt, args);
	va_end(args);
}

void report_add_stack(struct report *report, const void *caller)
{
	unsigned long trace[TRACE_MAX];
	unsigned int nr = stack_trace_save(trace, TRACE_MAX, 0);
	unsigned int first = 0;
	char comm[16] = "";

	/* counting frames would depend on what the compiler inlines */
	while (first < nr && trace[first] != (unsigned long)caller)
		first++;
	if (first == nr)
		first = 0;

	prctl(PR_GET_NAME, comm);
	report_add(report, "CPU: %d PID: %d Comm: %s\nCall Trace:\n <TASK>\n",
		   raw_smp_processor_id(), (int)gettid(), comm);
	for (unsigned int i = first; i < nr; i++)
		report_add(report, " %pB\n", (void *)trace[i]);
	report_add(report, " </TASK>\n");
}

void report_show(struct report *report, int level)
{
	log_flush_current();
	if (!uwq_log_shows(level))
		return;
	if (report->len && report->text[report->len - 1] == '\n')
		report->text[--report->len] = '\0';
	log_emit(level, report->text, report->len);
}

/**
 * dump_stack_lvl - log who called
 * @log_lvl: level mark such as KERN_INFO; "" = the default level
 *
 * Context: any.
 */
void dump_stack_lvl(const char *log_lvl)
{
	struct report report = { 0 };
	int mark = printk_get_level(log_lvl);
	int saved = errno;

	report_add_stack(&report, __builtin_return_address(0));
	report_show(&report, mark && mark != 'c' ? mark - '0' : MESSAGE_LOGLEVEL_DEFAULT);
	errno = saved;
}
EXPORT_SYMBOL(dump_stack_lvl);

void dump_stack(void)
{
	struct report report = { 0 };
	int saved = errno;

	report_add_stack(&report, __builtin_return_address(0));
	report_show(&report, MESSAGE_LOGLEVEL_DEFAULT);
	errno = saved;
}
EXPORT_SYMBOL(dump_stack);
