// SPDX-License-Identifier: MIT
/*
 * busy_queues_are_shown.c - C138, C29, B18: the dump says what runs, waits and is held back
 *
 * Known loads, and their lines to the letter, in the shapes of a kernel's log. A log
 * sink that queues work and looks at queues during the dump is not in the way, and
 * neither are queues that come and go.
 */
#include "rescue_test.h"

#include <stdarg.h>

#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

/* ---- what was logged ---- */

#define MAX_LINES	4000

static char *lines[MAX_LINES];
static int nr_lines;

static void keep_line(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)len;
	(void)arg;
	if (nr_lines < MAX_LINES)
		lines[nr_lines++] = strdup(text);
}

static void forget_lines(void)
{
	while (nr_lines)
		free(lines[--nr_lines]);
}

static void dump_one(struct workqueue_struct *wq)
{
	forget_lines();
	uwq_set_log_sink(keep_line, NULL);
	show_one_workqueue(wq);
	uwq_set_log_sink(NULL, NULL);
}

static void dump_all(void (*dump)(void))
{
	forget_lines();
	uwq_set_log_sink(keep_line, NULL);
	dump();
	uwq_set_log_sink(NULL, NULL);
}

static int find_line(const char *start)
{
	for (int i = 0; i < nr_lines; i++)
		if (!strncmp(lines[i], start, strlen(start)))
			return i;
	return -1;
}

/* The seconds behind each @word are another test's business: make them 0. */
static void forget_seconds(char *text, const char *word)
{
	while ((text = strstr(text, word))) {
		char *digits = text += strlen(word);
		size_t n = strspn(digits, "0123456789");

		*digits = '0';
		memmove(digits + 1, digits + n, strlen(digits + n) + 1);
	}
}

