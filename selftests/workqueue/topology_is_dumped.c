// SPDX-License-Identifier: MIT
/*
 * topology_is_dumped.c - C140: the sections of wq_dump
 *
 * Four virtual CPUs; which pods they form depends on the machine, so the pods of the
 * scopes that do not, the pools of per-CPU queues, a strict one, a rescuer, and limits
 * are looked for to the letter.
 */
#include "wq_test.h"

#include <linux/slab.h>
#include <linux/string.h>

#include <uwq/stats.h>

static char lines[200][200];
static int nr_lines;

static void keep_line(const char *text, void *arg)
{
	(void)arg;
	if (nr_lines < 200)
		strscpy(lines[nr_lines++], text, sizeof(lines[0]));
}

/* The line after number @after that begins so; -1: there is none. */
static int find_line(int after, const char *start)
{
	for (int i = after + 1; i < nr_lines; i++)
		if (!strncmp(lines[i], start, strlen(start)))
			return i;
	return -1;
}

TEST(sections_say_what_belongs_together)
{
	struct workqueue_struct *wq = alloc_workqueue("dumpedq", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct workqueue_struct *ordered = alloc_ordered_workqueue("orderedq", 0);
	struct workqueue_struct *strict = alloc_workqueue("strictq", WQ_UNBOUND, 100);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct blocker run;
	char want[100];
	int at;

	attrs->affn_strict = true;
	attrs->affn_scope = WQ_AFFN_CPU;
	attrs->nice = 3;
	ASSERT_EQ(0, apply_workqueue_attrs(strict, attrs));
	blocker_start(&run, ordered);
	EXPECT_TRUE(uwq_wq_dump(keep_line, NULL) > 40);

	EXPECT_STREQ("Affinity Scopes", lines[0]);
	EXPECT_STREQ("===============", lines[1]);
	EXPECT_STREQ("wq_unbound_cpumask=f", lines[2]);
	at = find_line(0, "CPU");
	EXPECT_STREQ("  nr_pods  4", lines[at + 1]);
	EXPECT_STREQ("  pod_cpus [0]=1 [1]=2 [2]=4 [3]=8", lines[at + 2]);
	EXPECT_STREQ("  cpu_pod  [0]=0 [1]=1 [2]=2 [3]=3", lines[at + 4]);
	EXPECT_TRUE(find_line(at, "CACHE_SHARD (default)") > 0);
	at = find_line(at, "SYSTEM");
	EXPECT_STREQ("  nr_pods  1", lines[at + 1]);
	EXPECT_STREQ("  pod_cpus [0]=f", lines[at + 2]);

	at = find_line(at, "Worker Pools");
	EXPECT_TRUE(at > 0);
	EXPECT_EQ(0, strncmp(lines[at + 2], "pool[00] ref=", 13));
	EXPECT_TRUE(strstr(lines[at + 2], " nice=  0 idle/workers=") &&
		    strstr(lines[at + 2], " cpu=  0"));
	snprintf(want, sizeof(want), "pool[%02d] ref=", strict->cpu_pwq[2]->pool->id);
	EXPECT_TRUE(strstr(lines[find_line(at, want)], " nice=  3 ") &&
		    strstr(lines[find_line(at, want)], "pod_cpus=4 strict"));

	at = find_line(at, "Workqueue CPU -> pool");
	EXPECT_STREQ("[workqueue     \\         type  CPU   0   1   2   3 dfl]", lines[at + 2]);
	snprintf(want, sizeof(want), "dumpedq                  percpu    %3d %3d %3d %3d",
		 wq->cpu_pwq[0]->pool->id, wq->cpu_pwq[1]->pool->id, wq->cpu_pwq[2]->pool->id,
		 wq->cpu_pwq[3]->pool->id);
	EXPECT_STREQ(want, lines[find_line(at, "dumpedq")]);
	EXPECT_TRUE(find_line(at, "orderedq                 ordered   ") > 0);
	EXPECT_TRUE(find_line(at, "strictq                  unbound,S ") > 0);

	at = find_line(at, "Workqueue -> rescuer");
	EXPECT_TRUE(find_line(at, "dumpedq                             - ") > 0);
	at = find_line(at, "Unbound workqueue -> node_nr/max_active");
	EXPECT_EQ(0, strncmp(lines[find_line(at, "orderedq")], "orderedq                    1    1", 34));
	EXPECT_TRUE(strstr(lines[find_line(at, "orderedq")], "    1/   1"));
	EXPECT_EQ(0, strncmp(lines[find_line(at, "strictq")], "strictq                     8  100", 34));
	blocker_release(&run);
	free_workqueue_attrs(attrs);
	destroy_workqueue(wq);
	destroy_workqueue(ordered);
	destroy_workqueue(strict);
}

TEST(without_memory_nothing_is_said)
{
	uwq_wq_dump(keep_line, NULL);
	nr_lines = 0;
	log_count("");
	uwq_test_fail_alloc(1, -1);
	EXPECT_EQ(-ENOMEM, uwq_wq_dump(keep_line, NULL));
	uwq_test_fail_alloc(0, 0);
	EXPECT_EQ(0, nr_lines);
}

TEST(without_a_function_the_log_gets_the_lines)
{
	long nr = uwq_wq_dump(keep_line, NULL);

	log_count("");
	EXPECT_EQ(nr, uwq_wq_dump(NULL, NULL));
	EXPECT_EQ(nr, (long)GET(log_hits));
}

TEST_HARNESS_MAIN_CPUS(4)
