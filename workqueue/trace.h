/* SPDX-License-Identifier: MIT */
/*
 * trace.h - the engine's side of trace/events/workqueue.h: is somebody listening?
 */
#ifndef UWQ_WORKQUEUE_TRACE_H
#define UWQ_WORKQUEUE_TRACE_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <trace/events/workqueue.h>

enum wq_event {
	WQ_EVENT_QUEUE,
	WQ_EVENT_ACTIVATE,
	WQ_EVENT_START,
	WQ_EVENT_END,
	NR_WQ_EVENTS,
};

/* A: bit of each event with probes; read by every item */
extern u32 wq_traced __attribute__((visibility("hidden")));

static inline bool wq_tracing_any(u32 events)
{
	return unlikely(__atomic_load_n(&wq_traced, __ATOMIC_RELAXED) & events);
}

static inline bool wq_tracing(enum wq_event event)
{
	return wq_tracing_any(1u << event);
}

#endif