/* Is line @at what the format says, however long it took? Shows both if not. */
static bool line_is(int at, const char *fmt, ...)
{
	char want[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(want, sizeof(want), fmt, args);
	va_end(args);
	if (at >= 0 && at < nr_lines) {
		forget_seconds(lines[at], " for ");
		forget_seconds(lines[at], " hung=");
		if (!strcmp(lines[at], want))
			return true;
	}
	ksft_print_msg("line %d is \"%s\"\n", at, at >= 0 && at < nr_lines ? lines[at] : "");
	ksft_print_msg("      not \"%s\"\n", want);
	return false;
}

/* ---- items ---- */

struct tracked {
	struct blocker blocker;
	int tid;		/* atomic */
	unsigned int worker;	/* atomic: its id, in whose order they are shown */
};

static void block(struct work_struct *work)
{
	struct tracked *tracked = container_of(work, struct tracked, blocker.work);

	SET(tracked->tid, gettid());
	SET(tracked->worker, this_worker->id);
	blocker_func(work);
}

static void short_b(struct work_struct *work)
{
	(void)work;
}

static void short_c(struct work_struct *work)
{
	/* or the linker may make one of two equal functions */
	__asm__ volatile("" : : "r"(work) : "memory");
}

static void tracked_queue(struct tracked *tracked, int cpu, struct workqueue_struct *wq)
{
	blocker_init(&tracked->blocker);
	INIT_WORK(&tracked->blocker.work, block);
	queue_work_on(cpu, wq, &tracked->blocker.work);
}

static void tracked_start(struct tracked *tracked, int cpu, struct workqueue_struct *wq)
{
	tracked_queue(tracked, cpu, wq);
	wait_for_completion(&tracked->blocker.started);
}

/* Queue one item for each letter of @funcs. */
static void queue_funcs(const char *funcs, struct work_struct *works, int cpu,
			struct workqueue_struct *wq)
{
	for (; *funcs; funcs++, works++) {
		INIT_WORK(works, *funcs == 'b' ? short_b : short_c);
		queue_work_on(cpu, wq, works);
	}
}

static struct {
	struct work_struct *work;
	int tid;		/* atomic */
} flush_arg;

static void *flusher(void *arg)
{
	(void)arg;
	SET(flush_arg.tid, gettid());
	flush_work(flush_arg.work);
	return NULL;
}

/* A thread that waits for @work on @wq, where it has attached its barrier. */
static pthread_t start_flusher(struct work_struct *work, struct workqueue_struct *wq)
{
	unsigned long before = items_in_flight(wq);
	pthread_t thread;

	flush_arg.work = work;
	thread = start_thread(flusher, NULL);
	while (items_in_flight(wq) == before)
		nap_us(100);
	return thread;
}

static int pool_of(struct workqueue_struct *wq, int cpu)
{
	return wq->cpu_pwq[cpu]->pool->id;
}

/* ---- to the letter ---- */

TEST(running_and_held_back_items_of_a_percpu_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("pcq", WQ_PERCPU, 2);
	struct tracked run[2], *first, *second;
	struct work_struct works[6];
	pthread_t thread;
	int bar, pool = pool_of(wq, 1);

	tracked_start(&run[0], 1, wq);
	tracked_start(&run[1], 1, wq);
	queue_funcs("bbbcb", works, 1, wq);
	thread = start_flusher(&run[0].blocker.work, wq);
	bar = GET(flush_arg.tid);
	dump_one(wq);
	first = &run[GET(run[0].worker) > GET(run[1].worker)];
	second = first == &run[0] ? &run[1] : &run[0];
	ASSERT_EQ(nr_lines, 4);
	EXPECT_TRUE(line_is(0, "workqueue pcq: flags=0x100"));
	EXPECT_TRUE(line_is(1, "  pwq %d: cpus=1 node=0 flags=0x0 nice=0 active=2 refcnt=9", pool));
	if (first == &run[0])
		EXPECT_TRUE(line_is(2, "    in-flight: %d:block for 0s BAR(%d) ,%d:block for 0s",
				    GET(first->tid), bar, GET(second->tid)));
	else
		EXPECT_TRUE(line_is(2, "    in-flight: %d:block for 0s ,%d:block for 0s BAR(%d)",
				    GET(first->tid), GET(second->tid), bar));
	EXPECT_TRUE(line_is(3, "    inactive: 3*short_b, short_c, short_b"));
	blocker_release(&run[0].blocker);
	blocker_release(&run[1].blocker);
	pthread_join(thread, NULL);
	flush_workqueue(wq);
	dump_one(wq);
	EXPECT_EQ(nr_lines, 0);
	destroy_workqueue(wq);
}

TEST(barrier_behind_an_item_that_is_held_back)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordq", 0);
	struct work_struct works[4];
	struct tracked run;
	pthread_t thread;

	tracked_start(&run, WORK_CPU_UNBOUND, wq);
	queue_funcs("bbbb", works, WORK_CPU_UNBOUND, wq);
	thread = start_flusher(&works[1], wq);
	dump_one(wq);
	ASSERT_EQ(nr_lines, 4);
	EXPECT_TRUE(line_is(0, "workqueue ordq: flags=0x20002"));
	EXPECT_EQ(0, strncmp(lines[1], "  pwq ", 6));
	EXPECT_TRUE(strstr(lines[1], " flags=0x4 nice=0 active=1 refcnt=7"));
	EXPECT_TRUE(line_is(2, "    in-flight: %d:block for 0s", GET(run.tid)));
	EXPECT_TRUE(line_is(3, "    inactive: 2*short_b BAR(%d), 2*short_b", GET(flush_arg.tid)));
	blocker_release(&run.blocker);
	pthread_join(thread, NULL);
	destroy_workqueue(wq);
}

static struct gate bh_started, bh_go;

static void hold_bh(struct work_struct *work)
{
	(void)work;
	gate_open(&bh_started);
	gate_wait(&bh_go);
}

