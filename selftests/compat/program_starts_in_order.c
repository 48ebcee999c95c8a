// SPDX-License-Identifier: MIT
/*
 * Kernel code inside a program: its parameters have their values from
 * UWQ_CMDLINE before main(), and nothing else starts by itself; initcalls run by
 * level when asked, exit functions backwards.
 */
#define KBUILD_MODNAME	"prog"
#include "../kselftest_harness.h"

#include <stdlib.h>

#include <linux/moduleparam.h>
#include <uwq/uwq.h>

static int number = 1;
module_param(number, int, 0444);
static char *text = "none";
module_param(text, charp, 0444);
static int bare;
core_param(bare_number, bare, int, 0444);
static int early_number;

__attribute__((constructor)) static void look_early(void)
{
	early_number = number;
}

static char order[16];

static void note(char c)
{
	size_t len = strlen(order);

	order[len] = c;
}

static int first_late(void) { note('l'); return 0; }
late_initcall(first_late);
static int device(void) { note('d'); return -ENODEV; }
module_init(device)
static int core(void) { note('c'); return 0; }
core_initcall(core);
static int core_sync(void) { note('s'); return 0; }
core_initcall_sync(core_sync);
static int early(void) { note('e'); return 0; }
early_initcall(early);
static void exit_one(void) { note('1'); }
module_exit(exit_one);
static void exit_two(void) { note('2'); }
__exitcall(exit_two);

TEST(parameters_come_from_the_command_line)
{
	EXPECT_EQ(42, number);
	EXPECT_EQ(42, early_number);
	EXPECT_STREQ("two words", text);
	EXPECT_EQ(9, bare);
}

TEST(initcalls_run_by_level_and_only_when_asked)
{
	EXPECT_STREQ("", order);
	EXPECT_EQ(-ENODEV, uwq_run_initcalls());
	EXPECT_STREQ("ecsdl", order);
	memset(order, 0, sizeof(order));
	uwq_run_exitcalls();
	EXPECT_STREQ("21", order);
}

/* The words have to be there before the program starts: it starts itself again */
__attribute__((constructor(101))) static void with_cmdline(int argc, char **argv)
{
	(void)argc;
	if (getenv("UWQ_CMDLINE"))
		return;
	setenv("UWQ_CMDLINE",
	       "prog.number=42 prog.text=\"two words\" bare_number=9 prog.no_such=1", 1);
	execv("/proc/self/exe", argv);
}

TEST_HARNESS_MAIN
