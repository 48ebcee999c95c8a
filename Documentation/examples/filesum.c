// SPDX-License-Identifier: MIT
/*
 * filesum.c - the CRC-32 of a file, computed by many work items at once
 *
 * An ordinary kernel module: it loads unchanged into Linux 6.12, and runs as a
 * process under `uwq run filesum.c path=FILE`. The file is cut into chunks; an
 * item on an unbound workqueue reads and sums each of them. The last one to end
 * queues an item that joins the sums in order and prints the result, which is
 * the CRC-32 of gzip and zlib. Meanwhile a delayed item, which queues itself
 * again, tells how far things are.
 *
 * Unloading early is fine: exit cancels what has not begun, waits for what has,
 * and prints how far it got.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/crc32.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

static char *path;
module_param(path, charp, 0444);
MODULE_PARM_DESC(path, "file to sum");

static unsigned long chunk = 1024 * 1024;
module_param(chunk, ulong, 0444);
MODULE_PARM_DESC(chunk, "bytes per work item (default 1 MiB)");

static int max_active;
module_param(max_active, int, 0444);
MODULE_PARM_DESC(max_active, "items that may run at once (default: the workqueue's)");

#define PIECE		(64 * 1024)	/* bytes per read */
#define MAX_CHUNKS	(16 * 1024 * 1024)
#define PROGRESS_MS	500

struct chunk_work {
	struct work_struct work;
	s64 pos;
	u32 len;
	u32 crc;
	int error;
};

static struct workqueue_struct *wq;
static struct file *file;
static struct chunk_work *chunks;
static unsigned long nr_chunks;
static s64 size;
static ktime_t started;
static bool stopping;			/* exit has begun: leave chunks unfinished */
static bool finished;			/* the result is printed */
static atomic_long_t chunks_left;
static atomic64_t bytes_done;

static void join_sums(struct work_struct *work);
static DECLARE_WORK(join_work, join_sums);
static void show_progress(struct work_struct *work);
static DECLARE_DELAYED_WORK(progress_work, show_progress);

/* Add the sum of one chunk to chunk->crc, piece by piece */
static int sum_chunk(struct chunk_work *part, void *buf)
{
	loff_t pos = part->pos;
	loff_t end = part->pos + part->len;

	while (pos < end) {
		size_t want = min_t(loff_t, end - pos, PIECE);
		ssize_t got;

		if (READ_ONCE(stopping))
			return -EINTR;
		got = kernel_read(file, buf, want, &pos);
		if (got < 0)
			return got;
		if (!got)
			return -EIO;	/* the file has become shorter */
		part->crc = crc32_le(part->crc, buf, got);
		atomic64_add(got, &bytes_done);
	}
	return 0;
}

static void chunk_fn(struct work_struct *work)
{
	struct chunk_work *part = container_of(work, struct chunk_work, work);
	void *buf = kmalloc(PIECE, GFP_KERNEL);

	part->error = buf ? sum_chunk(part, buf) : -ENOMEM;
	kfree(buf);
	if (atomic_long_dec_and_test(&chunks_left))
		queue_work(wq, &join_work);
}

static void print_result(u32 crc)
{
	u64 us = max_t(s64, ktime_us_delta(ktime_get(), started), 1);
	u64 ms = div_u64(us, 1000);
	u32 ms_part, tenth;
	u64 seconds = div_u64_rem(ms, 1000, &ms_part);
	u64 rate = div_u64_rem(div64_u64((u64)size * 10, us), 10, &tenth);

	pr_info("%s: %lld bytes, CRC-32 %08x, %llu.%03u s, %llu.%u MB/s\n",
		path, size, crc, seconds, ms_part, rate, tenth);
}

/*
 * Runs once, after the last chunk. Each chunk was summed from zero; only the
 * first may know the inverted start value, so that the joins carry it along.
 */
static void join_sums(struct work_struct *work)
{
	u32 crc = ~0U;
	unsigned long i;

	cancel_delayed_work_sync(&progress_work);
	for (i = 0; i < nr_chunks; i++) {
		if (chunks[i].error == -EINTR)
			return;
		if (chunks[i].error) {
			pr_err("%s: cannot read at %lld: %pe\n", path, chunks[i].pos,
			       ERR_PTR(chunks[i].error));
			break;
		}
		crc = crc32_le_combine(crc, chunks[i].crc, chunks[i].len);
	}
	if (i == nr_chunks)
		print_result(~crc);
	finished = true;
}