TEST(items_that_wait_for_their_turn)
{
	struct workqueue_struct *wq = alloc_workqueue("bhq", WQ_BH | WQ_HIGHPRI | WQ_PERCPU, 0);
	struct work_struct hog, works[5];
	int pool = pool_of(wq, 1);
	int at;

	INIT_WORK(&hog, hold_bh);
	gate_close(&bh_started);
	gate_close(&bh_go);
	queue_work_on(1, wq, &hog);
	gate_wait(&bh_started);
	queue_funcs("bbbcb", works, 1, wq);
	dump_all(show_all_workqueues);
	at = find_line("workqueue bhq");
	EXPECT_TRUE(line_is(0, "Showing busy workqueues and worker pools:"));
	EXPECT_TRUE(line_is(at, "workqueue bhq: flags=0x111"));
	EXPECT_TRUE(line_is(at + 1, "  pwq %d: cpus=1 node=0 flags=0x1 bh-hi active=6 refcnt=7",
			    pool));
	EXPECT_TRUE(line_is(at + 2, "    in-flight: bh-hi:hold_bh for 0s"));
	EXPECT_TRUE(line_is(at + 3, "    pending: 3*short_b, short_c, short_b"));
	EXPECT_TRUE(line_is(at + 4, "pool %d: cpus=1 node=0 flags=0x1 bh-hi hung=0s workers=1", pool));
	gate_open(&bh_go);
	destroy_workqueue(wq);
}

TEST(pool_line_names_the_idle_workers)
{
	struct workqueue_struct *wq = alloc_workqueue("idleq", WQ_PERCPU, 0);
	struct worker_pool *pool = wq->cpu_pwq[2]->pool;
	struct tracked run[3];
	char start[64];
	const char *idle;
	int tids[2];

	for (int i = 0; i < 3; i++)
		tracked_start(&run[i], 2, wq);
	for (int i = 0; i < 2; i++)
		blocker_release(&run[i].blocker);
	ASSERT_TRUE(COMES_TRUE(({ pool_lock(pool);
				  int nr = pool->nr_workers - pool->nr_idle;
				  bool made = pool->create == CREATE_NONE;
				  pool_unlock(pool);
				  nr == 1 && made; })));
	dump_all(show_all_workqueues);
	snprintf(start, sizeof(start), "pool %d:", pool->id);
	ASSERT_TRUE(find_line(start) > 0);
	snprintf(start, sizeof(start), "pool %d: cpus=2 node=0 flags=0x0 nice=0 hung=0s workers=%d idle: ",
		 pool->id, pool->nr_workers);
	ASSERT_TRUE(find_line(start) > 0);
	idle = lines[find_line(start)] + strlen(start);
	for (int i = 0; i < 2; i++) {
		snprintf(start, sizeof(start), "%d", GET(run[i].tid));
		tids[i] = strstr(idle, start) != NULL;
	}
	EXPECT_TRUE(tids[0] && tids[1]);
	snprintf(start, sizeof(start), "%d", GET(run[2].tid));
	EXPECT_FALSE(strstr(idle, start));
	blocker_release(&run[2].blocker);
	destroy_workqueue(wq);
}

TEST(only_freezable_queues_are_asked_for)
{
	struct workqueue_struct *plain = alloc_workqueue("plainq", WQ_UNBOUND, 0);
	struct workqueue_struct *frz = alloc_workqueue("frzq", WQ_UNBOUND | WQ_FREEZABLE, 0);
	struct tracked run[2];

	tracked_start(&run[0], WORK_CPU_UNBOUND, plain);
	tracked_start(&run[1], WORK_CPU_UNBOUND, frz);
	dump_all(show_freezable_workqueues);
	EXPECT_TRUE(line_is(0, "Showing freezable workqueues that are still busy:"));
	EXPECT_TRUE(line_is(1, "workqueue frzq: flags=0x6"));
	EXPECT_EQ(-1, find_line("workqueue plainq"));
	EXPECT_EQ(-1, find_line("pool "));
	blocker_release(&run[0].blocker);
	blocker_release(&run[1].blocker);
	destroy_workqueue(plain);
	destroy_workqueue(frz);
}

