// SPDX-License-Identifier: MIT
/*
 * uaccess.c - copies that survive a bad address
 *
 * The system copies on our behalf, within our own process, and stops where
 * memory ends. Where it refuses to (a sandbox may), the copy is an ordinary one
 * and a bad address faults.
 *
 * Differs from Linux: see linux/uaccess.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/uaccess.h>

#define PAGE_BYTES	4096UL
/* The upper half of the address space is the system's */
#define USER_END	(~0UL >> 1)

/**
 * uwq_access_ok - can a range be in user memory at all?
 * @addr: first byte
 * @size: bytes
 *
 * Return: whether the range ends before the system's half of the addresses. As
 * in Linux this does not say that there is memory.
 */
bool uwq_access_ok(const void __user *addr, unsigned long size)
{
	return size <= USER_END && (unsigned long)addr <= USER_END - size;
}

typedef ssize_t (*copier)(pid_t pid, const struct iovec *local, unsigned long nr_local,
			  const struct iovec *remote, unsigned long nr_remote,
			  unsigned long flags);

/*
 * Bytes copied. @mine is known to be good, @theirs is not. One call may stop at
 * the page before a hole, or after 2 GiB: go on until nothing moves.
 */
static unsigned long copy(copier call, void *mine, void *theirs, unsigned long n)
{
	int saved = errno;
	unsigned long done = 0;

	while (done < n && uwq_access_ok(theirs, n)) {
		unsigned long at = (unsigned long)theirs + done;
		unsigned long to_page_end = PAGE_BYTES - at % PAGE_BYTES;
		unsigned long len = n - done;
		struct iovec local = { (char *)mine + done, len };
		struct iovec remote = { (char *)theirs + done, len };
		ssize_t moved = call(getpid(), &local, 1, &remote, 1, 0);

		if (moved < 0 && errno == EFAULT && len > to_page_end) {
			local.iov_len = remote.iov_len = to_page_end;
			moved = call(getpid(), &local, 1, &remote, 1, 0);
		}
		if (moved < 0 && (errno == ENOSYS || errno == EPERM)) {
			if (call == process_vm_readv)
				memcpy(local.iov_base, remote.iov_base, len);
			else
				memcpy(remote.iov_base, local.iov_base, len);
			moved = (ssize_t)len;
		}
		if (moved <= 0)
			break;
		done += (unsigned long)moved;
	}
	errno = saved;
	return done;
}

/**
 * copy_from_user - copy from memory that may not exist
 * @to: own buffer
 * @from: somebody's address
 * @n: bytes
 *
 * Context: May sleep.
 * Return: bytes that were not copied; they are zeroed in @to.
 */
unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long done = copy(process_vm_readv, to, (void *)from, n);

	memset((char *)to + done, 0, n - done);
	return n - done;
}

/**
 * copy_to_user - copy to memory that may not exist or not be writable
 * @to: somebody's address
 * @from: own buffer
 * @n: bytes
 *
 * Context: May sleep.
 * Return: bytes that were not copied.
 */
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return n - copy(process_vm_writev, (void *)from, to, n);
}

/**
 * clear_user - zero memory that may not exist
 * @to: somebody's address
 * @n: bytes
 *
 * Context: May sleep.
 * Return: bytes that were not zeroed.
 */
unsigned long clear_user(void __user *to, unsigned long n)
{
	static const char zeros[PAGE_BYTES];

	while (n) {
		unsigned long len = n < PAGE_BYTES ? n : PAGE_BYTES;
		unsigned long left = copy_to_user(to, zeros, len);

		if (left)
			return n - (len - left);
		to = (char *)to + len;
		n -= len;
	}
	return 0;
}

/**
 * strncpy_from_user - copy a string that may not exist
 * @dst: own buffer of @count bytes
 * @src: somebody's address
 * @count: bytes at most, with the final NUL
 *
 * Context: May sleep.
 * Return: length of the string; @count if it did not fit (no NUL in @dst then);
 * -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, long count)
{
	long done = 0;

	while (done < count) {
		long len = (long)(PAGE_BYTES - ((unsigned long)src + (unsigned long)done) %
				  PAGE_BYTES);
		const char *nul;

		if (len > count - done)
			len = count - done;
		if (copy_from_user(dst + done, src + done, (unsigned long)len))
			return -EFAULT;
		nul = memchr(dst + done, '\0', (size_t)len);
		if (nul)
			return nul - dst;
		done += len;
	}
	return done;
}

/**
 * strnlen_user - length of a string that may not exist
 * @str: somebody's address
 * @n: bytes to look at
 *
 * Context: May sleep.
 * Return: length with the final NUL; more than @n if there is none in @n bytes;
 * 0 for a bad address.
 */
long strnlen_user(const char __user *str, long n)
{
	char buf[256];
	long seen = 0;

	while (seen < n) {
		long want = n - seen < (long)sizeof(buf) ? n - seen : (long)sizeof(buf);
		long len = strncpy_from_user(buf, str + seen, want);

		if (len < 0)
			return 0;
		if (len < want)
			return seen + len + 1;
		seen += len;
	}
	return n + 1;
}
