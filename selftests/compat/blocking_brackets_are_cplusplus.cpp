// SPDX-License-Identifier: MIT
/*
 * The public brackets of U1 can be used by C++, next to libc's headers; the one for a scope
 * also ends when an exception leaves it. A bracket without an end would be told by the
 * depth that the next one finds.
 */
#include <uwq/blocking.h>
#include <uwq/thread_state.h>

#include <cstdio>
#include <unistd.h>

static unsigned int inside;

static void throws_out_of_a_bracket()
{
	uwq_blocking_scope();
	inside = uwq_thread.in_block;
	throw 1;
}

int main()
{
	bool ok = true;

	std::printf("TAP version 13\n1..2\n");
	uwq_blocking_begin();
	ok = uwq_thread.in_block == 1;
	usleep(1);
	uwq_blocking_end();
	ok = ok && uwq_thread.in_block == 0;
	std::printf("%s 1 a pair of calls\n", ok ? "ok" : "not ok");
	try {
		throws_out_of_a_bracket();
		ok = false;
	} catch (int) {
		ok = ok && inside == 1 && uwq_thread.in_block == 0;
	}
	std::printf("%s 2 an exception closes the scope\n", ok ? "ok" : "not ok");
	return ok ? 0 : 1;
}