TEST(rescuer_and_its_calls_are_marked)
{
	struct workqueue_struct *wq = alloc_workqueue("rescueq", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct pool_workqueue *pwq = wq->cpu_pwq[3];
	struct work_struct waiting;
	struct tracked run;

	log_count("");
	no_threads();
	tracked_start(&run, 3, wq);
	queue_funcs("b", &waiting, 3, wq);
	/* the rescuer sleeps in the item and is called again */
	ASSERT_TRUE(COMES_TRUE(({ pool_lock(pwq->pool);
				  bool called = pwq->mayday;
				  pool_unlock(pwq->pool);
				  called; })));
	dump_one(wq);
	ASSERT_EQ(nr_lines, 4);
	EXPECT_TRUE(line_is(0, "workqueue rescueq: flags=0x108"));
	EXPECT_TRUE(line_is(1, "  pwq %d: cpus=3 node=0 flags=0x0 nice=0 active=2 refcnt=3 MAYDAY",
			    pwq->pool->id));
	EXPECT_TRUE(line_is(2, "    in-flight: %d(RESCUER):block for 0s", GET(run.tid)));
	EXPECT_TRUE(line_is(3, "    pending: short_b"));
	threads_again();
	blocker_release(&run.blocker);
	destroy_workqueue(wq);
}

/* ---- large ones ---- */

#define NR_MANY	150

TEST(every_running_item_of_many_is_shown_once)
{
	struct workqueue_struct *wq = alloc_workqueue("manyq", WQ_UNBOUND, NR_MANY);
	static struct tracked run[NR_MANY];
	int nr = 0;

	for (int i = 0; i < NR_MANY; i++)
		tracked_queue(&run[i], WORK_CPU_UNBOUND, wq);
	for (int i = 0; i < NR_MANY; i++)
		wait_for_completion(&run[i].blocker.started);
	dump_one(wq);
	for (int i = 0; i < NR_MANY; i++) {
		char word[64];

		snprintf(word, sizeof(word), "%d:block for ", GET(run[i].tid));
		for (int at = 2; at < nr_lines; at++) {
			const char *p = lines[at];

			EXPECT_EQ(0, strncmp(p, "    in-flight: ", 15));
			while ((p = strstr(p, word))) {
				nr += p[-1] == ' ' || p[-1] == ',';
				p++;
			}
		}
	}
	EXPECT_EQ(NR_MANY, nr);
	for (int i = 0; i < NR_MANY; i++)
		blocker_release(&run[i].blocker);
	destroy_workqueue(wq);
}

TEST(what_finds_no_room_is_counted)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("longq", 0);
	struct work_struct works[100];
	struct tracked run;
	char funcs[101] = "";
	unsigned long more = 0;
	int commas = 0, at;
	const char *p;

	for (int i = 0; i < 100; i++)
		funcs[i] = i & 1 ? 'c' : 'b';
	tracked_start(&run, WORK_CPU_UNBOUND, wq);
	queue_funcs(funcs, works, WORK_CPU_UNBOUND, wq);
	dump_one(wq);
	for (at = 3; at < nr_lines; at++) {
		ASSERT_EQ(0, strncmp(lines[at], "    inactive: ", 14));
		commas++;
		for (p = lines[at]; (p = strchr(p, ',')); p++)
			commas++;
	}
	p = strrchr(lines[nr_lines - 1], ',');
	ASSERT_TRUE(p && sscanf(p, ", %lu more", &more) == 1);
	/* one word is the count itself */
	EXPECT_EQ(100, commas - 1 + (int)more);
	blocker_release(&run.blocker);
	destroy_workqueue(wq);
}

TEST(seconds_of_a_run_are_told)
{
	struct workqueue_struct *wq = alloc_workqueue("slowq", WQ_PERCPU, 0);
	const char *behind;
	struct tracked run;
	int seconds = 0;

	tracked_start(&run, 0, wq);
	nap_us(1100000);
	dump_one(wq);
	ASSERT_TRUE(nr_lines > 2);
	behind = strstr(lines[2], ":block for ");
	EXPECT_TRUE(behind && sscanf(behind, ":block for %ds", &seconds) == 1);
	EXPECT_TRUE(seconds >= 1);
	blocker_release(&run.blocker);
	destroy_workqueue(wq);
}