static void show_progress(struct work_struct *work)
{
	u64 done = atomic64_read(&bytes_done);

	pr_info("%llu%%, %llu of %llu MiB\n", div64_u64(done * 100, size), done >> 20,
		(u64)size >> 20);
	schedule_delayed_work(&progress_work, msecs_to_jiffies(PROGRESS_MS));
}

static int open_file(void)
{
	umode_t mode;

	file = filp_open(path, O_RDONLY | O_LARGEFILE, 0);
	if (IS_ERR(file)) {
		pr_err("%s: cannot be opened: %pe\n", path, file);
		return PTR_ERR(file);
	}
	mode = file_inode(file)->i_mode;
	if (S_ISREG(mode))
		return 0;
	pr_err("%s: is %s\n", path, S_ISDIR(mode) ? "a directory" : "no regular file");
	filp_close(file, NULL);
	return S_ISDIR(mode) ? -EISDIR : -EINVAL;
}

static int make_chunks(void)
{
	unsigned long i;

	size = i_size_read(file_inode(file));
	if (div64_u64(size, chunk) >= MAX_CHUNKS) {
		pr_err("chunk=%lu is too small for a file of %lld bytes\n", chunk, size);
		return -EINVAL;
	}
	nr_chunks = div64_u64(size + chunk - 1, chunk);
	chunks = vzalloc(max(nr_chunks, 1UL) * sizeof(*chunks));
	if (!chunks)
		return -ENOMEM;
	for (i = 0; i < nr_chunks; i++) {
		INIT_WORK(&chunks[i].work, chunk_fn);
		chunks[i].pos = (s64)i * chunk;
		chunks[i].len = min_t(s64, chunk, size - chunks[i].pos);
	}
	atomic_long_set(&chunks_left, nr_chunks);
	return 0;
}

static int check_parameters(void)
{
	if (!path || !*path) {
		pr_err("which file? path=FILE is missing\n");
		return -EINVAL;
	}
	if (!chunk || chunk > U32_MAX) {
		pr_err("chunk=%lu: from 1 to %u bytes, please\n", chunk, U32_MAX);
		return -EINVAL;
	}
	if (max_active < 0) {
		pr_err("max_active=%d: a number of items cannot be negative\n", max_active);
		return -EINVAL;
	}
	return 0;
}

static int __init filesum_init(void)
{
	unsigned long i;
	int ret = check_parameters();

	if (ret)
		return ret;
	ret = open_file();
	if (ret)
		return ret;
	ret = make_chunks();
	if (ret)
		goto close;
	wq = alloc_workqueue("filesum", WQ_UNBOUND, max_active);
	if (!wq) {
		ret = -ENOMEM;
		goto free;
	}

	started = ktime_get();
	if (!nr_chunks) {
		queue_work(wq, &join_work);
		return 0;
	}
	schedule_delayed_work(&progress_work, msecs_to_jiffies(PROGRESS_MS));
	for (i = 0; i < nr_chunks; i++)
		queue_work(wq, &chunks[i].work);
	return 0;

free:
	vfree(chunks);
close:
	filp_close(file, NULL);
	return ret;
}

static void __exit filesum_exit(void)
{
	unsigned long i;

	WRITE_ONCE(stopping, true);
	for (i = 0; i < nr_chunks; i++)
		cancel_work_sync(&chunks[i].work);
	cancel_work_sync(&join_work);
	cancel_delayed_work_sync(&progress_work);
	destroy_workqueue(wq);
	if (!finished)
		pr_info("%s: stopped after %lld of %lld bytes\n", path,
			(s64)atomic64_read(&bytes_done), size);
	vfree(chunks);
	filp_close(file, NULL);
}

module_init(filesum_init);
module_exit(filesum_exit);

MODULE_DESCRIPTION("CRC-32 of a file, by work items on an unbound workqueue");
MODULE_AUTHOR("The uwq authors");
MODULE_LICENSE("Dual MIT/GPL");
