/* SPDX-License-Identifier: MIT */
/*
 * linux/errno.h - error numbers, with those that Linux keeps to itself
 *
 * libc includes this name for the numbers that programs see. The ones below
 * travel between kernel functions; a program should never meet them.
 */
#ifndef UWQ_LINUX_ERRNO_H
#define UWQ_LINUX_ERRNO_H

#include_next <linux/errno.h>

/* A signal came while waiting: start again, in one of these ways. */
#define ERESTARTSYS		512
#define ERESTARTNOINTR		513
#define ERESTARTNOHAND		514
#define ERESTART_RESTARTBLOCK	516

#define ENOIOCTLCMD		515	/* no such ioctl command here */
#define EPROBE_DEFER		517	/* a device to try again later */
#define EOPENSTALE		518
#define ENOPARAM		519	/* parameter not known */

/* network file systems */
#define EBADHANDLE		521
#define ENOTSYNC		522
#define EBADCOOKIE		523
#define ENOTSUPP		524	/* operation not supported */
#define ETOOSMALL		525
#define ESERVERFAULT		526
#define EBADTYPE		527
#define EJUKEBOX		528
#define EIOCBQUEUED		529	/* queued, the result comes later */
#define ERECALLCONFLICT		530
#define ENOGRACE		531

#endif