TEST(seconds_without_progress_are_told)
{
	struct workqueue_struct *wq = alloc_workqueue("hungq", WQ_BH | WQ_PERCPU, 0);
	struct work_struct hog, waiting;
	int seconds = 0;
	char start[64];

	INIT_WORK(&hog, hold_bh);
	gate_close(&bh_started);
	gate_close(&bh_go);
	queue_work_on(1, wq, &hog);
	gate_wait(&bh_started);
	queue_funcs("b", &waiting, 1, wq);
	snprintf(start, sizeof(start), "pool %d: cpus=1 node=0 flags=0x1 bh hung=",
		 pool_of(wq, 1));
	/* the watchdog has to look once */
	for (int i = 0; !seconds && i < 100; i++) {
		nap_us(100000);
		dump_all(show_all_workqueues);
		ASSERT_TRUE(find_line(start) > 0);
		sscanf(lines[find_line(start)] + strlen(start), "%ds", &seconds);
	}
	EXPECT_TRUE(seconds >= 1);
	gate_open(&bh_go);
	destroy_workqueue(wq);
}

/* ---- in the middle of things ---- */

static struct {
	struct workqueue_struct *wq;
	struct counter counter;
	int lines;		/* atomic */
	bool nested;
} busy_sink;

static void queueing_sink(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)text;
	(void)len;
	(void)arg;
	ADD(busy_sink.lines, 1);
	/* both want the lock of the pool that is being shown */
	queue_work_on(0, busy_sink.wq, &busy_sink.counter.work);
	workqueue_congested(0, busy_sink.wq);
	if (!busy_sink.nested) {
		busy_sink.nested = true;
		show_all_workqueues();
	}
}

/* B18: the log's own sink queues on what is being shown, and looks at it. */
TEST(sink_may_queue_work_during_the_dump)
{
	struct workqueue_struct *wq = alloc_workqueue("sinkq", WQ_PERCPU, 0);
	struct tracked run[3];

	busy_sink.wq = wq;
	counter_init(&busy_sink.counter);
	for (int i = 0; i < 3; i++)
		tracked_start(&run[i], 0, wq);
	uwq_set_log_sink(queueing_sink, NULL);
	show_all_workqueues();
	show_one_workqueue(wq);
	uwq_set_log_sink(NULL, NULL);
	EXPECT_TRUE(GET(busy_sink.lines) >= 6);
	for (int i = 0; i < 3; i++)
		blocker_release(&run[i].blocker);
	flush_workqueue(wq);
	EXPECT_TRUE(GET(busy_sink.counter.runs) >= 1);
	destroy_workqueue(wq);
}

static bool churn_over;

static void *churn(void *arg)
{
	for (int i = 0; i < ROUNDS(600); i++) {
		struct workqueue_struct *wq = i & 1 ? alloc_ordered_workqueue("churn%d", 0, i) :
						      alloc_workqueue("churn%d", WQ_PERCPU, 1, i);
		struct work_struct works[8];

		for (int k = 0; k < 8; k++) {
			INIT_WORK(&works[k], k & 1 ? short_b : short_c);
			queue_work_on(k % 4, wq, &works[k]);
		}
		flush_work(&works[5]);
		destroy_workqueue(wq);
	}
	(void)arg;
	return NULL;
}

static void count_line(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)len;
	(void)arg;
	ADD(busy_sink.lines, strstr(text, "churn") != NULL);
}

static void *dump_for_ever(void *arg)
{
	(void)arg;
	while (!GET(churn_over)) {
		show_all_workqueues();
		show_freezable_workqueues();
	}
	return NULL;
}

/* C29: what is looked at may be going. */
TEST(queues_come_and_go_during_dumps)
{
	pthread_t dumpers[2];

	SET(churn_over, false);
	SET(busy_sink.lines, 0);
	uwq_set_log_sink(count_line, NULL);
	for (int i = 0; i < 2; i++)
		dumpers[i] = start_thread(dump_for_ever, NULL);
	run_threads(2, churn, NULL);
	SET(churn_over, true);
	for (int i = 0; i < 2; i++)
		pthread_join(dumpers[i], NULL);
	uwq_set_log_sink(NULL, NULL);
	EXPECT_TRUE(GET(busy_sink.lines) > 0);
}

TEST_HARNESS_MAIN_CPUS(4)
