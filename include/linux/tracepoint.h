/* SPDX-License-Identifier: MIT */
/*
 * tracepoint.h - being called when something happens
 *
 * The events themselves are in trace/events/. For each, register_trace_NAME(probe, data)
 * makes probe(data, ...) be called whenever it happens, and unregister_trace_NAME() ends
 * that. A probe runs where the event happens, in any context, inside an RCU read section:
 * it must not sleep. An event that nobody listens to costs one branch.
 *
 * Differs from Linux: events of one's own (TRACE_EVENT, DECLARE_TRACE) are absent.
 */
#ifndef UWQ_LINUX_TRACEPOINT_H
#define UWQ_LINUX_TRACEPOINT_H

#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
/* When it returns, no probe that was unregistered before is running any more. May sleep. */
void tracepoint_synchronize_unregister(void);
UWQ_API_END

#endif
