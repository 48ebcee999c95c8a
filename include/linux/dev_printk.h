/* SPDX-License-Identifier: MIT */
/*
 * dev_printk.h - messages that say which device they are about
 *
 * "DRIVER NAME: text", where DRIVER is the driver's name, else the bus's, else the
 * class's, else nothing.
 */
#ifndef UWQ_LINUX_DEV_PRINTK_H
#define UWQ_LINUX_DEV_PRINTK_H

#include <linux/bug.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <uwq/api.h>

struct device;

#ifndef dev_fmt
#define dev_fmt(fmt)	fmt
#endif

UWQ_API_BEGIN
void _dev_printk(const char *level, const struct device *dev, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
int dev_err_probe(const struct device *dev, int err, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
const char *dev_driver_string(const struct device *dev);
UWQ_API_END

#define dev_printk(level, dev, fmt, ...)	_dev_printk(level, dev, fmt, ##__VA_ARGS__)
#define dev_emerg(dev, fmt, ...)  _dev_printk(KERN_EMERG, dev, dev_fmt(fmt), ##__VA_ARGS__)
#define dev_alert(dev, fmt, ...)  _dev_printk(KERN_ALERT, dev, dev_fmt(fmt), ##__VA_ARGS__)
#define dev_crit(dev, fmt, ...)	  _dev_printk(KERN_CRIT, dev, dev_fmt(fmt), ##__VA_ARGS__)
#define dev_err(dev, fmt, ...)	  _dev_printk(KERN_ERR, dev, dev_fmt(fmt), ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...)	  _dev_printk(KERN_WARNING, dev, dev_fmt(fmt), ##__VA_ARGS__)
#define dev_notice(dev, fmt, ...) _dev_printk(KERN_NOTICE, dev, dev_fmt(fmt), ##__VA_ARGS__)
#define dev_info(dev, fmt, ...)	  _dev_printk(KERN_INFO, dev, dev_fmt(fmt), ##__VA_ARGS__)
/* Arguments are not evaluated while debug messages are hidden. */
#define dev_dbg(dev, fmt, ...)							\
	do {									\
		if (uwq_log_shows(LOGLEVEL_DEBUG))				\
			_dev_printk(KERN_DEBUG, dev, dev_fmt(fmt), ##__VA_ARGS__); \
	} while (0)
#ifdef VERBOSE_DEBUG
#define dev_vdbg	dev_dbg
#else
#define dev_vdbg(dev, fmt, ...)							\
	do {									\
		if (0)								\
			_dev_printk(KERN_DEBUG, dev, dev_fmt(fmt), ##__VA_ARGS__); \
	} while (0)
#endif

#define dev_err_once(dev, fmt, ...)	DO_ONCE_LITE(dev_err, dev, fmt, ##__VA_ARGS__)
#define dev_warn_once(dev, fmt, ...)	DO_ONCE_LITE(dev_warn, dev, fmt, ##__VA_ARGS__)
#define dev_notice_once(dev, fmt, ...)	DO_ONCE_LITE(dev_notice, dev, fmt, ##__VA_ARGS__)
#define dev_info_once(dev, fmt, ...)	DO_ONCE_LITE(dev_info, dev, fmt, ##__VA_ARGS__)

#define dev_level_ratelimited(call, dev, fmt, ...)				\
	do {									\
		static DEFINE_RATELIMIT_STATE(uwq_rs, DEFAULT_RATELIMIT_INTERVAL, \
					      DEFAULT_RATELIMIT_BURST);		\
										\
		if (__ratelimit(&uwq_rs))					\
			call(dev, fmt, ##__VA_ARGS__);				\
	} while (0)
#define dev_err_ratelimited(dev, fmt, ...)	\
	dev_level_ratelimited(dev_err, dev, fmt, ##__VA_ARGS__)
#define dev_warn_ratelimited(dev, fmt, ...)	\
	dev_level_ratelimited(dev_warn, dev, fmt, ##__VA_ARGS__)
#define dev_notice_ratelimited(dev, fmt, ...)	\
	dev_level_ratelimited(dev_notice, dev, fmt, ##__VA_ARGS__)
#define dev_info_ratelimited(dev, fmt, ...)	\
	dev_level_ratelimited(dev_info, dev, fmt, ##__VA_ARGS__)

#define dev_WARN(dev, fmt, ...)		\
	WARN(1, "%s %s: " fmt, dev_driver_string(dev), dev_name(dev), ##__VA_ARGS__)
#define dev_WARN_ONCE(dev, cond, fmt, ...)	\
	WARN_ONCE(cond, "%s %s: " fmt, dev_driver_string(dev), dev_name(dev), ##__VA_ARGS__)

#endif
